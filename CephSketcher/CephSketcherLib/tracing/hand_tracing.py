"""Tracing a film by hand: where the points lie before a person has placed them.

A film that the model refuses can still be traced. Its points start from what the model proposed, or else from a mean
face in the middle of the film; none of them counts in any outline or measure before a person has put it in its place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.tracing.result import CephResult
from CephSketcherLib.tracing.solve import outline_model
from CephSketcherLib.tracing.work_frame import WorkFrame

FACE_SHARE = 0.6  # of the film's height or width that the mean face takes up
STARTING_PLACE = "starting place"


def starting_places(frame: WorkFrame) -> LandmarkSet:
    """The mean face in the middle of a film, in its own pixels, every point flagged.

    Args:
        frame: of the film; says which way the face looks.
    """
    model = outline_model()
    face = np.asarray(model.face, float)
    low, high = face.min(0), face.max(0)
    size = np.array([frame.width, frame.height * (1.0 if frame.square else frame.aspect)])
    zoom = FACE_SHARE * float((size / (high - low)).min())
    places = (face - (low + high) / 2) * zoom + (size - 1) / 2
    points = zip(model.symbols, frame.to_given(places), strict=True)
    return LandmarkSet(tuple(_unplaced(LandmarkPoint(symbol, float(x), float(y))) for symbol, (x, y) in points))


def by_hand(result: CephResult, proposal: LandmarkSet | None = None) -> CephResult:
    """A film's result, with nothing traced in it, made ready for a person to place all points.

    Args:
        result: of a film that was refused or not looked at; film, size, facing, scale and options are kept.
        proposal: points that the model found and does not trust; they replace the starting places of the same name.
    """
    start = starting_places(result.frame)
    known = [_unplaced(point) for point in proposal or () if point.symbol in start]
    return replace(
        result, landmarks=LandmarkSet(), unplaced=start.with_points(known), outlines={}, abstained=False, reason=""
    )


def _unplaced(point: LandmarkPoint) -> LandmarkPoint:
    return replace(point, covariance=None, confidence=0.0, flagged=True, edited=False, source=STARTING_PLACE)
