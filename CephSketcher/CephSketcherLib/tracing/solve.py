"""From landmarks to everything that follows from them: outlines, derived points, measures, readings.

Runs without torch, in the application's own process, again and again while a person drags points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.analysis.analyses import ALL, analyse, unavailable
from CephSketcherLib.analysis.interpretation import read
from CephSketcherLib.analysis.norm_files import BY_ANALYSIS, norm_set
from CephSketcherLib.analysis.norms import Norm, NormSet
from CephSketcherLib.analysis.plane_geometry import looks_right
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.outlines.following import followers
from CephSketcherLib.outlines.model import OutlineModel, load_outline_model
from CephSketcherLib.outlines.outline_solver import DERIVED, Outline, outline_of, solve_outlines
from CephSketcherLib.outlines.template import TITLES
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.work_frame import WorkFrame
from DeepMedLib.picture.scale import FILM

#: Landmarks that must be placed before outlines are drawn: enough to know how large the face is and how it is turned.
FEWEST_FOR_OUTLINES = 5
FOLDER = Path(__file__).resolve().parents[2] / "Resources" / "CephSketcherOutlines"


@cache
def outline_model() -> OutlineModel:
    """The shipped shape spaces, read once."""
    return load_outline_model(FOLDER)


def solve(result: CephResult, pixels: np.ndarray, before: CephResult | None = None) -> CephResult:
    """Outlines, derived points, measures and readings of the result's landmarks, made anew.

    Args:
        pixels: (H, W), the film as given.
        before: the same film as it was solved last; outlines that follow no point which moved since then are kept.
    """
    if result.abstained or not result.landmarks.points:
        return replace(result, outlines={}, derived=LandmarkSet(), measures=(), unavailable=(), readings=())
    frame = result.frame
    points = frame.landmarks_to_work(result.landmarks.with_points(result.moved))
    if len(points) < FEWEST_FOR_OUTLINES:  # a tracing by hand has only begun, or points were deleted
        return measure(replace(result, outlines={}, derived=LandmarkSet()))
    names = touched_outlines(before, result) if before is not None and before.outlines else tuple(TITLES)
    film = frame.film(bright_bone(pixels) if result.inverted else pixels)
    found = solve_outlines(film, points, outline_model(), _fixed(result, frame), names)
    outlines = dict(result.outlines) | {name: _given(outline, frame) for name, outline in found.outlines.items()}
    kept = [point for point in result.derived if outline_of(point.symbol) not in names]
    derived = LandmarkSet(tuple(kept)).with_points(frame.landmarks_to_given(LandmarkSet(tuple(found.derived))))
    outlines = {name: outlines[name] for name in TITLES if name in outlines}
    return measure(replace(result, outlines=outlines, derived=derived.in_order_of(DERIVED)))


def touched_outlines(before: CephResult, after: CephResult) -> tuple[str, ...]:
    """The outlines that follow a point which a person moved, added or removed, or that have a moved handle."""
    places = [{point.symbol: (point.x, point.y, point.edited) for point in part.placed} for part in (before, after)]
    moved = {symbol for symbol, _ in set(places[0].items()) ^ set(places[1].items())}
    follow = followers(outline_model())
    following = {name for symbol in moved for name in follow.get(symbol, ())}
    return tuple(
        name
        for name in TITLES
        if name in following or name not in after.outlines or before.fixed.get(name) != after.fixed.get(name)
    )


def bright_bone(pixels: np.ndarray) -> np.ndarray:
    """A film whose bone is dark, turned within its own range."""
    return pixels.max() - (pixels - pixels.min())


def measure(result: CephResult) -> CephResult:
    """Measures and readings of the points as they are, e.g. after the scale or a setting changed."""
    if result.abstained or not result.landmarks.points:
        return result
    frame, options = result.frame, result.options
    points = frame.landmarks_to_work(result.points)
    if looks_right({point.symbol: point.xy for point in points}) is None:
        return replace(result, measures=(), unavailable=(), readings=())  # too few to tell forward from backward
    size = work_pixel_size(result)
    analyses = options.analyses or ALL
    measures = analyse(
        points,
        size,
        analyses,
        norms_of(options),
        options.age,
        options.sex or None,
        draws=options.draws,
        magnification=magnification_of(result),
        scale_sd=result.scale.relative_sd if result.scale is not None else None,
    )
    return replace(
        result,
        measures=tuple(measures),
        unavailable=tuple(unavailable(points, analyses, size)),
        readings=tuple(read(measures)),
    )


def work_pixel_size(result: CephResult) -> tuple[float, float] | None:
    """mm per work pixel along x and y; None without a scale."""
    scale, frame = result.scale, result.frame
    if scale is None:
        return None
    return scale.mm_per_px_x, scale.mm_per_px_y if frame.square else scale.mm_per_px_x


def magnification_of(result: CephResult) -> float | None:
    """What the result's millimeters still hold: 1 in the mid-sagittal plane; None where it is not known."""
    scale = result.scale
    if scale is None or scale.plane != FILM:
        return 1.0
    return scale.magnification


def norms_of(options: CephOptions) -> NormSet:
    """The chosen norm set.

    Raises:
        BadInput: there is none of that name.
    """
    if options.own_norms is not None:
        return norms_from_record(options.own_norms)
    return norm_set(options.norms or BY_ANALYSIS)


def norms_from_record(record: Mapping[str, Any]) -> NormSet:
    """Read `dataclasses.asdict` of a norm set."""
    return NormSet(record["name"], record["description"], tuple(Norm(**norm) for norm in record["norms"]))


def _fixed(result: CephResult, frame: WorkFrame) -> dict[str, dict[int, tuple[float, float]]]:
    fixed: dict[str, dict[int, tuple[float, float]]] = {}
    for name, points in result.fixed.items():
        for index, xy in points.items():
            x, y = frame.to_work(np.array(xy))
            fixed.setdefault(name, {})[index] = (float(x), float(y))
    return fixed


def _given(outline: Outline, frame: WorkFrame) -> Outline:
    return replace(outline, points=frame.to_given(outline.points))
