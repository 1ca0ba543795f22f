"""What changed between two superimposed films: displacements of landmarks, changes of measures, each with uncertainty.

Both films' points are drawn together (`analysis.point_errors`): where a network or reader usually places a point is
the same on both and leaves the difference, and a film differs from itself by 0.0 +- 0.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.analysis.growth_prior import Usual, usual_change
from CephSketcherLib.analysis.measure_definition import MILLIMETER
from CephSketcherLib.analysis.point_errors import Drawn
from CephSketcherLib.comparison.superimposition import (
    BEST_FIT,
    SELLA_NASION,
    Superimposition,
    TracedFilm,
    landmark_fit,
)

#: 95 % point of chi squared with two degrees of freedom: beyond it a displacement is more than the points' scatter.
_CHI2_95 = 5.991
_Z95 = 1.96
_LAYING = 7  # stream of random numbers of the outlines' own uncertainty


@dataclass(frozen=True)
class Displacement:
    """Where a landmark went.

    Attributes:
        forward, up: components in the first film's face frame turned so that sella-nasion is level, in ``unit``.
        length: of the displacement.
        sd_forward, sd_up: standard uncertainties; None when that of a point is unknown.
        significant: more than the uncertainty of the points explains (95 %); None when it is unknown.
    """

    symbol: str
    forward: float
    up: float
    length: float
    unit: str
    sd_forward: float | None
    sd_up: float | None
    significant: bool | None


@dataclass(frozen=True)
class Change:
    """How a measure changed, second less first.

    Attributes:
        sd, interval: from both films; None when either is unknown.
        significant: the 95 % interval leaves out zero; None when it is unknown.
        usual: change between two visits of growing people, where known.
    """

    name: str
    title: str
    unit: str
    first: float
    second: float
    difference: float
    sd: float | None
    interval: tuple[float, float] | None
    significant: bool | None
    usual: Usual | None

    @property
    def usual_text(self) -> str:
        """The usual change with its spread, in the measure's unit; "" where none is known."""
        if self.usual is None:
            return ""
        factor = self.first / 100 if self.unit == MILLIMETER else 1.0
        return f"{factor * self.usual.mean:+.1f} \u00b1 {abs(factor) * self.usual.sd:.1f}"


def displacements(
    first: TracedFilm, second: TracedFilm, laid: Superimposition, drawn: tuple[Drawn, Drawn]
) -> list[Displacement]:
    """Displacement of every landmark that both films have, in the first film's order.

    Landmark fits are made anew for every draw, so that the scatter of the anchors is in the result: sella, which a
    sella-nasion fit holds by definition, has no displacement at all.

    Args:
        drawn: of both films' points, from `draw_two_films`.
    """
    symbols = [s for s in first.points.symbols if s in second.points]
    level = _level(first, laid.in_mm)
    exact = _moves(first, second, laid, symbols, level)
    a = first.face(np.stack([drawn[0].points[s] for s in symbols], axis=1), laid.in_mm)
    b = second.face(np.stack([drawn[1].points[s] for s in symbols], axis=1), laid.in_mm)
    moves = np.empty_like(a)
    if laid.method in (SELLA_NASION, BEST_FIT):
        rows = [symbols.index(s) for s in laid.anchors]
        for i in range(len(a)):
            found = landmark_fit(laid.method, b[i, rows], a[i, rows], laid.in_mm)
            moves[i] = found.apply(b[i]) - a[i]
    else:
        moved = laid.fit.apply(b)
        noise = np.random.default_rng(_LAYING)
        turns = laid.turn_sd * noise.standard_normal((len(a), 1, 1))
        arm = moved - np.array(laid.center)
        swing = turns * np.stack([-arm[..., 1], arm[..., 0]], axis=-1)
        moves = moved + swing + laid.registration_sd * noise.standard_normal((len(a), 1, 2)) - a
    moves = moves @ level.T * _unit_factor(first, laid)
    exact = exact * _unit_factor(first, laid)
    unknown = drawn[0].unknown | drawn[1].unknown
    if laid.method in (SELLA_NASION, BEST_FIT) and unknown.intersection(laid.anchors):
        unknown = frozenset(symbols)
    return [_displacement(s, exact[i], moves[:, i], laid.unit, s in unknown) for i, s in enumerate(symbols)]


def _displacement(symbol: str, exact: np.ndarray, moves: np.ndarray, unit: str, unknown: bool) -> Displacement:
    forward, up = float(exact[0]), float(exact[1])
    length = float(np.hypot(forward, up))
    if unknown:
        return Displacement(symbol, forward, up, length, unit, None, None, None)
    covariance = np.cov(moves.T)
    sd = np.sqrt(np.diag(covariance))
    if not np.linalg.det(covariance) > 1e-12:  # the fit holds the point, at least along one direction
        significant = bool(length > _Z95 * float(sd.max()) + 1e-9)
    else:
        significant = bool(exact @ np.linalg.solve(covariance, exact) > _CHI2_95)
    return Displacement(symbol, forward, up, length, unit, float(sd[0]), float(sd[1]), significant)


def _moves(
    first: TracedFilm, second: TracedFilm, laid: Superimposition, symbols: Sequence[str], level: np.ndarray
) -> np.ndarray:
    a = first.face(first.points.array(symbols), laid.in_mm)
    b = second.face(second.points.array(symbols), laid.in_mm)
    return (laid.fit.apply(b) - a) @ level.T


def _level(first: TracedFilm, in_mm: bool) -> np.ndarray:
    """(2, 2) turn that makes sella-nasion of the first film level; none when one of them is missing."""
    if "S" not in first.points or "N" not in first.points:
        return np.eye(2)
    s, n = first.face(first.points.array(("S", "N")), in_mm)
    u = (n - s) / np.linalg.norm(n - s)
    return np.array([[u[0], u[1]], [-u[1], u[0]]])


def _unit_factor(first: TracedFilm, laid: Superimposition) -> float:
    """From the fit frame to the unit shown: 1 for mm, else percent of sella-nasion of the first film."""
    if laid.in_mm:
        return 1.0
    s, n = first.face(first.points.array(("S", "N")), False)
    return 100.0 / float(np.linalg.norm(n - s))


def changes(
    first: Sequence[CephMeasure],
    second: Sequence[CephMeasure],
    drawn: tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]],
) -> list[Change]:
    """Changes of the measures that both films have, in the first film's order. They need no superimposition.

    Args:
        drawn: (draws,) of each film's measures by name, made of points that were drawn together.
    """
    later = {measure.name: measure for measure in second}
    found = []
    for before in first:
        after, name = later.get(before.name), before.name
        if after is None:
            continue
        difference = after.value - before.value
        sd, interval, significant = None, None, None
        if name in drawn[0] and name in drawn[1]:
            sd = float(np.std(drawn[1][name] - drawn[0][name]))
            interval = (difference - _Z95 * sd, difference + _Z95 * sd)
            significant = not interval[0] <= 0 <= interval[1]
        found.append(
            Change(
                name,
                before.title,
                before.unit,
                before.value,
                after.value,
                difference,
                sd,
                interval,
                significant,
                usual_change(name),
            )
        )
    return found
