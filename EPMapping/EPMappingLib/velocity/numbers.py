"""The numbers of a map, with intervals from maps that the points allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from EPMappingLib.maps.mapping import ElectroMap
from EPMappingLib.maps.measured import faces_within
from EPMappingLib.surface.operators import gradient_operators
from EPMappingLib.velocity.conduction import KEPT, Conduction, conduction

MODEL_ERROR = {"total": 0.07, "cv_q25": 0.055, "cv_median": 0.055, "cv_q75": 0.12}
"""Root mean square of what drawn atria with fibers and a scar differ from their truth, as a share of the value: a map
of 150 to 500 points is smoother than the wave, which the random maps do not show in full. Part of every interval."""


@dataclass(frozen=True)
class Number:
    """A number with its standard uncertainty, None where that is not known."""

    value: float
    sd: float | None = None


@dataclass(frozen=True)
class MapNumbers:
    """The numbers of a map; None where the map does not hold them.

    Attributes:
        total_ms: from the earliest to the latest activation.
        cv_q25, cv_median, cv_q75: quartiles of the conduction velocity, m/s.
        excluded_share: of the triangles near which activation was measured.
        mapped_cm2: area near which anything was measured.
        shell_cm2: of the whole shell.
        low_cm2, low_share: area below the threshold of voltage, and its share of the area with voltage. Of an
            interpolated map a lower bound, without an uncertainty: small scars are smoothed away.
        voltage_cm2: area near which voltage was measured.
    """

    total_ms: Number | None
    cv_q25: Number | None
    cv_median: Number | None
    cv_q75: Number | None
    excluded_share: float | None
    mapped_cm2: float
    shell_cm2: float
    low_cm2: Number | None
    low_share: Number | None
    voltage_cm2: float


def map_conduction(found: ElectroMap) -> Conduction:
    """Velocities of a map."""
    return conduction(found.surface, found.lat_ms, faces_within(found.surface, found.lat_measured))


def map_numbers(
    found: ElectroMap,
    velocities: Conduction,
    low_mv: float,
    told: Callable[[float], None] = lambda share: None,
) -> MapNumbers:
    """Area, times, velocities and low voltage.

    An interpolated map gives the mean and the standard deviation of the same number over the random maps of the
    process, on the same triangles: the smooth map itself would be too fast. `MODEL_ERROR` is added to the deviation.

    Args:
        low_mv: voltage below which tissue counts as low.
    """
    surface = found.surface
    areas = surface.areas / 100
    voltage_faces = faces_within(surface, found.bipolar_measured)
    total = middle = low_q = high_q = low_area = low_share = None
    if found.has_lat:
        lat = found.lat_ms[found.lat_measured]
        total = _number("total", float(np.ptp(lat)), np.ptp(found.lat_draws[found.lat_measured], axis=0))
    if velocities.kept.any():
        drawn = _drawn_quartiles(found, velocities, told)
        names = ("cv_q25", "cv_median", "cv_q75")
        low_q, middle, high_q = (
            _number(name, value, drawn[:, index])
            for index, (name, value) in enumerate(zip(names, velocities.quartiles, strict=True))
        )
    measured = float(areas[voltage_faces].sum())
    if measured > 0:
        value = low_voltage_cm2(found, found.bipolar_mv[:, None], voltage_faces, low_mv)[0]
        low_area, low_share = Number(float(value)), Number(float(value / measured))
    return MapNumbers(
        total,
        low_q,
        middle,
        high_q,
        velocities.excluded_share if found.has_lat else None,
        float(areas[faces_within(surface, found.measured)].sum()),
        float(areas.sum()),
        low_area,
        low_share,
        measured,
    )


def low_voltage_cm2(found: ElectroMap, voltages: np.ndarray, faces: np.ndarray, low_mv: float) -> np.ndarray:
    """(M,) area of triangles whose corners' mean voltage lies below a threshold.

    Args:
        voltages: (V, M) mV.
        faces: (F,) those that count.
    """
    mean = voltages[found.surface.faces[faces]].mean(1)
    return np.asarray((found.surface.areas[faces, None] / 100 * (mean < low_mv)).sum(0))


def _drawn_quartiles(found: ElectroMap, velocities: Conduction, told: Callable[[float], None]) -> np.ndarray:
    """(M, 3) quartiles of the speed of each random map, over the triangles that have one in the map itself."""
    draws = found.lat_draws
    if not draws.shape[1]:
        return np.zeros((0, 3))
    kept = np.flatnonzero(velocities.reasons == KEPT)
    operators = [each[kept] for each in gradient_operators(found.surface)]
    values = np.nan_to_num(draws)
    quartiles = []
    for number in range(draws.shape[1]):
        steepness = np.sqrt(sum((each @ values[:, number]) ** 2 for each in operators))
        quartiles.append(1 / np.quantile(steepness, (0.75, 0.5, 0.25)))
        told((number + 1) / draws.shape[1])
    return np.array(quartiles)


def _number(name: str, of_map: float, drawn: np.ndarray) -> Number:
    """Mean and uncertainty over the random maps; the map's own number without them."""
    if len(drawn) < 2:
        return Number(of_map)
    value = float(drawn.mean())
    return Number(value, float(np.hypot(drawn.std(ddof=1), MODEL_ERROR[name] * value)))
