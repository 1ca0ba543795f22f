"""The measured picture as an RGB array: outline, axes and end marks drawn with anti-aliasing (Pillow)."""

from __future__ import annotations

import numpy as np

from .head_result import HeadResult

OUTLINE, OFD_COLOR, BPD_COLOR = (64, 217, 242), (255, 199, 46), (255, 122, 89)
_OVERSAMPLING = 3


def head_overlay(picture: np.ndarray, result: HeadResult) -> np.ndarray:
    """(H, W, 3) uint8: the grey picture (H, W) with the head drawn on it.

    An abstained head is drawn dashed, so that nobody takes a doubtful outline for a measured one.
    """
    from PIL import Image, ImageDraw, ImageFont

    height, width = picture.shape[:2]
    base = Image.fromarray(picture).convert("RGB")
    outline = result.outline_px(240)
    if outline is None or result.ofd_px is None or result.bpd_px is None:
        return np.asarray(base)
    n = _OVERSAMPLING
    layer = Image.new("RGBA", (width * n, height * n), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    thickness = max(2, round(0.0032 * width * n))

    def at(point: np.ndarray) -> tuple[float, float]:
        return float((point[0] + 0.5) * n), float((point[1] + 0.5) * n)

    closed = np.vstack([outline, outline[:1]])
    for i in range(len(closed) - 1):
        if result.vouched or i % 8 < 4:
            draw.line([at(closed[i]), at(closed[i + 1])], fill=(*OUTLINE, 255), width=thickness)
    if result.vouched:
        for line, color in ((result.ofd_px, OFD_COLOR), (result.bpd_px, BPD_COLOR)):
            _caliper(draw, at(line[0]), at(line[1]), color, thickness)
    layer = layer.resize((width, height), Image.Resampling.BOX)
    base.paste(layer, (0, 0), layer)
    if result.vouched:
        font = ImageFont.load_default(size=max(12, round(0.022 * width)))
        labels = ImageDraw.Draw(base)
        for name, line, color in (("OFD", result.ofd_px, OFD_COLOR), ("BPD", result.bpd_px, BPD_COLOR)):
            end = line[int(np.argmax(line[:, 0]))] if name == "OFD" else line[int(np.argmin(line[:, 1]))]
            x, y = end[0] + 0.012 * width, end[1] - 0.03 * width
            x = min(max(x, 2), width * 0.93)
            labels.text((x, min(max(y, 2), height * 0.93)), name, fill=color, font=font, stroke_width=2, stroke_fill=0)
    return np.asarray(base)


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
