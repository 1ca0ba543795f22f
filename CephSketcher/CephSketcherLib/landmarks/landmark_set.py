"""Found, derived and edited landmarks of one film, in the film's own pixels (x right, y down, 0-based centers)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

Covariance = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class LandmarkPoint:
    """One landmark.

    Attributes:
        x, y: pixels.
        covariance: of (x, y), px^2; None where nothing is known about it, as after an edit.
        confidence: 0..1, how clearly the network saw it.
        flagged: the user should check this point first.
        edited: placed by hand.
        source: "network", "outline" ... ; for people.
    """

    symbol: str
    x: float
    y: float
    covariance: Covariance | None = None
    confidence: float = 1.0
    flagged: bool = False
    edited: bool = False
    source: str = ""

    @property
    def xy(self) -> np.ndarray:
        """(2,) float64."""
        return np.array([self.x, self.y], float)

    @property
    def sd(self) -> float | None:
        """Standard uncertainty, px: root of the covariance's mean eigenvalue; None where it is not known."""
        if self.covariance is None:
            return None
        (xx, _), (_, yy) = self.covariance
        return float(np.sqrt(0.5 * (xx + yy)))

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return {
            "symbol": self.symbol,
            "x": self.x,
            "y": self.y,
            "covariance": None if self.covariance is None else [list(row) for row in self.covariance],
            "confidence": self.confidence,
            "flagged": self.flagged,
            "edited": self.edited,
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> LandmarkPoint:
        """Read `to_dict`."""
        rest = {key: record[key] for key in ("symbol", "confidence", "flagged", "edited", "source")}
        return cls(x=float(record["x"]), y=float(record["y"]), covariance=covariance_of(record["covariance"]), **rest)


def covariance_of(matrix: Any) -> Covariance | None:
    """A 2 x 2 array or nested list as the tuple that a point keeps; None stays None."""
    if matrix is None:
        return None
    m = np.asarray(matrix, float)
    return ((float(m[0, 0]), float(m[0, 1])), (float(m[1, 0]), float(m[1, 1])))


@dataclass(frozen=True)
class LandmarkSet:
    """The landmarks of one film; order is kept, symbols are unique."""

    points: tuple[LandmarkPoint, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.symbols)) != len(self.points):
            raise ValueError("A landmark occurs twice.")

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Short names, in order."""
        return tuple(point.symbol for point in self.points)

    def __getitem__(self, symbol: str) -> LandmarkPoint:
        for point in self.points:
            if point.symbol == symbol:
                return point
        raise KeyError(symbol)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self.symbols

    def __iter__(self) -> Iterator[LandmarkPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def array(self, symbols: Sequence[str] | None = None) -> np.ndarray:
        """(n, 2) float64 positions of these landmarks, of all in order when none are named.

        Raises:
            KeyError: one is not there.
        """
        wanted = self.symbols if symbols is None else symbols
        return np.array([self[symbol].xy for symbol in wanted], float).reshape(-1, 2)

    def moved(self, symbol: str, xy: Sequence[float] | np.ndarray) -> LandmarkSet:
        """The same set with one landmark placed by hand: edited, no longer flagged, its uncertainty unknown.

        Raises:
            KeyError: it is not there.
        """
        new = replace(
            self[symbol], x=float(xy[0]), y=float(xy[1]), covariance=None, confidence=1.0, flagged=False, edited=True
        )
        return LandmarkSet(tuple(new if point.symbol == symbol else point for point in self.points))

    def with_points(self, extra: Iterable[LandmarkPoint]) -> LandmarkSet:
        """The set with more points; one that is already there is replaced in its place."""
        new = {point.symbol: point for point in extra}
        kept = tuple(new.pop(point.symbol, point) for point in self.points)
        return LandmarkSet(kept + tuple(new.values()))

    def without(self, symbols: Iterable[str]) -> LandmarkSet:
        """The set without these; unknown symbols do not matter."""
        dropped = set(symbols)
        return LandmarkSet(tuple(point for point in self.points if point.symbol not in dropped))

    def in_order_of(self, symbols: Sequence[str]) -> LandmarkSet:
        """The same points in this order; those that are not named come last, in the order they had."""
        place = {symbol: index for index, symbol in enumerate(symbols)}
        return LandmarkSet(tuple(sorted(self.points, key=lambda point: place.get(point.symbol, len(place)))))

    def mirrored(self, width: int) -> LandmarkSet:
        """The landmarks on the film mirrored left-right.

        Args:
            width: of the film, pixels.
        """

        def turn(point: LandmarkPoint) -> LandmarkPoint:
            covariance = None
            if point.covariance is not None:
                (xx, xy), (yx, yy) = point.covariance
                covariance = ((xx, -xy), (-yx, yy))
            return replace(point, x=width - 1 - point.x, covariance=covariance)

        return LandmarkSet(tuple(turn(point) for point in self.points))

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return {"points": [point.to_dict() for point in self.points]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> LandmarkSet:
        """Read `to_dict`."""
        return cls(tuple(LandmarkPoint.from_dict(point) for point in record["points"]))
