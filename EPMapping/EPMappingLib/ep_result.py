"""What a map says, as plain data that a scene and result.json keep."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from DeepMedLib.measurement import Measurement
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.report.numbers import digits_of, plain
from DeepMedLib.results.result import DONE, Result, remarks_to_json
from DeepMedLib.results.table import Cell, Column, Table, measurement_table

WORDING = (
    "Slow conduction, block and low voltage are what lies below thresholds that the user set; what follows from them "
    "is for the electrophysiologist to say."
)
_BINS_MM = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 25.0, 50.0)


@dataclass(frozen=True)
class Quantity:
    """A number with its standard uncertainty; None where that is not known."""

    value: float
    sd: float | None = None


@dataclass(frozen=True)
class Place:
    """A site of the wave, or a measured point.

    Attributes:
        name: "earliest", "latest", or of the point.
        position: RAS mm in the shell's frame.
        lat_ms, sd_ms, bipolar_mv: None where not known.
        distance_mm: of a point from the shell.
        used: False for a point that was left out because it lies too far off.
    """

    name: str
    position: tuple[float, float, float]
    lat_ms: float | None = None
    sd_ms: float | None = None
    bipolar_mv: float | None = None
    distance_mm: float | None = None
    used: bool = True


@dataclass(frozen=True)
class Line:
    """A line of slow conduction ("slow") or of block ("block").

    Attributes:
        speed: m/s, the median of its triangles.
    """

    kind: str
    length_mm: float
    speed: float
    area_cm2: float


@dataclass(frozen=True)
class Fitted:
    """What the interpolation says of itself.

    Attributes:
        points: that it rests on.
        length_mm: at which the correlation has fallen to about 0.1.
        noise: of one point: ms, or as the logarithm of mV.
        covered: share of the points that lie within the 95 % interval which all other points give.
    """

    points: int
    length_mm: float
    noise: float
    covered: float


@dataclass(frozen=True)
class EpResult(Result):
    """A map.

    Attributes:
        shell: name of the shell.
        lat_name, bipolar_name: arrays or columns that held activation and voltage; "" for none.
        thresholds: the options that numbers depend on, by name.
        vertices, triangles: of the shell.
        quantities: what is known, by name: lat_total_ms; cv_q25, cv_median, cv_q75 in m/s; excluded_share; mapped_cm2,
            shell_cm2; low_voltage_cm2, low_voltage_share, voltage_cm2.
        excluded: why triangles have no velocity -> share.
        sites: earliest and latest.
        lines: of block, then of slow conduction, as their curves are numbered.
        points: all that have a position.
        fits: of "lat" and "bipolar" where they were interpolated here.
        ablation_sites: how many came along.
        checks: what is wrong with the input.
        seconds: what the computation took.
    """

    shell: str
    lat_name: str
    bipolar_name: str
    thresholds: dict[str, float]
    vertices: int
    triangles: int
    quantities: dict[str, Quantity]
    excluded: dict[str, float]
    sites: tuple[Place, ...]
    lines: tuple[Line, ...]
    points: tuple[Place, ...] = ()
    fits: dict[str, Fitted] = field(default_factory=dict)
    ablation_sites: int = 0
    checks: tuple[Remark, ...] = ()
    seconds: float = 0.0
    provenance: dict[str, str] = field(default_factory=dict)

    def status(self) -> str:
        """A map without a value is refused before."""
        return DONE

    def value(self, name: str) -> float | None:
        """One of the quantities."""
        return self.quantities[name].value if name in self.quantities else None

    def answer(self) -> str:
        """Total time and velocity, or voltage where there is no activation."""
        told = []
        if (total := self.value("lat_total_ms")) is not None:
            told.append(f"activation over {total:.0f} ms")
        if (speed := self.value("cv_median")) is not None:
            told.append(
                f"velocity {speed:.2f} m/s (quartiles {self.value('cv_q25'):.2f} to {self.value('cv_q75'):.2f})"
            )
        if (low := self.value("low_voltage_share")) is not None:
            told.append(f"{100 * low:.0f} % below {self.thresholds['low_voltage']:g} mV")
        told.append(f"{self.value('mapped_cm2'):.1f} cm2 measured")
        return f"{self.shell}: {', '.join(told)}"

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """The input's checks, and what the words mean."""
        return gravest_first([*self.checks, Remark(WORDING, Gravity.NOTE)])

    def measurements(self) -> list[Measurement]:
        """Every number with its interval and what it rests on."""
        fits = self.fits.get("lat")
        rests = f"interpolated from {fits.points} points" if fits else "as the mapping system interpolated it"
        voltage = self.fits.get("bipolar")
        rests_v = f"interpolated from {voltage.points} points" if voltage else "as the mapping system interpolated it"
        low = f"below {self.thresholds['low_voltage']:g} mV" + (", at least" if voltage else "")
        described = (
            ("lat_total_ms", "TotalActivationTime", "ms", 1.0, "Total activation time", rests),
            ("cv_median", "CV_median", "m/s", 1.0, "Conduction velocity, median", rests),
            ("cv_q25", "CV_q25", "m/s", 1.0, "Conduction velocity, lower quartile", rests),
            ("cv_q75", "CV_q75", "m/s", 1.0, "Conduction velocity, upper quartile", rests),
            ("excluded_share", "ExcludedTriangles", "%", 100.0, "Measured triangles without a velocity", rests),
            ("mapped_cm2", "MappedArea", "cm2", 1.0, "Measured area", "triangles of the shell"),
            ("shell_cm2", "ShellArea", "cm2", 1.0, "Area of the shell", "triangles of the shell"),
            ("low_voltage_cm2", "LowVoltageArea", "cm2", 1.0, f"Area {low}", rests_v),
            ("low_voltage_share", "LowVoltageShare", "%", 100.0, f"Measured area {low}", rests_v),
        )
        found = []
        for name, short, unit, scale, label, source in described:
            if name in self.quantities:
                told = self.quantities[name]
                sd = None if told.sd is None else scale * told.sd
                found.append(Measurement(short, scale * told.value, unit, sd, None, source, label))
        return found

    def tables(self) -> list[Table]:
        """Measurements, why triangles were excluded, sites, lines, and points with their distances."""
        numbers = tuple(_number_row(item) for item in self.measurements())
        tables = [
            Table("numbers", "Map", _NUMBER_COLUMNS, numbers, in_file=False),
            measurement_table(self.measurements()),
        ]
        if self.excluded:
            rows = tuple((reason, 100 * share) for reason, share in self.excluded.items())
            columns = (Column("reason", "Reason"), Column("share_percent", "Share (%)", 1))
            tables.append(Table("excluded", "Measured triangles without a velocity", columns, rows))
        if self.sites:
            tables.append(Table("sites", "Earliest and latest site", _PLACE_COLUMNS[:6], _place_rows(self.sites, 6)))
        if self.lines:
            lines = tuple((line.kind, line.length_mm, line.speed, line.area_cm2) for line in self.lines)
            tables.append(Table("lines", "Lines of block and slow conduction", _LINE_COLUMNS, lines))
        if self.points:
            tables.append(Table("distances", "Distance of points from the shell", _BIN_COLUMNS, self._histogram()))
            tables.append(Table("points", "Points", _PLACE_COLUMNS, _place_rows(self.points, len(_PLACE_COLUMNS))))
        return tables

    def distances(self) -> np.ndarray:
        """(N,) mm of all points from the shell."""
        return np.array([place.distance_mm for place in self.points], float)

    def _histogram(self) -> tuple[tuple[Cell, ...], ...]:
        edges = np.array([*_BINS_MM, np.inf])
        counts = np.histogram(self.distances(), edges)[0]
        last = int(np.flatnonzero(counts).max(initial=0)) + 1
        return tuple(
            (f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}", int(count))
            for low, high, count in zip(edges[:last], edges[1 : last + 1], counts[:last], strict=True)
        )

    def summary(self) -> dict[str, Cell]:
        """The numbers of `deepmed evaluate ep_shell`, and how many points there were."""
        names = ("lat_total_ms", "cv_median", "cv_q25", "cv_q75", "mapped_cm2", "excluded_share", "low_voltage_share")
        return {**{name: self.value(name) for name in names}, "points": len(self.points)}

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "ep",
            "input": self.shell,
            "status": self.status(),
            "reason": "",
            "lat_name": self.lat_name,
            "bipolar_name": self.bipolar_name,
            "thresholds": dict(self.thresholds),
            "vertices": self.vertices,
            "triangles": self.triangles,
            "quantities": {name: asdict(each) for name, each in self.quantities.items()},
            "excluded": dict(self.excluded),
            "sites": [_plain(site) for site in self.sites],
            "lines": [asdict(line) for line in self.lines],
            "points": [_plain(point) for point in self.points],
            "fits": {name: asdict(each) for name, each in self.fits.items()},
            "ablation_sites": self.ablation_sites,
            "checks": [check.to_dict() for check in self.checks],
            "measurements": [item.to_dict() for item in self.measurements()],
            **remarks_to_json(self.remarks),
            "seconds": self.seconds,
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> EpResult:
        """Read `to_json`."""
        return cls(
            shell=record["input"],
            lat_name=record["lat_name"],
            bipolar_name=record["bipolar_name"],
            thresholds=dict(record["thresholds"]),
            vertices=record["vertices"],
            triangles=record["triangles"],
            quantities={name: Quantity(**each) for name, each in record["quantities"].items()},
            excluded=dict(record["excluded"]),
            sites=tuple(_place(each) for each in record["sites"]),
            lines=tuple(Line(**each) for each in record["lines"]),
            points=tuple(_place(each) for each in record["points"]),
            fits={name: Fitted(**each) for name, each in record["fits"].items()},
            ablation_sites=record["ablation_sites"],
            checks=tuple(Remark.from_dict(check) for check in record["checks"]),
            seconds=record["seconds"],
            provenance=dict(record["provenance"]),
        )


_NUMBER_COLUMNS = (
    Column("measure", "Measure"),
    Column("value", "Value"),
    Column("low_95", "95 % low"),
    Column("high_95", "95 % high"),
    Column("unit", "Unit"),
)
_PLACE_COLUMNS = (
    Column("name", "Name"),
    Column("r_mm", "R (mm)", 1),
    Column("a_mm", "A (mm)", 1),
    Column("s_mm", "S (mm)", 1),
    Column("lat_ms", "LAT (ms)", 1),
    Column("lat_sd_ms", "SD (ms)", 1),
    Column("bipolar_mv", "Bipolar (mV)", 2),
    Column("distance_mm", "Off the shell (mm)", 1),
    Column("used", "Used"),
)
_LINE_COLUMNS = (
    Column("kind", "Kind"),
    Column("length_mm", "Length (mm)", 1),
    Column("speed_m_per_s", "Median speed (m/s)", 2),
    Column("area_cm2", "Area (cm2)", 2),
)
_BIN_COLUMNS = (Column("distance_mm", "Distance (mm)"), Column("points", "Points"))


def _number_row(item: Measurement) -> tuple[Cell, ...]:
    """A measurement as people see it."""
    digits = digits_of(item)
    low, high = item.interval() or (None, None)
    return (item.label, plain(item.value, digits), plain(low, digits), plain(high, digits), item.unit)


def _place_rows(places: tuple[Place, ...], count: int) -> tuple[tuple[Cell, ...], ...]:
    return tuple((p.name, *p.position, p.lat_ms, p.sd_ms, p.bipolar_mv, p.distance_mm, p.used)[:count] for p in places)


def _plain(place: Place) -> dict[str, Any]:
    return {**asdict(place), "position": list(place.position)}


def _place(record: dict[str, Any]) -> Place:
    return Place(**{**record, "position": tuple(record["position"])})
