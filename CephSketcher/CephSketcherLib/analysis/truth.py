"""A tracing beside known landmarks: the true angles, and how far the found points lie from theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from CephSketcherLib.analysis.analyses import exact_values
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet

ANGLES = ("SNA", "SNB", "ANB")
WITHIN_MM = 2.0


def angles_of(points: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """SNA, SNB and ANB of positions (x, y) in square pixels, degrees."""
    marks = LandmarkSet(tuple(LandmarkPoint(symbol, x, y) for symbol, (x, y) in points.items()))
    return exact_values(marks, None, ANGLES)


def distance(points: Mapping[str, tuple[float, float]], record: Mapping[str, Any]) -> list[str]:
    """How far the landmarks of a result.json lie from the truth (x, y) in pixels, in one sentence; none without mm."""
    scale = record["scale"]
    errors = []
    for point in record["landmarks"]:
        if point["symbol"] in points and scale is not None:
            x, y = points[point["symbol"]]
            dx, dy = (point["x"] - x) * scale["mm_per_px_x"], (point["y"] - y) * scale["mm_per_px_y"]
            errors.append((dx * dx + dy * dy) ** 0.5)
    if not errors:
        return []
    within, mean = sum(error <= WITHIN_MM for error in errors), sum(errors) / len(errors)
    return [f"Landmarks lie {mean:.2f} mm from the truth on average; {within} of {len(errors)} within 2 mm."]
