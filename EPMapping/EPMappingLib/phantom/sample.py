"""The phantom atrium as a study: a shell and measured points with their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from EPMappingLib.exports.study import ChamberMap, PointTable, Study
from EPMappingLib.phantom.atrium import Atrium, atrium

NAME = "Phantom atrium"
POINTS = 300


@dataclass(frozen=True)
class SampleStudy:
    """A drawn study.

    Attributes:
        study: one map with points.
        atrium: the truth.
        lat_ms: (V,) the true activation.
    """

    study: Study
    atrium: Atrium
    lat_ms: np.ndarray

    def truth(self) -> dict[str, float]:
        """The true numbers, by the name of the measurement."""
        speeds = self.atrium.speeds(self.lat_ms)
        low, middle, high = np.nanquantile(speeds, (0.25, 0.5, 0.75))
        return {
            "TotalActivationTime": float(np.ptp(self.lat_ms)),
            "CV_q25": float(low),
            "CV_median": float(middle),
            "CV_q75": float(high),
        }


def sample(seed: int, count: int = POINTS, spacing: float = 1.8) -> SampleStudy:
    """The atrium paced from the high left, with points spread over it.

    Args:
        seed: of the points and their noise.
    """
    made = atrium(spacing)
    lat = made.activation()
    points = made.points(lat, count, seed)
    table = PointTable(points.positions, {"LAT": points.lat_ms, "Bipolar": points.bipolar_mv}, points.names)
    return SampleStudy(Study(NAME, (ChamberMap(NAME, made.surface, {}, table),)), made, lat)
