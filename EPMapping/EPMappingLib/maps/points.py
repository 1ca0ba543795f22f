"""Measured points of a map."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

VALUES = ("lat_ms", "bipolar_mv", "unipolar_mv")
"""What a point may carry; NaN where it was not measured."""


@dataclass(frozen=True)
class MapPoints:
    """Points where the catheter was.

    Attributes:
        positions: (N, 3) mm, in the shell's frame.
        lat_ms, bipolar_mv, unipolar_mv: (N,) NaN where not measured.
        names: of each point.
    """

    positions: np.ndarray
    lat_ms: np.ndarray
    bipolar_mv: np.ndarray
    unipolar_mv: np.ndarray
    names: tuple[str, ...] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.positions)

    @classmethod
    def of(
        cls,
        positions: np.ndarray,
        lat_ms: np.ndarray | None = None,
        bipolar_mv: np.ndarray | None = None,
        unipolar_mv: np.ndarray | None = None,
        names: tuple[str, ...] = (),
    ) -> MapPoints:
        """Points with what is known of them; voltages that are not above zero count as not measured."""
        count = len(positions)

        def filled(values: np.ndarray | None) -> np.ndarray:
            return np.full(count, np.nan) if values is None else np.asarray(values, float)

        def above_zero(values: np.ndarray) -> np.ndarray:
            return np.where(values > 0, values, np.nan)

        return cls(
            np.asarray(positions, float).reshape(-1, 3),
            filled(lat_ms),
            above_zero(filled(bipolar_mv)),
            above_zero(filled(unipolar_mv)),
            names or tuple(str(number + 1) for number in range(count)),
        )

    def some(self, kept: np.ndarray) -> MapPoints:
        """Those of a mask (N,) or of indices."""
        names = tuple(np.array(self.names, object)[kept])
        return MapPoints(self.positions[kept], self.lat_ms[kept], self.bipolar_mv[kept], self.unipolar_mv[kept], names)
