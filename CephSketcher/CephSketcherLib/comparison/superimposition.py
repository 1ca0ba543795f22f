"""Laying the tracing of a second film on that of a first one.

Methods: sella-nasion (registered at sella), best fit of all common bony landmarks, and two approximations of Bjork's
stable structures from outlines: the front cranial base, and the symphysis for the mandible. Bjork's own structures
(inner cortex of the symphysis, mandibular canal, molar germs, cribriform plate) are not traced; outer contours that
remodel stand in for them, which every such result says.

Both films are taken to the face's frame (x forward, y up), so that films that look to different sides match.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from CephSketcherLib.analysis.plane_geometry import looks_right, to_face_frame
from CephSketcherLib.analysis.shape_fit import Fit, fit
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.outlines.outline_solver import Outline
from DeepMedLib.errors import BadInput

SELLA_NASION, BEST_FIT = "sella-nasion", "best fit"
CRANIAL_BASE, MANDIBLE = "front cranial base (after Bjork)", "mandibular symphysis (after Bjork)"
METHODS = (SELLA_NASION, BEST_FIT, CRANIAL_BASE, MANDIBLE)

#: Soft tissue changes with posture and lips; it never steers a fit.
BONY = ("S", "N", "Or", "Po", "A", "B", "Pog", "Me", "Gn", "Go", "PNS", "ANS", "Ar")
#: The outline whose stretch is laid on its twin, and the landmarks that bound the stretch.
_STRETCH = {CRANIAL_BASE: ("cranial_base", ("S", "N")), MANDIBLE: ("mandible", ("B", "Me"))}
#: The stretch of the cranial base begins this share of S-N in front of sella: the front wall of the fossa and beyond.
_BEHIND_FOSSA = 0.03
_ABOUT = {
    CRANIAL_BASE: "The outline of the front cranial base and of the front wall of sella stands in for Bjork's stable "
    "structures.",
    MANDIBLE: "Both contours of the symphysis below point B stand in for Bjork's stable structures (inner cortex, "
    "mandibular canal, tooth germs); they remodel with growth, and the turn rests on a few millimeters.",
}


@dataclass(frozen=True)
class TracedFilm:
    """What superimposition needs of a film.

    Attributes:
        points: on square pixels.
        outlines: by name, on the same pixels.
        mm_per_px: mm per such a pixel; None when unknown.
    """

    points: LandmarkSet
    outlines: Mapping[str, Outline]
    mm_per_px: float | None = None

    @property
    def right(self) -> bool:
        """Whether the face looks right on this film.

        Raises:
            BadInput: the landmarks do not tell.
        """
        right = looks_right({p.symbol: p.xy for p in self.points})
        if right is None:
            raise BadInput("The landmarks do not tell which way the face looks.", "Place sella, nasion and menton.")
        return right

    def size(self, with_mm: bool) -> float:
        """mm per pixel; 1 where only shape matters."""
        return self.mm_per_px if with_mm and self.mm_per_px is not None else 1.0

    def face(self, xy: np.ndarray, with_mm: bool) -> np.ndarray:
        """Pixels (..., 2) in the face's frame."""
        return to_face_frame(xy, self.right, (self.size(with_mm), self.size(with_mm)))


@dataclass(frozen=True)
class Superimposition:
    """The second film laid on the first.

    Attributes:
        method: one of `METHODS`.
        fit: from the second to the first face frame.
        in_mm: both films have a scale, sizes are compared; else the second was scaled to the first and only shape is.
        unit: "mm", or "% of S-N" without scales.
        anchors: landmarks that steered the fit.
        registration_sd: shift that the outlines' own uncertainty gives the whole film, per axis, in the first face
            frame; 0 for landmark fits, whose draws carry it.
        turn_sd: the same for the turn about `center`, radians.
        note: what the method stands for, for people.
    """

    method: str
    fit: Fit
    in_mm: bool
    anchors: tuple[str, ...]
    registration_sd: float = 0.0
    turn_sd: float = 0.0
    center: tuple[float, float] = (0.0, 0.0)
    note: str = ""

    @property
    def unit(self) -> str:
        """Of displacements."""
        return "mm" if self.in_mm else "% of S-N"

    def to_first(self, first: TracedFilm, second: TracedFilm, xy: np.ndarray) -> np.ndarray:
        """Pixels (..., 2) of the second film as pixels of the first: what an overlay draws."""
        moved = self.fit.apply(second.face(xy, self.in_mm))
        return moved / (first.size(self.in_mm) * np.array([1.0 if first.right else -1.0, -1.0]))


def superimpose(first: TracedFilm, second: TracedFilm, method: str = SELLA_NASION) -> Superimposition:
    """Lay the second film on the first.

    Raises:
        BadInput: the method is unknown, or landmarks or outlines that it needs are missing on a film.
    """
    if method not in METHODS:
        raise BadInput(f"There is no superimposition by {method}.", f"Choose one of: {', '.join(METHODS)}.")
    in_mm = first.mm_per_px is not None and second.mm_per_px is not None
    anchors = anchors_of(method, first, second)
    a = second.face(second.points.array(anchors), in_mm)
    b = first.face(first.points.array(anchors), in_mm)
    if method in (SELLA_NASION, BEST_FIT):
        found = landmark_fit(method, a, b, in_mm)
        scaled = "" if in_mm else " Without the scale of both films the second is scaled to the first."
        return Superimposition(method, found, in_mm, anchors, note=_about(method, anchors) + scaled)
    return _outline_fit(method, first, second, in_mm, anchors)


def anchors_of(method: str, first: TracedFilm, second: TracedFilm) -> tuple[str, ...]:
    """Landmarks that steer a fit.

    Raises:
        BadInput: too few of them are on both films.
    """
    common = [s for s in first.points.symbols if s in second.points]
    if method == BEST_FIT:
        anchors = tuple(s for s in BONY if s in common)
        if len(anchors) < 4:
            raise BadInput("A best fit needs four or more bony landmarks on both films.", "Mark more landmarks.")
        return anchors
    wanted = ("S", "N") if method == SELLA_NASION else _STRETCH[method][1]
    missing = [s for s in wanted if s not in common]
    if missing:
        raise BadInput(f"Superimposition by {method} needs {', '.join(missing)} on both films.", "Mark the landmarks.")
    return wanted


def landmark_fit(method: str, moving: np.ndarray, fixed: np.ndarray, in_mm: bool) -> Fit:
    """Fit of anchors (n, 2) onto anchors: by sella and the direction to nasion, or by least squares."""
    if method != SELLA_NASION:
        return fit(moving, fixed, scaling=not in_mm)
    turned = fit(moving[:2], fixed[:2], scaling=not in_mm)
    return Fit(turned.rotation, turned.scale, fixed[0] - turned.scale * turned.rotation @ moving[0])


def _about(method: str, anchors: tuple[str, ...]) -> str:
    if method == SELLA_NASION:
        return "Registered at sella, turned so that sella-nasion agrees; growth of nasion turns the picture."
    return f"Least squares over {', '.join(anchors)}: change is spread over all of them, none counts as stable."


def _outline_fit(
    method: str, first: TracedFilm, second: TracedFilm, in_mm: bool, anchors: tuple[str, ...]
) -> Superimposition:
    name = _STRETCH[method][0]
    for film in (first, second):
        if name not in film.outlines:
            raise BadInput(
                f"Superimposition by {method} needs the outline {name.replace('_', ' ')} on both films.",
                "Trace the outlines, or superimpose by sella-nasion.",
            )
    if len(first.outlines[name].points) != len(second.outlines[name].points):
        raise BadInput("The outlines of the two films come from different models.", "Trace both films anew.")
    # Outlines have the same points in the same order on every film, so that the index pairs them.
    both = np.flatnonzero(_on_stretch(first, method) & _on_stretch(second, method))
    if len(both) < 4:
        raise BadInput(f"The outline {name.replace('_', ' ')} is too short to superimpose.", "Correct the outline.")
    moving = second.face(second.outlines[name].points[both], in_mm)
    fixed = first.face(first.outlines[name].points[both], in_mm)
    found = fit(moving, fixed, scaling=not in_mm)
    sds = [
        float(np.sqrt(np.mean(np.square(film.outlines[name].sd[both])))) * film.size(in_mm) for film in (first, second)
    ]
    same = np.array_equal(moving, fixed)  # one film laid on itself
    sd = 0.0 if same else float(np.hypot(sds[0], found.scale * sds[1]))
    center = fixed.mean(axis=0)
    radius = float(np.sqrt(((fixed - center) ** 2).sum(axis=1).mean()))
    x, y = center
    return Superimposition(method, found, in_mm, anchors, sd, sd / radius, (float(x), float(y)), _ABOUT[method])


def _on_stretch(film: TracedFilm, method: str) -> np.ndarray:
    """(n,) bool, which points of the outline count as stable structure."""
    name, (start, end) = _STRETCH[method]
    points = film.outlines[name].points
    a, b = film.points[start].xy, film.points[end].xy
    share = (points - a) @ (b - a) / float((b - a) @ (b - a))
    if method == CRANIAL_BASE:
        return share > _BEHIND_FOSSA
    # The mandible runs from the ramus over menton to the chin and back along the inner side of the symphysis.
    symphysis = np.arange(len(points)) >= int(film.outlines[name].at.get(end, 0))
    return symphysis & (share > 0)
