"""What an examination found: numbers with uncertainty, flags with their rules, and its ``result.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Measurement
from DeepMedLib.remark import Remark, gravest_first
from DeepMedLib.results.result import ABSTAINED, DONE, Result
from DeepMedLib.results.table import Cell, Table, measurement_table
from FetalBiometryLib.codes import GROWTH_PERCENTILE, GROWTH_Z_SCORE, MEASURES, WEIGHT_PERCENTILE
from FetalBiometryLib.examination.combination import (
    ages_of,
    combine,
    joined_provenance,
    placements_of,
    ratios_of,
    visit_now,
    weight_of,
)
from FetalBiometryLib.examination.flags import Flag, growth_flags
from FetalBiometryLib.examination.options import ExaminationOptions, KnownAge, known_age
from FetalBiometryLib.examination.repeats import Average, Repeat, disagreement
from FetalBiometryLib.growth.bpd import OUTER_INNER, inner_bpd_mm
from FetalBiometryLib.growth.choice import Charts, charts_named, choose_charts
from FetalBiometryLib.growth.dating import GestationalAge, weeks_and_days
from FetalBiometryLib.growth.standards import EFW, Placement
from FetalBiometryLib.growth.velocity import Velocity, latest_before, velocities
from FetalBiometryLib.growth.weight import FetalWeight
from FetalBiometryLib.planes.findings import MEASURED
from FetalBiometryLib.planes.numbers import by_column
from FetalBiometryLib.planes.result import PictureResult

PLANE = "examination"
"""What files call the plane of all pictures together."""
_ANSWERED = ("HC", "AC", "FL", "GA", EFW, f"{EFW}_centile")


@dataclass(frozen=True)
class ExaminationResult(Result):
    """One fetus on one day.

    Attributes:
        name: of the folder or study.
        results: the measured pictures.
        averages: mean of each measure; BPD outer-outer.
        ratios: between planes.
        known_age: the age it is judged at; None when it is known from this biometry only.
        age: by all of the biometry (Hadlock 1984); ``single_ages`` by each measure alone. Ages that no
            fetus can have are missing.
        age_note: says so, or what else is to be known of the age.
        weight: estimated weight; None when ``weight_note`` says why.
        charts: the growth standards in use.
        placements: centile and z of each measure; empty without a known age.
        velocities: growth since the last former visit.
        found_flags: see `flags`.
        skipped: pictures without a plane to measure, as (name, reason).
        provenance: what made the numbers; entries that differ between pictures are joined.
    """

    name: str
    results: tuple[PictureResult, ...]
    options: ExaminationOptions
    averages: dict[str, Average]
    ratios: tuple[Measurement, ...]
    known_age: KnownAge | None
    age: GestationalAge | None
    single_ages: dict[str, GestationalAge]
    age_note: str
    weight: FetalWeight | None
    weight_note: str
    charts: Charts
    placements: dict[str, Placement]
    velocities: tuple[Velocity, ...]
    found_flags: tuple[Flag, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)

    @property
    def best(self) -> dict[str, PictureResult]:
        """The best picture of each plane: vouched for, not set aside, then with a known scale, then by quality."""
        found: dict[str, PictureResult] = {}
        planes = dict.fromkeys((*MEASURED, *(r.plane for r in self.results)))  # then other bones, as they come
        for plane in planes:
            of_plane = [r for r in self.results if r.plane == plane and r.vouched]
            if of_plane:
                found[plane] = max(
                    of_plane,
                    key=lambda r: ((r.picture, r.frame) not in self.set_aside, r.scale is not None, r.quality_score),
                )
        return found

    @property
    def repeats(self) -> dict[str, tuple[Repeat, ...]]:
        """Every value of every measure, those set aside included."""
        return {name: made.repeats for name, made in self.averages.items()}

    @property
    def set_aside(self) -> dict[tuple[str, int], str]:
        """Pictures (name, frame) that are in no mean, and why."""
        return {
            (r.picture, r.frame): r.set_aside for made in self.averages.values() for r in made.repeats if r.set_aside
        }

    @property
    def vouched(self) -> bool:
        """True when at least one picture is vouched for."""
        return any(r.vouched for r in self.results)

    def status(self) -> str:
        """`DONE` where at least one picture is vouched for, else `ABSTAINED`."""
        return DONE if self.vouched else ABSTAINED

    def reason(self) -> str:
        """Why there is no number at all; empty when there is one."""
        if self.vouched:
            return ""
        return "None of the pictures shows a head, abdomen, femur or thorax that the module vouches for."

    def flags(self) -> tuple[Flag, ...]:
        """All flags, judged or not."""
        return self.found_flags

    def lengths(self) -> list[Measurement]:
        """The means, BPD in the convention asked for."""
        return [self._shown(a) for a in self.averages.values()]

    def _shown(self, made: Average) -> Measurement:
        measured = made.measurement()
        if made.name != "BPD" or self.options.bpd_convention != OUTER_INNER or made.unit != "mm":
            return measured
        slope = inner_bpd_mm(2.0) - inner_bpd_mm(1.0)
        source = f"{measured.source}; outer-outer converted by regression"
        sd = None if measured.sd is None else measured.sd * slope
        return replace(measured, value=inner_bpd_mm(made.value), sd=sd, label=f"BPD {OUTER_INNER}", source=source)

    def age_measurement(self) -> Measurement | None:
        """The age by biometry; None without one."""
        if self.age is None:
            return None
        source = self.age.source + (f"; {self.age.note}" if self.age.note else "")
        code = MEASURES["CompositeAge"] if len(self.age.parameters) > 1 else MEASURES["GA"]
        sd = self.age.prediction_sd
        return Measurement("GA", self.age.weeks, "weeks", sd, code, source, "Gestational age by biometry", True)

    def weight_measurement(self) -> Measurement | None:
        """The estimated weight; None without one."""
        if self.weight is None:
            return None
        label = f"Estimated fetal weight ({', '.join(self.weight.formula.parameters)})"
        sd, source = self.weight.prediction_sd, self.weight.source
        return Measurement(EFW, self.weight.grams, "g", sd, MEASURES[EFW], source, label, True)

    def growth(self) -> list[Measurement]:
        """Centile and z-score of everything that could be placed."""
        made = []
        for name, placed in self.placements.items():
            if placed.z is None or self.known_age is None:
                continue
            origin = f"{placed.standard} at {self.known_age.weeks:.2f} weeks"
            interval = ""
            if placed.centile_low is not None and placed.centile_high is not None:
                interval = f"; 95 % interval {placed.centile_low:.0f} to {placed.centile_high:.0f}"
            code = WEIGHT_PERCENTILE if name == EFW else GROWTH_PERCENTILE
            made.append(
                Measurement(
                    f"{name}_centile", placed.centile, "centile", None, code, origin + interval, f"{name} centile"
                )
            )
            made.append(
                Measurement(f"{name}_z", placed.z, "SD", placed.z_sd, GROWTH_Z_SCORE, origin, f"{name} z-score")
            )
        return made

    def measurements(self) -> list[Measurement]:
        """Means, ratios, age, weight, then centiles and z-scores."""
        extra = [m for m in (self.age_measurement(), self.weight_measurement()) if m is not None]
        return [*self.lengths(), *self.ratios, *extra, *self.growth()]

    def tables(self) -> list[Table]:
        """All numbers."""
        return [measurement_table(self.measurements())]

    def summary(self) -> dict[str, Cell]:
        """That it is an examination, and the numbers by name with their unit."""
        return {"plane": PLANE, **by_column(self.measurements())}

    def answer(self) -> str:
        """Sizes, age and weight in one line, or why there are none."""
        if not self.vouched:
            return f"abstained. {self.reason()}".rstrip(".")
        found = {item.name: item for item in self.measurements()}
        names = [name for name in _ANSWERED if name in found] or list(found)[:4]
        return ", ".join(f"{name} {found[name].short()}" for name in names if found[name].value is not None)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader must know before using the numbers, that of its pictures included; the gravest first."""
        return gravest_first([*map(Remark, self._own_remarks()), *self._remarks_of_pictures()])

    def _own_remarks(self) -> list[str]:
        said = [self.reason()] if not self.vouched else []
        for (picture, frame), why in self.set_aside.items():
            which = f"{picture}, frame {frame + 1}," if frame else picture
            said.append(f"{which} is left out of the means: its {why} of the repeats.")
        said += [text for text in (disagreement(a) for a in self.averages.values()) if text]
        if self.known_age is None and self.averages:
            said.append(
                "The gestational age is not known from elsewhere: no centiles are given, "
                "for a fetus cannot be told to be early and small at once."
            )
        if self.weight is None and self.averages:
            said.append(f"No weight is estimated: {self.weight_note}")
        if self.age_note:
            said.append(self.age_note)
        said += [p.note for p in self.placements.values() if p.z is None and p.note]
        said += [v.note for v in self.velocities[:1] if v.note]
        unmeasured = sum(1 for r in self.results if not r.vouched) + len(self.skipped)
        if unmeasured and self.vouched:
            total = len(self.results) + len(self.skipped)
            said.append(f"{unmeasured} of {total} pictures are not measured; the reason stands with each of them.")
        return said

    def _remarks_of_pictures(self) -> list[Remark]:
        """Each once, with the pictures that it is about."""
        grouped: dict[Remark, list[str]] = {}
        for result in self.results:
            for remark in result.remarks if result.vouched else ():
                grouped.setdefault(remark, []).append(result.picture)
        found = []
        for remark, pictures in grouped.items():
            names = ", ".join(dict.fromkeys(pictures)) if len(pictures) <= 3 else f"{len(pictures)} pictures"
            found.append(Remark(f"{names}: {remark.text}", remark.gravity))
        return found

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json`` of an examination; `from_json` reads it back."""
        return {
            "command": "fetal",
            "plane": PLANE,
            "input": self.name,
            "examined": self.options.examined,
            "status": self.status(),
            "reason": self.reason(),
            "measurements": [m.to_dict() for m in self.measurements()],
            "known_age": None if self.known_age is None else asdict(self.known_age),
            "ages": {n: _age_dict(a) for n, a in self.single_ages.items()},
            "weight_formula": None if self.weight is None else self.weight.formula.name,
            "best": {plane: {"picture": r.picture, "frame": r.frame} for plane, r in self.best.items()},
            "repeats": [a.to_dict() for a in self.averages.values()],
            "flags": [f.to_dict() for f in self.found_flags],
            "growth": {n: _placed_dict(p) for n, p in self.placements.items()},
            "velocity": [v.to_dict() for v in self.velocities],
            "standards": charts_named(self.charts),
            "options": self.options.to_dict(),
            "pictures": [r.to_json() for r in self.results],
            "skipped": [{"picture": picture, "reason": reason} for picture, reason in self.skipped],
            "warnings": self.warnings(),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def of(
        cls,
        results: Sequence[PictureResult],
        options: ExaminationOptions | None = None,
        name: str = "",
        skipped: Sequence[tuple[str, str]] = (),
    ) -> ExaminationResult:
        """Combine the pictures of one fetus and one day.

        Args:
            results: the measured pictures, abstained ones included.
            options: settings; defaults when None.
            name: of the folder or study, for reports.
            skipped: pictures that show no plane to measure, as (name, reason).

        Raises:
            BadInput: there is no picture at all, or a setting that cannot be met.
        """
        options = options or ExaminationOptions()
        if not results and not skipped:
            raise BadInput("The examination holds no picture.", "Give the pictures of one examination.")
        averages = combine(results)
        known = known_age(options)
        own = {n: a for n, a in averages.items() if a.unit == "mm"}
        age, single_ages, age_note = ages_of(own)
        weight, weight_note = weight_of(own, options)
        charts = choose_charts(
            options.standard,
            None if weight is None else weight.formula,
            options.efw_standard if weight is not None else "",
            options.sex,
            options.growth_table,
            options.growth_group,
        )
        charts = replace(charts, weight_note=weight_note) if weight is None else charts
        placements = {} if known is None else placements_of(own, weight, charts, known)
        ratios = ratios_of(averages, options)
        grown: tuple[Velocity, ...] = ()
        if known is not None and options.visits:
            before = latest_before(options.visits, known.weeks)
            if before is not None:
                grown = velocities(before, visit_now(own, weight, known.weeks), charts)
        flags = growth_flags(
            placements,
            None if known is None else known.weeks,
            {m.name: m for m in ratios},
            grown,
            None if age is None else age.weeks,
        )
        return cls(
            name=name,
            results=tuple(results),
            options=options,
            averages=averages,
            ratios=tuple(ratios),
            known_age=known,
            age=age,
            single_ages=single_ages,
            age_note=age_note,
            weight=weight,
            weight_note=weight_note,
            charts=charts,
            placements=placements,
            velocities=grown,
            found_flags=flags,
            skipped=tuple(skipped),
            provenance=joined_provenance(results, charts),
        )

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> ExaminationResult:
        """Read `to_json`; numbers are computed anew from the pictures.

        Raises:
            BadInput: its growth table, which is named without its folder, is not in the current one.
        """
        pictures = [PictureResult.from_json(picture) for picture in record["pictures"]]
        skipped = [(one["picture"], one["reason"]) for one in record["skipped"]]
        return cls.of(pictures, ExaminationOptions.from_dict(record["options"]), record["input"], skipped)


def _age_dict(age: GestationalAge) -> Mapping[str, Any]:
    low, high = (weeks_and_days(end) for end in age.prediction_interval())
    return {
        "weeks": age.weeks,
        "text": age.text(),
        "caliper_sd": age.sd,
        "prediction_sd": age.prediction_sd,
        "prediction_interval_95": [low, high],
        "source": age.source,
        "note": age.note,
    }


def _placed_dict(placed: Placement) -> Mapping[str, Any]:
    return {**asdict(placed), "centile_sd": placed.centile_sd}
