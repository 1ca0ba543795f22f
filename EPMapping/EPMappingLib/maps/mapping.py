"""The map of a shell: activation and voltage at every vertex, from points or as the mapping system gave them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from EPMappingLib.maps.interpolation import LEAST_POINTS, Field, Interpolator
from EPMappingLib.maps.measured import distance_along
from EPMappingLib.maps.points import MapPoints
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import Projection, project

WRONG_FRAME_MM = 15.0
"""Median distance of points from their shell beyond which they most likely lie in another frame."""
_ODD = 4.0  # standard uncertainties of a left-out point


@dataclass(frozen=True)
class MapSettings:
    """What is asked of a map.

    Attributes:
        near_mm: along the shell from a point within which the map counts as measured.
        farthest_mm: from the shell beyond which a point is left out.
        draws: random maps for the intervals of numbers.
    """

    near_mm: float = 7.0
    farthest_mm: float = 10.0
    draws: int = 60


@dataclass(frozen=True)
class ElectroMap:
    """What is known at the vertices of a shell.

    Attributes:
        surface: the shell.
        lat_ms, lat_sd_ms, bipolar_mv: (V,) NaN where not known; the uncertainty is NaN everywhere where the mapping
            system had interpolated.
        lat_measured, bipolar_measured: (V,) where the quantity was measured nearby.
        lat_draws, bipolar_draws: (V, M) maps that the points allow; M is 0 where the system had interpolated.
        points: those that were used; None for a map that came interpolated.
        projection: of ``points`` onto the shell.
        lat_field, bipolar_field: the fits, for what they say of themselves.
        remarks: what a reader must know.
    """

    surface: Surface
    lat_ms: np.ndarray
    lat_sd_ms: np.ndarray
    bipolar_mv: np.ndarray
    lat_measured: np.ndarray
    bipolar_measured: np.ndarray
    lat_draws: np.ndarray
    bipolar_draws: np.ndarray
    points: MapPoints | None = None
    projection: Projection | None = None
    lat_field: Field | None = None
    bipolar_field: Field | None = None
    remarks: tuple[Remark, ...] = field(default_factory=tuple)

    @property
    def measured(self) -> np.ndarray:
        """(V,) where anything was measured nearby."""
        return np.asarray(self.lat_measured | self.bipolar_measured)

    @property
    def has_lat(self) -> bool:
        """Whether activation is known anywhere."""
        return bool(self.lat_measured.any())

    @property
    def has_voltage(self) -> bool:
        """Whether voltage is known anywhere."""
        return bool(self.bipolar_measured.any())


def given_map(surface: Surface, lat_ms: np.ndarray | None, bipolar_mv: np.ndarray | None) -> ElectroMap:
    """A map that the mapping system has interpolated already: taken as it is, without smoothing.

    Args:
        lat_ms, bipolar_mv: (V,) NaN where not known; None for none.

    Raises:
        BadInput: neither holds a value.
    """
    size = len(surface.vertices)
    lat = np.full(size, np.nan) if lat_ms is None else np.asarray(lat_ms, float)
    voltage = np.full(size, np.nan) if bipolar_mv is None else np.asarray(bipolar_mv, float)
    voltage = np.where(voltage >= 0, voltage, np.nan)
    at_lat, at_voltage = np.isfinite(lat) & surface.used, np.isfinite(voltage) & surface.used
    if not at_lat.any() and not at_voltage.any():
        raise BadInput(*NOTHING)
    remarks = [
        Remark(
            "The map came interpolated: how far its values can be trusted is not known, so no interval is given. "
            "Give the measured points to get one.",
        )
    ]
    remarks += _constant(lat[at_lat])
    empty = np.zeros((size, 0))
    return ElectroMap(
        surface, lat, np.full(size, np.nan), voltage, at_lat, at_voltage, empty, empty, remarks=tuple(remarks)
    )


NOTHING = (
    "The map holds no annotated activation time and no voltage.",
    "Annotate the points in the mapping system and export again, or name the arrays that hold them.",
)


def map_of_points(
    surface: Surface,
    points: MapPoints,
    settings: MapSettings,
    progress: Callable[[float, str], None] = lambda share, what: None,
) -> ElectroMap:
    """Interpolate measured points along the shell.

    Raises:
        BadInput: there are too few points, none near the shell, or none with a value.
    """
    if not (np.isfinite(points.lat_ms) | np.isfinite(points.bipolar_mv)).any():
        raise BadInput(*NOTHING)
    finite = np.isfinite(points.positions).all(1)
    if not finite.any():
        raise BadInput("No point has a position.", "Name the columns with its coordinates.")
    points = points.some(finite)
    projection = project(surface, points.positions)
    remarks = [*_lost(int((~finite).sum())), *frame_remarks(projection.distances)]
    near = projection.distances <= settings.farthest_mm
    if near.sum() < LEAST_POINTS:
        raise BadInput(
            f"Only {int(near.sum())} of {len(points)} points lie within {settings.farthest_mm:g} mm of the shell "
            f"(median distance {np.median(projection.distances):.1f} mm); {LEAST_POINTS} are needed.",
            "Check the unit and whether points and shell are LPS or RAS.",
        )
    if not near.all():
        share = f"{int((~near).sum())} of {len(points)}"
        text = f"{share} points lie more than {settings.farthest_mm:g} mm off the shell and were left out."
        remarks.append(Remark(text))
    points = points.some(near)
    projection = Projection(
        *(part[near] for part in (projection.places, projection.distances, projection.faces, projection.weights))
    )
    interpolator = Interpolator(surface, projection, settings.draws)
    progress(0.1, "Interpolating activation")
    lat = interpolator.field(points.lat_ms)
    progress(0.5, "Interpolating voltage")
    with np.errstate(invalid="ignore"):
        voltage = interpolator.field(np.log(points.bipolar_mv))
    progress(0.7, "Looking where something was measured")
    at_lat = _near(surface, projection, np.isfinite(points.lat_ms), settings.near_mm) & np.isfinite(lat.values)
    at_voltage = _near(surface, projection, np.isfinite(points.bipolar_mv), settings.near_mm) & np.isfinite(
        voltage.values
    )
    if not at_lat.any() and not at_voltage.any():
        raise BadInput(
            f"No part of the shell has {LEAST_POINTS} points with a value.", "Give more points, or check their columns."
        )
    remarks += _alone(surface, projection) + _constant(points.lat_ms) + _odd(lat, points)
    return ElectroMap(
        surface,
        np.where(at_lat, lat.values, np.nan),
        np.where(at_lat, lat.sd, np.nan),
        np.where(at_voltage, np.exp(voltage.values), np.nan),
        at_lat,
        at_voltage,
        lat.draws,
        np.exp(voltage.draws),
        points,
        projection,
        lat,
        voltage,
        tuple(remarks),
    )


def frame_remarks(distances: np.ndarray) -> list[Remark]:
    """What the distances of points from their shell say of the frame."""
    if not len(distances) or np.median(distances) <= WRONG_FRAME_MM:
        return []
    text = (
        f"Points and shell do not fit: the points lie {np.median(distances):.1f} mm off it (median). Most likely one "
        "is LPS and the other RAS, or the units differ; the numbers below are wrong."
    )
    return [Remark(text, Gravity.GRAVE)]


def _near(surface: Surface, projection: Projection, known: np.ndarray, near_mm: float) -> np.ndarray:
    if not known.any():
        return np.zeros(len(surface.vertices), bool)
    some = Projection(
        projection.places[known], projection.distances[known], projection.faces[known], projection.weights[known]
    )
    return np.isfinite(distance_along(surface, some, near_mm)) & surface.used


def _lost(count: int) -> list[Remark]:
    return [Remark(f"{count} points have no position and were left out.")] if count else []


def _alone(surface: Surface, projection: Projection) -> list[Remark]:
    """Parts with too few points."""
    counts = np.bincount(surface.face_components[projection.faces], minlength=int(surface.components.max()) + 1)
    few = int(((counts > 0) & (counts < LEAST_POINTS)).sum())
    if not few:
        return []
    return [
        Remark(f"{few} unconnected parts of the shell have fewer than {LEAST_POINTS} points; nothing is said of them.")
    ]


def _constant(lat_ms: np.ndarray) -> list[Remark]:
    known = lat_ms[np.isfinite(lat_ms)]
    if len(known) < 2:
        return []
    reach = float(np.ptp(known))
    if reach == 0:
        return [Remark("All activation times are the same: there is no wave to speak of.", Gravity.GRAVE)]
    if reach < 2.0:
        return [Remark(f"All activation lies within {reach:.3g} ms; the times are most likely seconds.", Gravity.GRAVE)]
    if reach > 1000.0:
        text = (
            f"Activation spreads over {reach:.0f} ms, longer than one beat: other beats, or another unit, are among it."
        )
        return [Remark(text, Gravity.GRAVE)]
    return []


def _odd(found: Field, points: MapPoints) -> list[Remark]:
    """Points that all others contradict."""
    names = []
    for members, _, fitted in found.parts:
        odd = np.abs(fitted.left_out) > _ODD * fitted.width
        names += [points.names[index] for index in members[odd]]
    if not names:
        return []
    shown = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
    told = "1 point contradicts its" if len(names) == 1 else f"{len(names)} points contradict their"
    return [Remark(f"{told} neighbors and should be looked at: {shown}.")]
