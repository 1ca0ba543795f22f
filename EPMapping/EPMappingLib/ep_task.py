"""The worker's task: shell, arrays and points in; the map with its numbers and lines out (numpy, scipy, VTK)."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy

from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.remark import Gravity, Remark
from EPMappingLib.ep_result import EpResult, Fitted, Line, Place, Quantity
from EPMappingLib.maps.interpolation import Field
from EPMappingLib.maps.mapping import ElectroMap, MapSettings, given_map, map_of_points
from EPMappingLib.maps.measured import faces_within
from EPMappingLib.maps.points import MapPoints
from EPMappingLib.surface.checks import check_surface
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import project
from EPMappingLib.velocity.conduction import KEPT, REASONS, UNMEASURED, Conduction
from EPMappingLib.velocity.isochrones import earliest_and_latest, isochrones
from EPMappingLib.velocity.lines import SlowLine, slow_lines
from EPMappingLib.velocity.numbers import MapNumbers, Number, map_conduction, map_numbers

_LOWER_BOUND = "The area of low voltage is a lower bound: interpolation smooths away scars of a few points."
_PLAUSIBLE = (0.1, 3.0)
"""m/s; a median velocity beyond is that of no heart muscle: coordinates or times are in another unit."""
_NO_LAT = "No activation time (LAT) is annotated: there are no isochrones and no velocities."


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Map a shell.

    Args:
        arrays: ``vertices`` (V, 3) mm, ``faces`` (F, 3); ``lat_ms`` and ``bipolar_mv`` at the vertices (V,), or with
            ``positions`` (N, 3) mm at those points (N,); NaN where not known.
        options: those of `options.OPTIONS`, ``shell`` its name, ``lat_name`` and ``bipolar_name``, ``point_names``,
            ``sites`` how many ablation sites there are, ``remarks`` what is known already (`Remark.to_dict`).

    Returns:
        values ``result`` as EpResult.to_json, ``device``, ``engine``; arrays of the map, see `_map_arrays`, of
        isochrones and of slow lines, see `_chain_arrays`.

    Raises:
        BadInput: the shell or the points cannot be used.
    """
    started = time.perf_counter()
    surface = Surface(np.asarray(arrays["vertices"], float), np.asarray(arrays["faces"], int))
    remarks = [Remark.from_dict(each) for each in options.get("remarks", ())]
    remarks += check_surface(surface)
    points = _points(arrays, options)
    if points is None:
        found = given_map(surface, arrays.get("lat_ms"), arrays.get("bipolar_mv"))
    else:
        settings = MapSettings(options["near"], options["farthest"], options["draws"])
        found = map_of_points(surface, points, settings, lambda share, what: progress(0.05 + 0.7 * share, what))
    remarks += found.remarks
    progress(0.75, "Velocities")
    velocities = map_conduction(found)
    numbers = map_numbers(
        found, velocities, options["low_voltage"], lambda share: progress(0.75 + 0.15 * share, "Intervals")
    )
    progress(0.9, "Isochrones")
    shown = faces_within(surface, found.lat_measured)
    lines = isochrones(surface, found.lat_ms, shown, options["step"]) if found.has_lat else ()
    blocks = slow_lines(surface, velocities, options["block"])
    slows = slow_lines(surface, velocities, options["slow"], options["block"])
    if found.bipolar_field is not None and found.has_voltage:
        remarks.append(Remark(_LOWER_BOUND, Gravity.NOTE))
    remarks += _implausible(velocities)
    if not found.has_lat:
        remarks.append(Remark(_NO_LAT))
    result = EpResult(
        shell=options["shell"],
        lat_name=options["lat_name"],
        bipolar_name=options["bipolar_name"],
        thresholds={
            name: float(options[name]) for name in ("near", "farthest", "step", "low_voltage", "slow", "block")
        },
        vertices=len(surface.vertices),
        triangles=len(surface.faces),
        quantities=_quantities(numbers),
        excluded=_excluded(velocities) if found.has_lat else {},
        sites=_sites(surface, found) if found.has_lat else (),
        lines=(*_lines("block", blocks), *_lines("slow", slows)),
        points=() if points is None else _places(surface, found, points, options["farthest"]),
        fits=_fits(found),
        ablation_sites=int(options.get("sites", 0)),
        checks=tuple(remarks),
        seconds=time.perf_counter() - started,
    )
    device = f"CPU {platform.machine()}, {os.cpu_count()} cores"
    engine = f"numpy {np.__version__}, scipy {scipy.__version__}"
    out = {**_map_arrays(found, velocities), **_chain_arrays("isochrone", [each.points for each in lines])}
    out |= _chain_arrays("line", [each.points for each in (*blocks, *slows)])
    out["isochrone_ms"] = np.array([each.lat_ms for each in lines])
    out["isochrone_closed"] = np.array([each.closed for each in lines], bool)
    return TaskResult(out, {"result": result.to_json(), "device": device, "engine": engine})


def _implausible(velocities: Conduction) -> list[Remark]:
    middle = velocities.quartiles[1]
    if not np.isfinite(middle) or _PLAUSIBLE[0] <= middle <= _PLAUSIBLE[1]:
        return []
    text = (
        f"A median velocity of {middle:.2g} m/s is that of no heart muscle: check the units of times and coordinates."
    )
    return [Remark(text, Gravity.GRAVE)]


def _points(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any]) -> MapPoints | None:
    if "positions" not in arrays:
        return None
    return MapPoints.of(
        arrays["positions"], arrays.get("lat_ms"), arrays.get("bipolar_mv"), None, tuple(options["point_names"])
    )


def _map_arrays(found: ElectroMap, velocities: Conduction) -> dict[str, np.ndarray]:
    """At vertices ``lat_ms``, ``lat_sd_ms``, ``bipolar_mv``, ``measured``; at triangles ``cv`` (m/s), ``reasons``."""
    return {
        "lat_ms": found.lat_ms,
        "lat_sd_ms": found.lat_sd_ms,
        "bipolar_mv": found.bipolar_mv,
        "measured": found.measured,
        "cv": velocities.speeds,
        "reasons": velocities.reasons.astype(np.uint8),
    }


def _chain_arrays(name: str, chains: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """``<name>_points`` (P, 3) of all, one after another, and ``<name>_sizes`` (C,) how many each has."""
    points = np.vstack(chains) if chains else np.zeros((0, 3))
    return {f"{name}_points": points, f"{name}_sizes": np.array([len(each) for each in chains], int)}


def _quantities(numbers: MapNumbers) -> dict[str, Quantity]:
    def of(number: Number | float | None) -> Quantity | None:
        if number is None:
            return None
        return Quantity(number.value, number.sd) if isinstance(number, Number) else Quantity(float(number))

    found = {
        "lat_total_ms": numbers.total_ms,
        "cv_q25": numbers.cv_q25,
        "cv_median": numbers.cv_median,
        "cv_q75": numbers.cv_q75,
        "excluded_share": numbers.excluded_share,
        "mapped_cm2": numbers.mapped_cm2,
        "shell_cm2": numbers.shell_cm2,
        "low_voltage_cm2": numbers.low_cm2,
        "low_voltage_share": numbers.low_share,
        "voltage_cm2": numbers.voltage_cm2 or None,
    }
    return {
        name: told for name, number in found.items() if (told := of(number)) is not None and np.isfinite(told.value)
    }


def _excluded(velocities: Conduction) -> dict[str, float]:
    """Why triangles near which something was measured have no velocity -> their share."""
    reasons = [reason for reason in REASONS if reason not in (KEPT, UNMEASURED)]
    return {REASONS[reason]: share for reason in reasons if np.isfinite(share := velocities.share(reason))}


def _sites(surface: Surface, found: ElectroMap) -> tuple[Place, ...]:
    first, last = earliest_and_latest(surface, found.lat_ms, found.lat_measured)
    places = []
    for name, site in (("earliest", first), ("latest", last)):
        sd = float(found.lat_sd_ms[site.vertex])
        places.append(Place(name, site.position, site.lat_ms, sd if np.isfinite(sd) else None))
    return tuple(places)


def _lines(kind: str, lines: Sequence[SlowLine]) -> tuple[Line, ...]:
    return tuple(Line(kind, each.length_mm, each.speed, each.area_mm2 / 100) for each in lines)


def _places(surface: Surface, found: ElectroMap, points: MapPoints, farthest: float) -> tuple[Place, ...]:
    """Every point that has a position, with its distance from the shell."""
    finite = points.some(np.isfinite(points.positions).all(1))
    distances = project(surface, finite.positions).distances
    return tuple(
        Place(name, tuple(place), _known(lat), None, _known(voltage), float(distance), bool(distance <= farthest))
        for name, place, lat, voltage, distance in zip(
            finite.names, finite.positions.tolist(), finite.lat_ms, finite.bipolar_mv, distances, strict=True
        )
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _fits(found: ElectroMap) -> dict[str, Fitted]:
    fits = {"lat": found.lat_field, "bipolar": found.bipolar_field}
    return {name: _fitted(field) for name, field in fits.items() if field is not None and field.parts}


def _fitted(field: Field) -> Fitted:
    left_out = np.abs(field.left_out)
    return Fitted(len(left_out), field.length, field.noise, float((left_out <= 1.96).mean()))
