"""What a tracing looks like while a person drags a point: fast enough for every move of the mouse.

The outlines that follow the point bend as the learned shapes do when that point alone moves, and measures take their
new values; the film is not looked at and no uncertainty is drawn. When the hand rests, `tracing.solve.solve` makes all
anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from CephSketcherLib.analysis.analyses import exact_values, with_values
from CephSketcherLib.analysis.plane_geometry import looks_right
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.outlines.frame import Similarity
from CephSketcherLib.outlines.model import OutlineModel
from CephSketcherLib.outlines.outline_solver import Outline, frame_of, in_face
from CephSketcherLib.outlines.structure_solver import condition
from CephSketcherLib.tracing.result import CephResult
from CephSketcherLib.tracing.solve import outline_model, touched_outlines, work_pixel_size


def step(before: CephResult, moved: CephResult) -> CephResult:
    """The result as it may be shown while a point is dragged.

    Args:
        before: as it was solved last.
        moved: the same with the places of points or handles that a person moved.
    """
    frame, model = before.frame, outline_model()
    landmarks = frame.landmarks_to_work(before.placed)
    after = frame.landmarks_to_work(moved.placed)
    outlines, derived = dict(before.outlines), before.derived
    if before.outlines:
        to_film = frame_of(landmarks, model)
        known = [in_face(part, model, to_film) for part in (_at_old_places(after, landmarks), after)]
        for name in touched_outlines(before, moved):
            if name not in outlines:
                continue
            old = replace(outlines[name], points=frame.to_work(outlines[name].points))
            fixed = {index: frame.to_work(np.array(xy)) for index, xy in moved.fixed.get(name, {}).items()}
            bent = _bent(old, _targets(old, after, fixed), known, model, to_film)
            outlines[name] = replace(old, points=frame.to_given(bent))
            derived = LandmarkSet(tuple(_carried(point, outlines[name]) for point in derived))
    shown = replace(moved, outlines=outlines, derived=derived)
    points = frame.landmarks_to_work(shown.points)
    if looks_right({point.symbol: point.xy for point in points}) is None:
        return shown
    values = exact_values(points, work_pixel_size(shown), [measure.name for measure in shown.measures])
    return replace(shown, measures=tuple(with_values(shown.measures, values)))


def _at_old_places(after: LandmarkSet, before: LandmarkSet) -> LandmarkSet:
    """The points of now where they were, so that both expectations rest on the same kind of observations."""
    return LandmarkSet(
        tuple(
            replace(point, x=before[point.symbol].x, y=before[point.symbol].y) if point.symbol in before else point
            for point in after
        )
    )


def _targets(old: Outline, after: LandmarkSet, fixed: Mapping[int, np.ndarray]) -> dict[int, np.ndarray]:
    """Index to place, on the film, of the outline's points that a person has placed."""
    placed = {index: after[symbol].xy for symbol, index in old.at.items() if symbol in after and after[symbol].edited}
    return placed | dict(fixed)


def _bent(
    old: Outline,
    targets: Mapping[int, np.ndarray],
    known: list[dict[str, tuple[np.ndarray, np.ndarray]]],
    model: OutlineModel,
    to_film: Similarity,
) -> np.ndarray:
    """(n, 2) film: the outline moved by the difference between two expected shapes; targets are met exactly.

    Args:
        known: landmarks of the mean face before and after.
    """
    space, back = model.spaces[old.name], to_film.inverse()
    wanted = {index: back.apply(xy) for index, xy in targets.items()}
    start = {index: back.apply(old.points[index]) for index in targets}
    curves = []
    for seen, aims in zip(known, (start, wanted), strict=True):
        others = {s: place for s, place in seen.items() if space.template.landmarks.get(s) not in targets}
        curves.append(space.curve(condition(space, others, model.symbols, aims)[0]))
    points = old.points + (curves[1] - curves[0]) @ to_film.matrix().T
    for index, xy in targets.items():
        points[index] = xy
    return points


def _carried(point: LandmarkPoint, outline: Outline) -> LandmarkPoint:
    """A derived point on its outline."""
    if point.symbol not in outline.at or point.edited:
        return point
    x, y = outline.points[outline.at[point.symbol]]
    return replace(point, x=float(x), y=float(y))
