"""Settings of a whole examination and of its pictures, and the gestational age that they are judged at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from DeepMedLib import option_words
from DeepMedLib.errors import BadInput
from FetalBiometryLib.growth.bpd import OUTER_OUTER
from FetalBiometryLib.growth.choice import DEFAULT_STANDARD, choose_charts
from FetalBiometryLib.growth.dating import (
    CRL_ROBINSON,
    FORMULAS,
    HADLOCK_1984,
    POSSIBLE_WEEKS,
    gestational_age,
    weeks_and_days,
)
from FetalBiometryLib.growth.visits import Visit, read_visits, visit_of
from FetalBiometryLib.growth.weight import HADLOCK
from FetalBiometryLib.options import AUTOMATIC
from FetalBiometryLib.planes.options import MeasureOptions

#: Sex as people state it -> the growth charts' word.
_CHART = {option_words.FEMALE: "girl", option_words.MALE: "boy"}


@dataclass(frozen=True)
class ExaminationOptions:
    """Settings.

    Attributes:
        ga_weeks: gestational age known otherwise (LMP, early scan); None when unknown.
        ga_sd_weeks: its standard uncertainty; 0 takes it as given.
        crl_mm, crl_sd_mm: crown-rump length of this examination, which gives the age when ``ga_weeks`` does not.
        standard: name of the growth standard for the biometry.
        dating: formula for the age; a CRL formula dates the CRL (the biometry is then dated by Hadlock 1984).
        weight_formula: name of a formula in `weight.FORMULAS`; empty takes the one of ``weight_family`` that uses most.
        weight_family: "Hadlock" or "INTERGROWTH-21st".
        efw_standard: name of the weight standard; empty takes the one that belongs to ``standard`` and the formula.
        sex: "girl", "boy" or empty; used by the WHO weight charts.
        growth_table, growth_group: file and group of the user's own standard (NICHD ...) in place of ``standard``.
        bpd_convention: how BPD is reported; the growth standards always get the convention they were made for.
        examined: date of the examination, ISO 8601; empty when not known.
        visits: former visits.
    """

    ga_weeks: float | None = None
    ga_sd_weeks: float = 0.0
    crl_mm: float | None = None
    crl_sd_mm: float | None = None
    standard: str = DEFAULT_STANDARD
    dating: str = HADLOCK_1984
    weight_formula: str = ""
    weight_family: str = HADLOCK
    efw_standard: str = ""
    sex: str = ""
    growth_table: str = ""
    growth_group: str = ""
    bpd_convention: str = OUTER_OUTER
    examined: str = ""
    visits: tuple[Visit, ...] = ()

    def __post_init__(self) -> None:
        low, high = POSSIBLE_WEEKS
        if self.ga_weeks is not None and not low <= self.ga_weeks <= high:
            message = f"A gestational age of {self.ga_weeks:g} weeks is not possible."
            raise BadInput(message, f"Give {low:g} to {high:g} weeks.")
        if self.dating not in FORMULAS:
            raise BadInput(f"There is no dating formula {self.dating}.", f"Choose one of: {', '.join(FORMULAS)}.")
        if self.examined:
            try:
                dt.date.fromisoformat(self.examined)
            except ValueError:
                raise BadInput(f"{self.examined} is no date.", "Write it as 2026-01-31.") from None

    def to_dict(self) -> dict[str, Any]:
        """JSON form; the table is named without its folder."""
        record = asdict(self)
        record["growth_table"] = Path(self.growth_table).name if self.growth_table else ""
        record["visits"] = [v.to_dict() for v in self.visits]
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> ExaminationOptions:
        """Read `to_dict`; a growth table must be given anew where its folder is not the current one."""
        visits = tuple(visit_of(v, "A former visit") for v in record.get("visits", ()))
        return cls(**{**record, "visits": visits})


def settings_of(values: Mapping[str, Any]) -> tuple[MeasureOptions, ExaminationOptions]:
    """The settings of each picture and of the examination.

    Args:
        values: of `FetalBiometryLib.options.OPTIONS`, each checked by itself.

    Raises:
        BadInput: two that exclude one another, a table that cannot be read, or ages that contradict one another.
    """
    if values["ga_weeks"] and values["crl"]:
        raise BadInput("A gestational age and a crown-rump length are given.", "Give either of them, not both.")
    weight = "" if values["weight"] == AUTOMATIC else values["weight"]
    shared: dict[str, Any] = {
        "standard": values["standard"],
        "bpd_convention": values["bpd"],
        "sex": _CHART.get(values["sex"], ""),
    }
    whole = ExaminationOptions(
        ga_weeks=values["ga_weeks"] or None,
        crl_mm=values["crl"] or None,
        dating=values["dating"],
        weight_formula=weight,
        growth_table=values["growth_table"],
        growth_group=values["growth_group"],
        examined=values["examined"],
        visits=read_visits(values["visits"]) if values["visits"] else (),
        **shared,
    )
    if whole.growth_table:
        choose_charts(whole.standard, None, table=whole.growth_table, group=whole.growth_group)
    age = known_age(whole)
    single = MeasureOptions(
        ga_weeks=None if age is None else age.weeks,
        weight=weight,
        ctr=values["ctr"],
        fetal_left=values["fetal_left"],
        **shared,
    )
    return single, whole


@dataclass(frozen=True)
class KnownAge:
    """The gestational age that the fetus is judged at: weeks, standard uncertainty, where it is known from."""

    weeks: float
    sd: float
    source: str

    def text(self) -> str:
        """``28w3d, stated``."""
        return f"{weeks_and_days(self.weeks)}, {self.source}"


def known_age(options: ExaminationOptions) -> KnownAge | None:
    """The age by statement, by CRL, or by the earliest former visit and the days since; None when none is known.

    Raises:
        BadInput: the CRL is not a positive length, or a former visit is not before this examination.
    """
    found = _first_known(options)
    if found is not None:
        late = [v for v in options.visits if v.weeks >= found.weeks - 1e-6]
        if late:
            raise BadInput(
                f"The former visit at {late[0].weeks:.1f} weeks is not before this examination "
                f"({found.weeks:.1f} weeks).",
                "Correct its age or that of the examination.",
            )
    return found


def _first_known(options: ExaminationOptions) -> KnownAge | None:
    if options.ga_weeks is not None:
        return KnownAge(options.ga_weeks, options.ga_sd_weeks, "stated")
    if options.crl_mm is not None:
        formula = options.dating if options.dating != HADLOCK_1984 else CRL_ROBINSON
        sds = None if options.crl_sd_mm is None else {"CRL": options.crl_sd_mm}
        age = gestational_age({"CRL": options.crl_mm}, sds, formula)
        note = f" ({age.note})" if age.note else ""
        return KnownAge(age.weeks, age.prediction_sd, f"{age.source}{note}")
    dated = [v for v in options.visits if v.date]
    if not options.examined or not dated:
        return None
    first = min(dated, key=lambda v: v.date)
    days = (dt.date.fromisoformat(options.examined) - dt.date.fromisoformat(first.date)).days
    if days <= 0:
        raise BadInput(
            f"The former visit of {first.date} is not before this examination ({options.examined}).",
            "Correct one of the dates.",
        )
    return KnownAge(first.weeks + days / 7, 0.0, f"dated at the visit of {first.date}")
