"""Line plots and maps as pixels, for the picture of a panel and of files: axes, curves, bands, marks (Pillow)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from DeepMedLib.report.charts import nice_ticks, tick_text

RGB = tuple[int, int, int]
INK: RGB = (34, 40, 49)
SOFT: RGB = (120, 130, 142)
HAIRLINE: RGB = (226, 230, 235)
TRACE: RGB = (60, 72, 88)
COLORS: tuple[RGB, ...] = ((11, 99, 112), (191, 56, 43), (122, 84, 160), (180, 120, 10), (46, 125, 50), (90, 90, 90))
_MAP = np.array([(255, 255, 255), (204, 229, 226), (110, 181, 184), (11, 99, 112), (8, 48, 66)], float)
_OVER = 2  # drawn so many times larger, then brought down: smooth lines


@dataclass(frozen=True)
class Box:
    """Where a plot's axes stand, in pixels, and what they span."""

    left: int
    top: int
    width: int
    height: int
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point of the plot."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height


class Canvas:
    """A white picture of width x height pixels to draw plots on."""

    def __init__(self, width: int, height: int) -> None:
        from PIL import Image, ImageDraw

        self.width, self.height = width, height
        self._picture = Image.new("RGB", (_OVER * width, _OVER * height), (255, 255, 255))
        self._draw = ImageDraw.Draw(self._picture)

    def pixels(self) -> np.ndarray:
        """(height, width, 3) uint8."""
        from PIL import Image

        return np.asarray(self._picture.resize((self.width, self.height), Image.Resampling.LANCZOS))

    def text(self, x: float, y: float, text: str, size: int, color: RGB = SOFT, anchor: str = "la") -> None:
        """A line of text; ``anchor`` as Pillow has it: l, m, r across; a (top), m, s (base line) up."""
        plain = text.replace("\u2212", "-")  # Pillow's own font has no minus sign
        self._draw.text((_OVER * x, _OVER * y), plain, fill=color, font=self._font(size), anchor=anchor)

    def curve(self, points: Sequence[tuple[float, float]], color: RGB, width: float = 1.2) -> None:
        """A line through pixels."""
        self._draw.line([(_OVER * x, _OVER * y) for x, y in points], fill=color, width=max(round(_OVER * width), 1))

    def area(self, points: Sequence[tuple[float, float]], color: RGB) -> None:
        """A filled polygon."""
        self._draw.polygon([(_OVER * x, _OVER * y) for x, y in points], fill=color)

    def dot(self, x: float, y: float, radius: float, color: RGB) -> None:
        """A filled circle."""
        x, y, radius = _OVER * x, _OVER * y, _OVER * radius
        self._draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=color)

    def axes(self, box: Box, title: str, x_label: str, y_label: str, size: int, color: RGB = INK) -> None:
        """Title, ticks and labels of a plot."""
        self.text(box.left, box.top - size * 0.5, title, size, color, "ls")
        ticks = nice_ticks(*box.y, 3)
        for tick in ticks:
            _, y = box.at(box.x[0], tick)
            self.curve([(box.left, y), (box.left + box.width, y)], HAIRLINE, 0.8)
            self.text(box.left - 4, y, tick_text(tick, ticks), size - 2, SOFT, "rm")
        base = box.top + box.height
        self.curve([(box.left, base), (box.left + box.width, base)], SOFT, 0.8)
        ticks = nice_ticks(*box.x, max(box.width // 70, 2))
        for tick in ticks:
            x, _ = box.at(tick, box.y[0])
            self.text(x, base + 3, tick_text(tick, ticks), size - 2, SOFT, "ma")
        self.text(box.left + box.width / 2, base + 4 + size, x_label, size - 2, SOFT, "ma")
        self.text(box.left, box.top + 1, y_label, size - 2, SOFT, "la")

    def map(self, box: Box, values: np.ndarray) -> None:
        """An image of values 0 to 1 in a box; the first row is the lowest."""
        from PIL import Image

        place = np.clip(values[::-1], 0, 1) * (len(_MAP) - 1)
        below = np.minimum(place.astype(int), len(_MAP) - 2)
        colors = _MAP[below] + (place - below)[..., None] * (_MAP[below + 1] - _MAP[below])
        image = Image.fromarray(colors.astype(np.uint8)).resize(
            (_OVER * box.width, _OVER * box.height), Image.Resampling.BICUBIC
        )
        self._picture.paste(image, (_OVER * box.left, _OVER * box.top))

    def _font(self, size: int) -> Any:
        from PIL import ImageFont

        return ImageFont.load_default(_OVER * size)


def span(values: np.ndarray, margin: float = 0.08) -> tuple[float, float]:
    """The range of finite values with a margin, never empty."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    pad = margin * (high - low) or max(abs(low), 1.0)
    return low - pad, high + pad
