"""Line charts as a few shapes that SVG and PDF draw alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from DeepMedLib.report import style
from DeepMedLib.report.model import Chart


@dataclass(frozen=True)
class Line:
    """A polyline or, when filled, a polygon; coordinates in points from the upper left corner."""

    points: tuple[tuple[float, float], ...]
    stroke: str = ""
    fill: str = ""
    width: float = 0.8
    dashed: bool = False


@dataclass(frozen=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str


@dataclass(frozen=True)
class Text:
    """A line of text; ``anchor`` start, middle or end; ``upright`` text is turned to read from below."""

    x: float
    y: float
    text: str
    size: float
    anchor: str = "start"
    color: str = style.SOFT
    bold: bool = False
    upright: bool = False


Shape = Line | Dot | Text


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers (1, 2, 2.5 or 5 times a power of ten) inside a range."""
    if not high > low:
        return [low]
    raw = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def tick_text(value: float, ticks: list[float]) -> str:
    """A tick's number with just the decimals its step needs."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    digits = 0
    while digits < 6 and abs(round(step, digits) - step) > 1e-9 * abs(step):
        digits += 1
    return f"{value:.{digits}f}".replace("-", "\u2212")


def _ranges(chart: Chart) -> tuple[float, float, float, float]:
    xs = [x for line in chart.series for x in line.x] + [x for band in chart.bands for x in band.x]
    ys = [y for line in chart.series for y in line.y]
    ys += [y for band in chart.bands for values in (band.low, band.high) for y in values]
    for point in chart.points:
        spread_x, spread_y = 1.96 * (point.sd_x or 0), 1.96 * (point.sd_y or 0)
        xs += [point.x - spread_x, point.x + spread_x]
        ys += [point.y - spread_y, point.y + spread_y]
    if not all(map(math.isfinite, xs + ys)):
        raise ValueError(f"chart {chart.title!r} holds values that are not finite")
    low_x, high_x, low_y, high_y = min(xs), max(xs), min(ys), max(ys)
    pad_x = 0.0 if high_x > low_x else max(abs(low_x) * 0.1, 1.0)
    pad_y = 0.04 * (high_y - low_y) if high_y > low_y else max(abs(low_y) * 0.1, 1.0)
    return low_x - pad_x, high_x + pad_x, low_y - pad_y, high_y + pad_y


def _spread_apart(positions: list[float], gap: float) -> list[float]:
    """Label heights moved so that neighbors keep a gap, in the given order."""
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    moved = list(positions)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    overshoot = (sum(moved) - sum(positions)) / len(positions) if positions else 0.0
    return [value - overshoot for value in moved]


def chart_shapes(chart: Chart, width: float, height: float, size: float = 6.6) -> list[Shape]:
    """The chart as shapes in a box of width x height points; ``size`` is the text's."""
    low_x, high_x, low_y, high_y = _ranges(chart)
    labels = [(line.label, line.y[-1]) for line in chart.series if line.label]
    labels += [(band.label, (band.low[-1] + band.high[-1]) / 2) for band in chart.bands if band.label]
    ticks_x, ticks_y = nice_ticks(low_x, high_x, 6), nice_ticks(low_y, high_y, 5)
    digits = max(len(tick_text(tick, ticks_y)) for tick in ticks_y)
    left = size * (0.62 * digits + 2.4)
    right = size * (0.8 + 0.58 * max((len(text) for text, _ in labels), default=0))
    top, bottom = size * 2.6, size * 3.1
    box_w, box_h = width - left - right, height - top - bottom

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (x - low_x) / (high_x - low_x) * box_w, top + (high_y - y) / (high_y - low_y) * box_h

    title_size = min(size * 1.2, width / (0.68 * max(len(chart.title), 1)))
    shapes: list[Shape] = [Text(0, size * 1.15, chart.title, title_size, color=style.INK, bold=True)]
    for band in chart.bands:
        outline = [at(x, y) for x, y in zip(band.x, band.high, strict=True)]
        outline += [at(x, y) for x, y in reversed(list(zip(band.x, band.low, strict=True)))]
        shapes.append(Line(tuple(outline), fill=style.BAND))
    for tick in ticks_y:
        _, y = at(low_x, tick)
        shapes.append(Line(((left, y), (left + box_w, y)), style.HAIRLINE, width=0.4))
        shapes.append(Text(left - size * 0.5, y + size * 0.35, tick_text(tick, ticks_y), size, "end"))
    base = top + box_h
    shapes.append(Line(((left, base), (left + box_w, base)), style.SOFT, width=0.6))
    for tick in ticks_x:
        x, _ = at(tick, low_y)
        shapes.append(Line(((x, base), (x, base + 2.2)), style.SOFT, width=0.6))
        shapes.append(Text(x, base + 2.2 + size, tick_text(tick, ticks_x), size, "middle"))
    shapes.append(Text(left + box_w / 2, height - size * 0.25, chart.x_label, size, "middle"))
    shapes.append(Text(size * 0.95, top + box_h / 2, chart.y_label, size, "middle", upright=True))
    for line in chart.series:
        points = tuple(at(x, y) for x, y in zip(line.x, line.y, strict=True))
        shapes.append(Line(points, style.ACCENT, width=0.7 if line.dashed else 1.1, dashed=line.dashed))
    heights = _spread_apart([at(low_x, y)[1] for _, y in labels], size * 1.1)
    for (text, _), y in zip(labels, heights, strict=True):
        shapes.append(Text(left + box_w + size * 0.5, y + size * 0.35, text, size, color=style.ACCENT))
    for point in chart.points:
        x, y = at(point.x, point.y)
        if point.sd_x:
            ends = (at(point.x - 1.96 * point.sd_x, point.y), at(point.x + 1.96 * point.sd_x, point.y))
            shapes.append(Line(ends, style.MEASURED, width=1.0))
        if point.sd_y:
            ends = (at(point.x, point.y - 1.96 * point.sd_y), at(point.x, point.y + 1.96 * point.sd_y))
            shapes.append(Line(ends, style.MEASURED, width=1.0))
        shapes.append(Dot(x, y, 2.6, style.MEASURED))
        if point.label:
            shapes.append(_point_label(point.label, x, y, size * 1.05, [s for s in shapes if isinstance(s, Line)]))
    return shapes


def _point_label(label: str, x: float, y: float, size: float, lines: list[Line]) -> Text:
    """The label of a measured point, on the side where it covers the least of the lines."""
    width = 0.62 * size * len(label)

    def covered(left: float, bottom: float) -> int:
        hits = 0
        for line in lines:
            for (x1, y1), (x2, y2) in pairwise(line.points):
                for part in range(9):  # sampled: lines are short pieces
                    px, py = x1 + (x2 - x1) * part / 8, y1 + (y2 - y1) * part / 8
                    hits += left <= px <= left + width and bottom - size <= py <= bottom + 0.2 * size
        return hits

    best: tuple[int, Text] | None = None
    for side, drop in ((1, 1.6), (-1, -0.7), (1, -0.7), (-1, 1.6), (1, 2.8), (-1, -1.9)):
        left = x + 0.8 * size if side > 0 else x - 0.8 * size - width
        text = Text(
            x + side * 0.8 * size,
            y + drop * size,
            label,
            size,
            "start" if side > 0 else "end",
            style.MEASURED,
            bold=True,
        )
        hits = covered(left, y + drop * size)
        if best is None or hits < best[0]:
            best = (hits, text)
    assert best is not None
    return best[1]


def _svg_text(shape: Text) -> str:
    weight = ' font-weight="600"' if shape.bold else ""
    turn = f' transform="rotate(-90 {shape.x:.2f} {shape.y:.2f})"' if shape.upright else ""
    return (
        f'<text x="{shape.x:.2f}" y="{shape.y:.2f}" font-size="{shape.size:.2f}" text-anchor="{shape.anchor}" '
        f'fill="{shape.color}"{weight}{turn}>{escape(shape.text)}</text>'
    )


def chart_svg(chart: Chart, width: float = 250.0, height: float = 150.0) -> str:
    """The chart as an inline SVG element that scales to its container; all text escaped."""
    parts = []
    for shape in chart_shapes(chart, width, height):
        if isinstance(shape, Text):
            parts.append(_svg_text(shape))
        elif isinstance(shape, Dot):
            parts.append(
                f'<circle cx="{shape.x:.2f}" cy="{shape.y:.2f}" r="{shape.radius}" fill="{shape.fill}" '
                'stroke="#fff" stroke-width="0.8"/>'
            )
        elif shape.fill:
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
            parts.append(f'<polygon points="{points}" fill="{shape.fill}"/>')
        else:
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
            dash = ' stroke-dasharray="3 2"' if shape.dashed else ""
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{shape.stroke}" stroke-width="{shape.width}" '
                f'stroke-linejoin="round"{dash}/>'
            )
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(chart.title, quote=True)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
