"""Outlines of the structures on a lateral film: learned shape and image evidence, solved together.

Every structure has one Gaussian over landmarks and curve points (`shape`). The landmarks condition it; then
the film is searched along the curve's normals (`evidence`), what was found becomes one more observation for
each point, and curve and search alternate with shrinking reach. Landmarks pull by their covariance; edited landmarks
and fixed points are met exactly. The posterior's covariance says how sure each point is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.outlines.frame import Similarity, align, face_picture
from CephSketcherLib.outlines.model import OutlineModel
from CephSketcherLib.outlines.structure_solver import Solved, solve_structure
from CephSketcherLib.outlines.template import TITLES, nearest_on_curve
from DeepMedLib.errors import BadInput

Fixed = Mapping[str, Mapping[int, Sequence[float] | np.ndarray]]

_DERIVED_OF = {
    "U1A": "upper_incisor",
    "L1A": "lower_incisor",
    "U6": "upper_molar",
    "L6": "lower_molar",
    "Prn": "soft_tissue_profile",
    "Co": "porion_condyle",
    "Ba": "cranial_base",
}
DERIVED = tuple(_DERIVED_OF)
"""The points that are read off outlines, in the order in which they are listed."""
#: Share of a structure's edge that must be seen before a point is read off it.
_LEAST_SUPPORT = {"U1A": 0.25, "L1A": 0.25, "U6": 0.25, "L6": 0.25, "Prn": 0.4, "Co": 0.0, "Ba": 0.0}
#: Share of the tables' covariance that stays when the curve was found: the incisors' edges show their axis.
_TABLE_DOUBT = {"U1A": 0.5, "L1A": 0.5, "U6": 1.0, "L6": 1.0, "Co": 1.0, "Ba": 1.0}
_WIDEST_SD = 20.0  # units of the mean face (4 mm nominal); less sure points are left out


@dataclass(frozen=True, eq=False)
class Outline:
    """One structure on the film.

    Attributes:
        name: a key of `template.TITLES`.
        title: for people.
        points: (n, 2) film pixels; n and the order are the same on every film.
        closed: the last point is joined to the first.
        sd: (n,) standard uncertainty across the curve, pixels; 0 at fixed points.
        landmarks: those that the curve passes through.
        edge_support: share 0..1 of the curve that lies on a clear edge of the learned kind.
        at: index of the point that each of the landmarks, and of the derived points on this curve, stands for.
    """

    name: str
    title: str
    points: np.ndarray
    closed: bool
    sd: np.ndarray
    landmarks: tuple[str, ...]
    edge_support: float
    at: Mapping[str, int]

    def distance(self, xy: Sequence[float] | np.ndarray) -> float:
        """From the curve to a point, pixels."""
        return nearest_on_curve(self.points, self.closed, np.asarray(xy, float))[2]


@dataclass(frozen=True, eq=False)
class OutlineSet:
    """All outlines of a film, and the points read off them."""

    outlines: dict[str, Outline]
    derived: tuple[LandmarkPoint, ...]

    def mirrored(self, width: int) -> OutlineSet:
        """On the film mirrored left-right; ``width`` of the film in pixels."""

        def turn(points: np.ndarray) -> np.ndarray:
            return np.stack([width - 1 - points[:, 0], points[:, 1]], axis=1)

        outlines = {name: replace(outline, points=turn(outline.points)) for name, outline in self.outlines.items()}
        return OutlineSet(outlines, LandmarkSet(self.derived).mirrored(width).points)


def solve_outlines(
    film: np.ndarray,
    landmarks: LandmarkSet,
    model: OutlineModel,
    fixed: Fixed | None = None,
    names: Sequence[str] | None = None,
    facing: Literal["right", "left"] = "right",
) -> OutlineSet:
    """Draw the structures.

    Args:
        film: (H, W), bone bright; any number type.
        landmarks: of the film, in its pixels; at least four of the model's, more make better outlines. Points that
            are no landmarks of the model (derived ones of an earlier call) do not matter unless they are edited:
            an edited derived point (an apex that was dragged) is met exactly.
        model: what was learned.
        fixed: points placed by hand: outline name to {index of the point: (x, y)}.
        names: only these structures; all when None.
        facing: which way the face looks on the film.

    Raises:
        BadInput: the film is not a gray picture, too few landmarks, landmarks in one place, or unknown names.
    """
    if film.ndim != 2 or min(film.shape) < 16:
        raise BadInput(f"A film of shape {film.shape} is no gray picture.", "Choose a gray picture of a lateral film.")
    if facing == "left":
        width = film.shape[1]
        turned = {
            name: {i: (width - 1 - float(xy[0]), float(xy[1])) for i, xy in points.items()}
            for name, points in (fixed or {}).items()
        }
        return solve_outlines(film[:, ::-1], landmarks.mirrored(width), model, turned, names).mirrored(width)
    wanted = tuple(TITLES) if names is None else tuple(names)
    unknown = [name for name in (*wanted, *(fixed or {})) if name not in model.spaces]
    if unknown:
        raise BadInput(f"There is no outline '{unknown[0]}'.", f"Choose from {', '.join(TITLES)}.")
    _check_fixed(fixed or {}, model)
    to_film = frame_of(landmarks, model)
    picture, inside = face_picture(film, to_film)
    solved = {}
    for name in wanted:
        targets = _targets(name, landmarks, model, to_film.inverse(), (fixed or {}).get(name, {}))
        solved[name] = solve_structure(picture, inside, in_face(landmarks, model, to_film), name, model, targets)
    outlines = {name: _outline(name, result, model, to_film, landmarks) for name, result in solved.items()}
    for name, points in (fixed or {}).items():
        if name in outlines:
            _meet(outlines[name], points)
    derived = [
        point
        for symbol, name in _DERIVED_OF.items()
        if name in solved
        and symbol not in model.symbols
        and (point := _derived(symbol, solved[name], model, to_film, landmarks, outlines[name])) is not None
    ]
    return OutlineSet(outlines, tuple(derived))


def outline_of(symbol: str) -> str:
    """The outline that a derived point is read off.

    Raises:
        KeyError: it is none.
    """
    return _DERIVED_OF[symbol]


def frame_of(landmarks: LandmarkSet, model: OutlineModel) -> Similarity:
    """The way from the mean face to the film's pixels.

    Raises:
        BadInput: fewer than four landmarks of the model, or all in one place.
    """
    known = [symbol for symbol in model.symbols if symbol in landmarks]
    if len(known) < 4:
        raise BadInput(f"{len(known)} landmarks are too few for outlines.", "Place at least four landmarks.")
    face = model.face[[model.symbols.index(symbol) for symbol in known]]
    to_film = align(face, landmarks.array(known))
    if not np.isfinite([to_film.turn, to_film.shift]).all() or to_film.scale < 0.02:
        raise BadInput("The landmarks lie in one place.", "Find the landmarks again, or place them by hand.")
    return to_film


def in_face(
    landmarks: LandmarkSet, model: OutlineModel, to_film: Similarity
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Position and covariance of each known landmark in the mean face."""
    back = to_film.inverse()
    found = {}
    for i, symbol in enumerate(model.symbols):
        if symbol not in landmarks:
            continue
        point = landmarks[symbol]
        if point.edited:
            covariance = 1e-4 * np.eye(2)
        elif point.covariance is None:
            covariance = model.reader_covariance[i]
        else:
            covariance = back.covariance(np.array(point.covariance)) + 0.05 * np.eye(2)
        found[symbol] = (back.apply(point.xy), covariance)
    return found


def _targets(
    name: str,
    landmarks: LandmarkSet,
    model: OutlineModel,
    back: Similarity,
    fixed: Mapping[int, Sequence[float] | np.ndarray],
) -> dict[int, np.ndarray]:
    """Curve points that are known exactly, in the mean face: edited landmarks, edited derived points, fixed points."""
    template = model.spaces[name].template
    known = {}
    for symbol, index in {**template.landmarks, **template.derived}.items():
        if symbol in landmarks and landmarks[symbol].edited:
            known[index] = back.apply(landmarks[symbol].xy)
    for index, xy in fixed.items():
        known[index] = back.apply(np.asarray(xy, float))
    return known


def _check_fixed(fixed: Fixed, model: OutlineModel) -> None:
    for name, points in fixed.items():
        count = len(model.spaces[name].template)
        for index, xy in points.items():
            if not 0 <= index < count or len(xy) != 2 or not np.isfinite(np.asarray(xy, float)).all():
                raise BadInput(f"Point {index} of outline '{name}' cannot be fixed.", f"Use points 0 to {count - 1}.")


def _outline(name: str, result: Solved, model: OutlineModel, to_film: Similarity, landmarks: LandmarkSet) -> Outline:
    template = model.spaces[name].template
    outline = Outline(
        name,
        template.title,
        to_film.apply(result.points),
        template.closed,
        result.sd * model.spaces[name].sd_scale * to_film.scale,
        tuple(symbol for symbol in template.landmarks if symbol in landmarks),
        result.support,
        {**template.landmarks, **template.derived},
    )
    edited = {i: landmarks[s].xy for s, i in outline.at.items() if s in landmarks and landmarks[s].edited}
    _meet(outline, edited)
    return outline


def _meet(outline: Outline, points: Mapping[int, Sequence[float] | np.ndarray]) -> None:
    """Put points to the last bit where they were fixed; the solver left them there within rounding."""
    for index, xy in points.items():
        outline.points[index] = np.asarray(xy, float)
        outline.sd[index] = 0.0


def _derived(
    symbol: str, result: Solved, model: OutlineModel, to_film: Similarity, landmarks: LandmarkSet, outline: Outline
) -> LandmarkPoint | None:
    """A point read off a curve, or None where the film does not tell."""
    if symbol in landmarks and landmarks[symbol].edited:
        return landmarks[symbol]
    space = model.spaces[outline.name]
    index = outline.at[symbol]
    if symbol == "Prn":
        index = _foremost(result.points, index)
    covariance = space.sd_scale**2 * result.covariance(index)
    if symbol in space.doubt:
        # What a self-taught edge is worth at a point that no reader marked is not known: the tables' doubt stays.
        covariance = covariance + _TABLE_DOUBT[symbol] * space.doubt[symbol]
    sd = float(np.sqrt(np.trace(covariance) / 2))
    if outline.edge_support < _LEAST_SUPPORT[symbol] or sd > _WIDEST_SD or not result.inside[index]:
        return None
    x, y = outline.points[index]
    c = to_film.covariance(covariance)
    confidence = float(np.clip(outline.edge_support, 0.0, 1.0)) * float(np.exp(-sd / 20.0))
    return LandmarkPoint(
        symbol,
        float(x),
        float(y),
        ((float(c[0, 0]), float(c[0, 1])), (float(c[1, 0]), float(c[1, 1]))),
        confidence,
        flagged=sd > 10.0,
        source="outline",
    )


def _foremost(points: np.ndarray, index: int) -> int:
    """The point of the nose that lies farthest forward, near where the mean face has it."""
    near = np.arange(max(0, index - 7), min(len(points), index + 8))
    return int(near[points[near, 0].argmax()])
