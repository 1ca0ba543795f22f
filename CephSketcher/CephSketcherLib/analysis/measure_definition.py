"""What a cephalometric measure is, and the terms that its definition is written in.

A term knows its formula and the points it needs, so that `angle(SN, line("N", "A"))` is all there is to say about one.
Lines have a direction: `-SN` runs from N to S. Formulas broadcast over leading axes, one film or thousands of draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from CephSketcherLib.analysis import plane_geometry as geometry

#: Points by symbol, (..., 2) each, in the face's frame (x forward, y up), pixels or mm.
Points = Mapping[str, np.ndarray]
Formula = Callable[[Points], np.ndarray]

DEGREE, MILLIMETER, PERCENT = "deg", "mm", "%"


@dataclass(frozen=True)
class MeasureDefinition:
    """One measure.

    Attributes:
        name: short name, unique, as in tables ("SNA", "U1-NA mm").
        title: for people.
        unit: "deg", "%" or "mm"; mm measures need a scale.
        uses: symbols of the points in the formula.
        formula: points in the face's frame to the value, broadcasting over leading axes.
        convention: what is measured and which sign it has, one sentence.
        approximation: where the formula stands in for the original definition, how; "" where it is the original.
    """

    name: str
    title: str
    unit: str
    uses: tuple[str, ...]
    formula: Formula
    convention: str
    approximation: str = ""


@dataclass(frozen=True)
class Term:
    """A point or direction (..., 2), or a value (...,), made of points.

    Attributes:
        of: points in the face's frame to the term.
        uses: symbols of those points, each once.
    """

    of: Formula
    uses: tuple[str, ...]

    def __neg__(self) -> Term:
        return Term(lambda p: -self.of(p), self.uses)

    def __abs__(self) -> Term:
        return Term(lambda p: np.abs(self.of(p)), self.uses)

    def __add__(self, other: Term) -> Term:
        return _joined(np.add, self, other)

    def __sub__(self, other: Term | float) -> Term:
        if isinstance(other, Term):
            return _joined(np.subtract, self, other)
        return Term(lambda p: self.of(p) - other, self.uses)


def _joined(function: Callable[..., np.ndarray], *parts: Term | str) -> Term:
    terms = [point(part) if isinstance(part, str) else part for part in parts]
    uses = tuple(dict.fromkeys(symbol for term in terms for symbol in term.uses))
    return Term(lambda p: function(*(term.of(p) for term in terms)), uses)


def point(symbol: str) -> Term:
    """A point."""
    return Term(lambda p: p[symbol], (symbol,))


def middle(a: str, b: str) -> Term:
    """The point midway between two."""
    return _joined(lambda u, v: 0.5 * (u + v), a, b)


def line(a: Term | str, b: Term | str) -> Term:
    """The direction from a to b."""
    return _joined(lambda u, v: v - u, a, b)


def down(plane: Term) -> Term:
    """A plane's direction turned by a right angle: downwards for a plane that runs forwards."""
    return _joined(lambda u: np.stack([u[..., 1], -u[..., 0]], axis=-1), plane)


def angle(u: Term, v: Term) -> Term:
    """Angle between two directions, degrees, 0..180."""
    return _joined(geometry.angle, u, v)


def turn(u: Term, v: Term) -> Term:
    """Signed angle from u to v, degrees, counterclockwise positive (x forward, y up)."""
    return _joined(geometry.turn, u, v)


def interior(a: str, apex: str, b: str) -> Term:
    """Angle a-apex-b, degrees, 0..360, where b lies clockwise of a: it may pass 180."""
    return _joined(lambda u, v, w: geometry.sweep(w - v, u - v), a, apex, b)


def corner(a: str, apex: str, b: str) -> Term:
    """Angle a-apex-b, degrees, signed: positive where a lies counterclockwise of b."""
    return _joined(lambda u, v, w: geometry.turn(w - v, u - v), a, apex, b)


def sweep(u: Term, v: Term) -> Term:
    """Counterclockwise angle from u to v, degrees, 0..360."""
    return _joined(geometry.sweep, u, v)


def opening(upper: Term, lower: Term) -> Term:
    """Angle between two planes, degrees, positive when they diverge towards the front."""
    return _joined(lambda u, v: geometry.turn(v, u), upper, lower)


def distance(a: str, b: str) -> Term:
    """Length of a-b."""
    return _joined(geometry.distance, a, b)


def offset(p: str, a: Term | str, b: str) -> Term:
    """Distance of p from the line a-b that runs downwards, positive in front."""
    return _joined(geometry.offset, p, a, b)


def along(p: str, origin: str, direction: Term) -> Term:
    """How far p lies ahead of origin along a direction."""
    return _joined(geometry.along, p, origin, direction)


def smaller(a: Term, b: Term) -> Term:
    """The smaller of two values."""
    return _joined(np.minimum, a, b)


def share(part: Term, whole: Term) -> Term:
    """One value in percent of another."""
    return _joined(lambda a, b: 100 * a / b, part, whole)


def degrees(name: str, title: str, term: Term, convention: str, approximation: str = "") -> MeasureDefinition:
    """An angle."""
    return MeasureDefinition(name, title, DEGREE, term.uses, term.of, convention, approximation)


def millimeters(name: str, title: str, term: Term, convention: str, approximation: str = "") -> MeasureDefinition:
    """A length."""
    return MeasureDefinition(name, title, MILLIMETER, term.uses, term.of, convention, approximation)


def percent(name: str, title: str, term: Term, convention: str, approximation: str = "") -> MeasureDefinition:
    """A ratio."""
    return MeasureDefinition(name, title, PERCENT, term.uses, term.of, convention, approximation)


#: Sella-nasion, Frankfort horizontal, palatal plane, mandibular plane: all from back to front.
SN, FH, PP, MP = line("S", "N"), line("Po", "Or"), line("PNS", "ANS"), line("Go", "Me")
