"""Two tracings of one person: the later one laid on the earlier film, and everything that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from CephSketcherLib.analysis.analyses import SCALE, drawn_values
from CephSketcherLib.analysis.measure_definition import MILLIMETER
from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.analysis.point_errors import Drawn, draw_two_films
from CephSketcherLib.comparison.changes import Change, Displacement, changes, displacements
from CephSketcherLib.comparison.superimposition import Superimposition, TracedFilm, superimpose
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.outlines.outline_solver import Outline
from CephSketcherLib.tracing.result import CephResult
from CephSketcherLib.tracing.work_frame import WorkFrame
from DeepMedLib.errors import BadInput

DRAWS, SEED = 1000, 0


@dataclass(frozen=True)
class Comparison:
    """A later tracing on an earlier film.

    Attributes:
        earlier, later: names of the films.
        laid: how the later one was laid on the earlier one.
        outlines: the later outlines, in pixels of the earlier film.
        points: the later points, likewise, without uncertainty.
        displacements: of the landmarks.
        changes: of the measures, later less earlier.
    """

    earlier: str
    later: str
    laid: Superimposition
    outlines: Mapping[str, Outline]
    points: LandmarkSet
    displacements: tuple[Displacement, ...]
    changes: tuple[Change, ...]

    def notes(self) -> list[str]:
        """What the numbers stand for, in sentences."""
        sentences = [self.laid.note] if self.laid.note else []
        if not self.laid.in_mm:
            sentences.append("One of the films has no scale: displacements are in percent of sella-nasion.")
        known = [c for c in self.changes if c.significant is not None]
        sure = sum(bool(c.significant) for c in known)
        return [*sentences, f"{sure} of {len(known)} measures changed by more than their uncertainty explains."]

    def to_json(self) -> dict[str, Any]:
        """For result.json."""
        return {
            "earlier": self.earlier,
            "later": self.later,
            "method": self.laid.method,
            "unit": self.laid.unit,
            "notes": self.notes(),
            "displacements": [asdict(item) for item in self.displacements],
            "changes": [asdict(item) for item in self.changes],
        }


def square_frame(result: CephResult) -> WorkFrame:
    """From the result's pixels to square ones, the face not turned."""
    return WorkFrame(result.width, result.height, False, result.pixel_aspect)


def traced_film(result: CephResult) -> TracedFilm:
    """What superimposition needs of a result."""
    frame, scale = square_frame(result), result.scale
    outlines = {
        name: replace(outline, points=frame.to_work(outline.points)) for name, outline in result.outlines.items()
    }
    return TracedFilm(frame.landmarks_to_work(result.points), outlines, None if scale is None else scale.mm_per_px_x)


def compare(earlier: CephResult, later: CephResult, method: str) -> Comparison:
    """Lay the later tracing on the earlier film.

    Raises:
        BadInput: a film was not traced, the method is unknown, or points that it needs are missing.
    """
    for result in (earlier, later):
        if result.abstained or not result.landmarks.points:
            raise BadInput(f"{result.film} was not traced.", "Trace both films first.")
    first, second = traced_film(earlier), traced_film(later)
    laid = superimpose(first, second, method)
    back = square_frame(earlier).to_given
    outlines = {
        name: replace(outline, points=back(laid.to_first(first, second, outline.points)))
        for name, outline in second.outlines.items()
    }
    points = []
    for point in second.points:
        x, y = back(laid.to_first(first, second, point.xy))
        points.append(replace(point, x=float(x), y=float(y), covariance=None))
    drawn = draw_two_films(first.points, second.points, DRAWS, SEED)
    return Comparison(
        earlier.film,
        later.film,
        laid,
        outlines,
        LandmarkSet(tuple(points)),
        tuple(displacements(first, second, laid, drawn)),
        tuple(changes(earlier.measures, later.measures, (_varied(earlier, drawn[0]), _varied(later, drawn[1])))),
    )


def _varied(result: CephResult, drawn: Drawn) -> dict[str, np.ndarray]:
    """Draws of a film's measures; those in mm with the scale's own uncertainty, shared by films of one scale."""
    film, scale = traced_film(result), result.scale
    size = None if film.mm_per_px is None else (film.mm_per_px, film.mm_per_px)
    values = drawn_values(film.points, drawn, size, {measure.name: measure.value for measure in result.measures})
    if scale is not None and scale.relative_sd:
        stream = np.random.default_rng([SCALE, *repr(scale).encode("utf-8")])
        widened = 1 + scale.relative_sd * stream.standard_normal(DRAWS)
        values |= {name: values[name] * widened for name in values if MEASURES[name].unit == MILLIMETER}
    return values
