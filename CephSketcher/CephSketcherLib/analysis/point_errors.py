"""How far points may lie from the truth, drawn at random together: what every measure's uncertainty is made of.

Errors of neighboring points go together: two readers who see the chin differently move B, Pog and Gn alike. How they do
was learned from the distances between two readers of one film (`Training.ceph_measures`), in the frame of sella-nasion.
A landmark of the network counts with the error of one reader, widened or narrowed by how sure the network is of it on
this film; one that a person placed counts with the error of one reader.

An error has two parts. The convention, where a reader or a network usually places a point, is the same on every film
and leaves the comparison of two films; the scatter is new on each, but one and the same place on one and the same film.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.analysis.plane_geometry import looks_right, to_face_frame
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet

_FILE = Path(__file__).resolve().parents[2] / "Resources" / "CephSketcherReaders" / "point_errors.json"
#: A film's own certainty narrows or widens a point's error by no more than this: beyond it nothing was measured.
_NARROWEST, _WIDEST = 0.7, 3.0
_SAME_PX = 1e-6
#: Streams of random numbers, so that no draw depends on which other points there are.
_CONVENTION, _SCATTER, _PERSON, _OWN = 1, 2, 3, 4


@dataclass(frozen=True, eq=False)
class PointErrors:
    """Errors of one reader's points as shares of the distance S-N; x along sella-nasion, y upwards.

    Attributes:
        symbols: the points, in order.
        convention: (k, 2n), rows whose products add up to the covariance of the usual offsets.
        scatter: (2n, 2n), covariance of what is left.
        typical: (n,), the network's usual standard uncertainty of each point.
        unread: standard deviation per axis of a point that no reader marked, placed by a person.
    """

    symbols: tuple[str, ...]
    convention: np.ndarray
    scatter: np.ndarray
    typical: np.ndarray
    unread: float

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> PointErrors:
        """Read the shipped JSON."""
        convention, scatter, typical = (np.array(record[key], float) for key in ("convention", "scatter", "typical"))
        return cls(tuple(record["symbols"]), convention, scatter, typical, float(record["unread"]))

    def covariance(self, symbol: str) -> np.ndarray:
        """(2, 2) of one reader's point, both parts; of an unread point without a direction."""
        if symbol not in self.symbols:
            return self.unread**2 * np.eye(2)
        at = slice(2 * self.symbols.index(symbol), 2 * self.symbols.index(symbol) + 2)
        return self.scatter[at, at] + self.convention[:, at].T @ self.convention[:, at]


@cache
def point_errors() -> PointErrors:
    """The shipped errors, read once."""
    return PointErrors.from_dict(json.loads(_FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, eq=False)
class Drawn:
    """Random positions of a film's points.

    Attributes:
        points: by symbol, (draws, 2) in the film's pixels.
        unknown: symbols whose uncertainty is not known; their draws do not vary.
    """

    points: dict[str, np.ndarray]
    unknown: frozenset[str]


def draw_points(points: LandmarkSet, draws: int, seed: int, film: int = 0) -> Drawn:
    """Random positions of every point; the same seed gives the same ones, whichever other points there are.

    Args:
        points: on square pixels.
        film: number of the film; films of one seed share the convention and nothing else.
    """
    frame = _SellaNasion.of(points)
    drawn: dict[str, np.ndarray] = {}
    unknown = set()
    tables: dict[int, np.ndarray] = {}
    for point in points:
        error = None
        if frame is not None and (point.edited or point.covariance is not None):
            error = _reader_like(point, frame, draws, seed, film, tables)
        if error is None and point.covariance is not None:
            own = np.asarray(point.covariance, float)
            stream = np.random.default_rng([seed, _OWN, film, *point.symbol.encode("utf-8")])
            error = stream.standard_normal((draws, 2)) @ _root(own).T
        if error is None:
            unknown.add(point.symbol)
            error = np.zeros((draws, 2))
        drawn[point.symbol] = point.xy + error
    return Drawn(drawn, frozenset(unknown))


def draw_two_films(first: LandmarkSet, second: LandmarkSet, draws: int, seed: int) -> tuple[Drawn, Drawn]:
    """Random positions of the points of two films that are compared, each on square pixels.

    The convention is shared. A point that lies on the same pixel with the same uncertainty on both is one reading of
    one film: its whole error is shared, so that a film differs from itself by nothing.
    """
    a = draw_points(first, draws, seed, film=0)
    b = draw_points(second, draws, seed, film=1)
    for point in second:
        if point.symbol in first and _same_reading(first[point.symbol], point):
            b.points[point.symbol] = a.points[point.symbol]
    return a, b


def _same_reading(a: LandmarkPoint, b: LandmarkPoint) -> bool:
    return a.covariance == b.covariance and bool(np.abs(a.xy - b.xy).max() <= _SAME_PX)


def _reader_like(
    point: LandmarkPoint, frame: _SellaNasion, draws: int, seed: int, film: int, tables: dict[int, np.ndarray]
) -> np.ndarray | None:
    """(draws, 2) px of a point that counts with a reader's error; None for points that were read off outlines."""
    errors = point_errors()
    by_person = point.edited and point.covariance is None
    if point.symbol not in errors.symbols:
        if not by_person:
            return None
        stream = np.random.default_rng([seed, _PERSON, film, *point.symbol.encode("utf-8")])
        return frame.to_pixels(errors.unread * stream.standard_normal((draws, 2)))
    who = _PERSON if by_person else _SCATTER
    if who not in tables:
        tables[who] = _draw_all(errors, draws, seed, film, who)
    at = errors.symbols.index(point.symbol)
    share = frame.to_pixels(tables[who][:, 2 * at : 2 * at + 2])
    if by_person or point.sd is None:
        return share
    return share * float(np.clip(point.sd / frame.length / errors.typical[at], _NARROWEST, _WIDEST))


@lru_cache(maxsize=8)
def _draw_all(errors: PointErrors, draws: int, seed: int, film: int, who: int) -> np.ndarray:
    """(draws, 2n) errors of all points together; a person's convention is that person's on this film.

    Kept: they are the same whatever the film shows, and are asked for again with every move of a hand.
    """
    usual = np.random.default_rng([seed, _CONVENTION, who, film if who == _PERSON else 0])
    new = np.random.default_rng([seed, who, film])
    size = len(errors.scatter)
    return (
        usual.standard_normal((draws, len(errors.convention))) @ errors.convention
        + new.standard_normal((draws, size)) @ _root(errors.scatter).T
    )


def _root(covariance: np.ndarray) -> np.ndarray:
    """A matrix whose product with its transpose is the covariance."""
    values, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
    return np.asarray(vectors * np.sqrt(np.clip(values, 0, None)))


@dataclass(frozen=True, eq=False)
class _SellaNasion:
    """The frame of sella-nasion on a film of square pixels.

    Attributes:
        length: of S-N, pixels.
        turn: (2, 2), directions in the frame to directions on the film.
    """

    length: float
    turn: np.ndarray

    @classmethod
    def of(cls, points: LandmarkSet) -> _SellaNasion | None:
        """None where S or N is missing, or the points do not tell which way the face looks."""
        right = looks_right({p.symbol: p.xy for p in points})
        if right is None or "S" not in points or "N" not in points:
            return None
        s, n = to_face_frame(points.array(("S", "N")), right)
        length = float(np.linalg.norm(n - s))
        if not length:
            return None
        u = (n - s) / length
        flip = np.diag([1.0 if right else -1.0, -1.0])
        return cls(length, flip @ np.array([[u[0], -u[1]], [u[1], u[0]]]))

    def to_pixels(self, shares: np.ndarray) -> np.ndarray:
        """(..., 2) shares of S-N in the frame as pixels of the film."""
        return np.asarray(self.length * shares @ self.turn.T)
