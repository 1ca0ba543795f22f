"""The traced film as an RGB array: outlines, landmarks with their 95 % ellipses, and names (Pillow)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from CephSketcherLib.comparison.comparison import Comparison
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint
from CephSketcherLib.outlines.curve_handles import smooth_curve
from CephSketcherLib.outlines.outline_solver import Outline
from CephSketcherLib.tracing.result import CephResult

RGB = tuple[int, int, int]
SURE: RGB = (250, 219, 89)
CHECK: RGB = (255, 92, 51)
HAND: RGB = (255, 255, 255)
DERIVED: RGB = (140, 199, 255)
OUTLINES: dict[str, RGB] = {
    "soft_tissue_profile": (250, 186, 140),
    "mandible": (89, 217, 242),
    "maxilla": (115, 242, 158),
    "cranial_base": (191, 173, 255),
    "frontonasal": (191, 173, 255),
    "orbit": (140, 199, 255),
    "porion_condyle": (242, 158, 217),
}
TEETH: RGB = (255, 247, 209)
EARLIER: RGB = (120, 214, 255)
LATER: RGB = (255, 110, 170)
_OVERSAMPLING = 2
_LONGEST = 2400
_Z95 = math.sqrt(5.991)  # 95 % of a plane normal distribution


def ceph_overlay(picture: np.ndarray, result: CephResult, largest: int = _LONGEST) -> np.ndarray:
    """(H, W, 3) uint8: the grey film (H, W) uint8 with the tracing on it, no side longer than ``largest`` pixels.

    Landmarks to be checked first are orange with a question mark, those placed by hand white.
    """
    from PIL import Image, ImageDraw, ImageFont

    base, shrink = _base(picture, largest)
    size = base.size
    if not result.landmarks.points:
        return np.asarray(base)
    n = _OVERSAMPLING * shrink
    layer = Image.new("RGBA", (size[0] * _OVERSAMPLING, size[1] * _OVERSAMPLING), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    unit = max(1.0, 0.0016 * max(size)) * _OVERSAMPLING
    for outline in result.outlines.values():
        draw_outline(draw, outline, n, unit, OUTLINES.get(outline.name, TEETH))
    for point in result.points:
        _point(draw, point, n, unit, point.symbol in result.landmarks)
    layer = layer.resize(size, Image.Resampling.BOX)
    base.paste(layer, (0, 0), layer)
    font = ImageFont.load_default(size=max(11, round(0.0135 * max(size))))
    labels = ImageDraw.Draw(base)
    for point in result.points:
        text = point.symbol + ("?" if point.flagged else "")
        at = _label_place(point, result, shrink, labels.textlength(text, font=font), font.size)
        color = _color(point, point.symbol in result.landmarks)
        labels.text(at, text, fill=color, font=font, stroke_width=2, stroke_fill=(0, 0, 0))
    return np.asarray(base)


def comparison_overlay(picture: np.ndarray, earlier: CephResult, comparison: Comparison) -> np.ndarray:
    """(H, W, 3) uint8: the earlier film (H, W) with its own tracing in blue and the later one in pink."""
    from PIL import Image, ImageDraw

    base, shrink = _base(picture)
    layer = Image.new("RGBA", (base.width * _OVERSAMPLING, base.height * _OVERSAMPLING), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    unit = max(1.0, 0.0016 * max(base.size)) * _OVERSAMPLING
    n = _OVERSAMPLING * shrink
    for outlines, points, color in (
        (earlier.outlines, earlier.landmarks, EARLIER),
        (comparison.outlines, comparison.points, LATER),
    ):
        for outline in outlines.values():
            draw_outline(draw, outline, n, unit, color)
        for point in points:
            if point.symbol in earlier.landmarks:
                x, y, r = (point.x + 0.5) * n, (point.y + 0.5) * n, 2.0 * unit
                draw.ellipse([x - r, y - r, x + r, y + r], fill=(*color, 255))
    layer = layer.resize(base.size, Image.Resampling.BOX)
    base.paste(layer, (0, 0), layer)
    return np.asarray(base)


def _base(picture: np.ndarray, largest: int = _LONGEST) -> tuple[Any, float]:
    """The film as an RGB picture no larger than needed, and its pixels per film pixel."""
    from PIL import Image

    height, width = picture.shape
    shrink = min(1.0, largest / max(height, width))
    base = Image.fromarray(picture).convert("RGB")
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        base = base.resize(size, Image.Resampling.BOX)
    return base, shrink


def draw_outline(draw: Any, outline: Outline, n: float, unit: float, color: RGB) -> None:
    """One outline on an enlarged layer.

    Args:
        n: layer pixels per film pixel.
        unit: width of a fine line, in layer pixels.
    """
    smooth = smooth_curve(np.asarray(outline.points, float), outline.closed)
    points = [((x + 0.5) * n, (y + 0.5) * n) for x, y in smooth]
    draw.line(points, fill=(*color, 235), width=max(1, round(1.5 * unit)), joint="curve")


def _color(point: LandmarkPoint, is_landmark: bool) -> RGB:
    if point.edited:
        return HAND
    if point.flagged:
        return CHECK
    return SURE if is_landmark else DERIVED


def _point(draw: Any, point: LandmarkPoint, n: float, unit: float, is_landmark: bool) -> None:
    x, y = (point.x + 0.5) * n, (point.y + 0.5) * n
    color = _color(point, is_landmark)
    if point.covariance is not None:
        ring = [(x + u * n, y + v * n) for u, v in ellipse_95(np.array(point.covariance))]
        draw.line([*ring, ring[0]], fill=(*color, 130), width=max(1, round(0.7 * unit)))
    r = (2.4 if is_landmark else 1.8) * unit
    draw.ellipse(
        [x - r, y - r, x + r, y + r], fill=(*color, 255), outline=(0, 0, 0, 255), width=max(1, round(unit / 2))
    )


def ellipse_95(covariance: np.ndarray, points: int = 48) -> np.ndarray:
    """(points, 2): border of the region that holds the true place with 95 %, about the origin."""
    values, vectors = np.linalg.eigh(covariance)
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return _Z95 * (np.column_stack([np.cos(t), np.sin(t)]) * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _label_place(
    point: LandmarkPoint, result: CephResult, shrink: float, text_width: float, text_height: float
) -> tuple[float, float]:
    """The side of the point where its name is farthest from the other points, inside the film."""
    x, y = (point.x + 0.5) * shrink, (point.y + 0.5) * shrink
    others = [q.xy * shrink for q in result.points if q.symbol != point.symbol]
    gap = 0.6 * text_height
    best, best_room = (x + gap, y - text_height / 2), -1.0
    for dx, dy in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1)):
        cx = x + dx * (gap + text_width / 2)
        cy = y + dy * (gap + text_height / 2)
        inside = text_width / 2 < cx < result.width * shrink - text_width / 2
        inside = inside and text_height / 2 < cy < result.height * shrink - text_height / 2
        room = min((float(np.hypot(cx - q[0], cy - q[1])) for q in others), default=1e9)
        room = min(room, 4 * text_height) + (0.2 * text_height if dx else 0.0)
        if inside and room > best_room:
            best, best_room = (cx - text_width / 2, cy - text_height / 2), room
    return best
