"""The options of a tracing, declared once for panel, command line and task."""

from __future__ import annotations

from DeepMedLib.options import DEVICE, Option

FACING = Option("facing", "auto", "Where the face looks.", choices=("auto", "right", "left"), label="Face looks")
OPTIONS = (FACING, DEVICE)
