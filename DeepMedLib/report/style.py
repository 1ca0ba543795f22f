"""Colors of the page, shared by HTML, SVG and PDF."""

from __future__ import annotations

INK = "#17222b"
SOFT = "#5a6873"
HAIRLINE = "#d6dde2"
PALE = "#f3f6f7"
ACCENT = "#0b6470"
BAND = "#cfe3e4"
MEASURED = "#c2410c"
WARNING_INK = "#6b4300"
WARNING_FILL = "#fff5dc"
WARNING_EDGE = "#e0a526"
