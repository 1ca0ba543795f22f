"""Two tracings of one person: the later one laid on the earlier film, and everything that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from CephSketcherLib.comparison.changes import Change, Displacement, changes, displacements
from CephSketcherLib.comparison.superimposition import Superimposition, TracedFilm, superimpose
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.outlines.solve import Outline
from CephSketcherLib.tracing.result import CephResult
from DeepMedLib.errors import BadInput


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


def traced_film(result: CephResult) -> TracedFilm:
    """What superimposition needs of a result."""
    scale = result.scale
    size = None if scale is None else (scale.mm_per_px_x, scale.mm_per_px_y)
    return TracedFilm(result.points, result.outlines, size)


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
    outlines = {
        name: replace(outline, points=laid.to_first(first, second, outline.points))
        for name, outline in later.outlines.items()
    }
    points = []
    for point in later.points:
        x, y = laid.to_first(first, second, point.xy)
        points.append(replace(point, x=float(x), y=float(y), covariance=None))
    return Comparison(
        earlier.film,
        later.film,
        laid,
        outlines,
        LandmarkSet(tuple(points)),
        tuple(displacements(first, second, laid)),
        tuple(changes(earlier.measures, later.measures)),
    )
