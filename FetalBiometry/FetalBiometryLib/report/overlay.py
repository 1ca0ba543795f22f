"""The measured picture as an RGB array: outlines, lines and end marks drawn with anti-aliasing (Pillow)."""

from __future__ import annotations

import numpy as np

from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.planes.shapes import AXIS, HEART, MIDLINE, SHAPES, THORAX

OUTLINE_COLORS = {HEART: (255, 122, 140), THORAX: (64, 217, 242)}
OUTLINE = (64, 217, 242)
FIRST, SECOND = (255, 199, 46), (255, 122, 89)
LINE_COLORS = {AXIS: FIRST, MIDLINE: (180, 200, 220)}
_OVERSAMPLING = 3


def line_color(plane: str, name: str) -> tuple[int, int, int]:
    """Color of a line, the same in the scene: the second axis of an ellipse is orange, the others are yellow."""
    if name in LINE_COLORS:
        return LINE_COLORS[name]
    for outline in SHAPES[plane].outlines:
        if name in outline.axes and not outline.axes_are_measures:
            return OUTLINE_COLORS.get(outline.name, OUTLINE)
        if name == outline.axes[1]:
            return SECOND
    return FIRST


def names_shown(plane: str) -> dict[str, str]:
    """The name written beside each line; the axes of heart and thorax stand for their ellipse."""
    shown = {}
    shape = SHAPES[plane]
    for outline in shape.outlines:
        if outline.axes_are_measures:
            shown.update({axis: axis for axis in outline.axes})
        else:
            shown[outline.axes[0]] = outline.name
    return shown | {name: "Axis" if name == AXIS else name for name in (*shape.angle, *shape.lines)}


def result_overlay(picture: np.ndarray, result: PictureResult) -> np.ndarray:
    """(H, W, 3) uint8: the grey picture (H, W) with the result drawn on it.

    What the model does not vouch for is drawn dashed and without calipers, so that nobody takes a doubtful outline for
    a measured one.
    """
    from PIL import Image, ImageDraw, ImageFont

    height, width = picture.shape[:2]
    base = Image.fromarray(picture).convert("RGB")
    lines = result.lines()
    if not lines:
        return np.asarray(base)
    n = _OVERSAMPLING
    layer = Image.new("RGBA", (width * n, height * n), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    thickness = max(2, round(0.0032 * width * n))

    def at(point: np.ndarray) -> tuple[float, float]:
        return float((point[0] + 0.5) * n), float((point[1] + 0.5) * n)

    for name, outline in result.outlines(240).items():
        color = (*OUTLINE_COLORS.get(name, OUTLINE), 255)
        closed = np.vstack([outline, outline[:1]])
        for i in range(len(closed) - 1):
            if result.vouched or i % 8 < 4:
                draw.line([at(closed[i]), at(closed[i + 1])], fill=color, width=thickness)
    hidden = _drawn_by_outline(result.plane)
    calipers = {name: ends for name, ends in lines.items() if name not in hidden}
    for name, ends in calipers.items():
        if result.vouched:
            _caliper(draw, at(ends[0]), at(ends[1]), line_color(result.plane, name), thickness)
        elif not result.outlines():
            _dashed(draw, at(ends[0]), at(ends[1]), line_color(result.plane, name), thickness)
    layer = layer.resize((width, height), Image.Resampling.BOX)
    base.paste(layer, (0, 0), layer)
    if result.vouched:
        font = ImageFont.load_default(size=max(12, round(0.022 * width)))
        labels = ImageDraw.Draw(base)
        shown = names_shown(result.plane)
        for name, ends in calipers.items():
            _label(labels, shown.get(name, ""), ends, line_color(result.plane, name), font, (width, height))
    return np.asarray(base)


def _drawn_by_outline(plane: str) -> set[str]:
    """Axes that are handles only: the ellipse itself shows the measure."""
    return {axis for outline in SHAPES[plane].outlines if not outline.axes_are_measures for axis in outline.axes}


def _label(labels, name, ends, color, font, size) -> None:  # type: ignore[no-untyped-def]
    """The name at the right end of a flat line, at the upper end of a steep one."""
    width, height = size
    d = np.abs(ends[1] - ends[0])
    end = ends[int(np.argmax(ends[:, 0]))] if d[0] >= d[1] else ends[int(np.argmin(ends[:, 1]))]
    x, y = end[0] + 0.012 * width, end[1] - 0.03 * width
    x = min(max(x, 2), width * 0.93)
    labels.text((x, min(max(y, 2), height * 0.93)), name, fill=color, font=font, stroke_width=2, stroke_fill=0)


def _caliper(draw, p: tuple[float, float], q: tuple[float, float], color: tuple[int, int, int], width: int) -> None:  # type: ignore[no-untyped-def]
    """A thin dotted line with a cross at each end, as on a scanner's screen."""
    p_, q_ = np.array(p), np.array(q)
    steps = max(2, int(np.hypot(*(q_ - p_)) / (5 * width)))
    for i in range(steps + 1):
        x, y = p_ + (q_ - p_) * i / steps
        r = 0.6 * width
        draw.ellipse([x - r, y - r, x + r, y + r], fill=(*color, 255))
    arm = 4.5 * width
    for x, y in (p_, q_):
        draw.line([(x - arm, y), (x + arm, y)], fill=(*color, 255), width=width)
        draw.line([(x, y - arm), (x, y + arm)], fill=(*color, 255), width=width)


def _dashed(draw, p: tuple[float, float], q: tuple[float, float], color: tuple[int, int, int], width: int) -> None:  # type: ignore[no-untyped-def]
    """A dashed line without marks: a proposal that nobody vouches for."""
    p_, q_ = np.array(p), np.array(q)
    count = max(2, int(np.hypot(*(q_ - p_)) / (12 * width)))
    for i in range(count):
        a, b = p_ + (q_ - p_) * i / count, p_ + (q_ - p_) * (i + 0.5) / count
        draw.line([tuple(a), tuple(b)], fill=(*color, 255), width=width)
