"""Gestational age and centiles that follow from what was measured in one picture."""

from __future__ import annotations

from collections.abc import Sequence

from DeepMedLib.measurement import Measurement
from DeepMedLib.remark import Gravity, Remark
from FetalBiometryLib.codes import GROWTH_PERCENTILE, GROWTH_Z_SCORE, MEASURES
from FetalBiometryLib.growth.bpd import OUTER_OUTER, inner_bpd_mm, outer_bpd_mm
from FetalBiometryLib.growth.dating import HADLOCK_1984, GestationalAge, gestational_age
from FetalBiometryLib.growth.standards import Placement, place, standard
from FetalBiometryLib.planes.options import MeasureOptions

#: What dates a picture and is placed on a chart, in the order of the tables.
_DATED = ("HC", "BPD", "AC", "FL")


def _in_mm(lengths: Sequence[Measurement]) -> dict[str, tuple[float, float | None]]:
    """Value and standard uncertainty, mm, of what can be dated."""
    known = {m.name: (m.value, m.sd) for m in lengths if m.value is not None and m.unit == "mm"}
    return {name: known[name] for name in _DATED if name in known}


def age_of(lengths: Sequence[Measurement], options: MeasureOptions) -> GestationalAge | None:
    """Age by all measures of the picture together; None without one that can be stated, see `_computed_age`."""
    age = _computed_age(lengths, options)
    return age if age is not None and age.possible else None


def _computed_age(lengths: Sequence[Measurement], options: MeasureOptions) -> GestationalAge | None:
    """As the formula gives it; None without millimetres, or where the formula takes none of them.

    Hadlock's equations take the outer-inner BPD, whatever is shown.
    """
    known = _in_mm(lengths)
    if not known or options.dating != HADLOCK_1984:
        return None
    values = {name: value for name, (value, _) in known.items()}
    if "BPD" in values and options.bpd_convention == OUTER_OUTER:
        values["BPD"] = inner_bpd_mm(values["BPD"])
    return gestational_age(values, {name: sd for name, (_, sd) in known.items()}, options.dating)


def age_remarks(lengths: Sequence[Measurement], options: MeasureOptions) -> list[Remark]:
    """That what was measured belongs to no possible age."""
    age = _computed_age(lengths, options)
    return [Remark(age.note, Gravity.GRAVE)] if age is not None and not age.possible else []


def placements_of(lengths: Sequence[Measurement], options: MeasureOptions) -> dict[str, Placement]:
    """The measures on the growth standard at the known age; the standards take the outer-outer BPD.

    Empty without a known age: a fetus cannot be told to be early and small at once.
    """
    if not options.ga_weeks:
        return {}
    chart, placed = standard(options.standard), {}
    for name, (value, sd) in _in_mm(lengths).items():
        outer = outer_bpd_mm(value) if name == "BPD" and options.bpd_convention != OUTER_OUTER else value
        placed[name] = place(chart, name, outer, options.ga_weeks, sd)
    return placed


def growth_measurements(lengths: Sequence[Measurement], options: MeasureOptions) -> list[Measurement]:
    """Age, then centile and z-score of each measure that has a chart, as measurements; empty without millimetres."""
    age = _computed_age(lengths, options)
    if age is None:
        return []
    source = age.source + (f"; {age.note}" if age.note else "")
    weeks, sd = (age.weeks, age.prediction_sd) if age.possible else (None, None)
    rows = [Measurement("GA", weeks, "weeks", sd, MEASURES["GA"], source, "Gestational age", True)]
    for name, placed in placements_of(lengths, options).items():
        origin = f"{placed.standard} at {options.ga_weeks:.2f} weeks" + (f"; {placed.note}" if placed.note else "")
        interval = ""
        if placed.centile_low is not None and placed.centile_high is not None:
            # The interval of a centile is not symmetric and ends at 0 and 100: value +- sd would say otherwise.
            interval = f"; 95 % interval {placed.centile_low:.0f} to {placed.centile_high:.0f}"
        label, source, centile = f"{name} centile", origin + interval, placed.centile
        rows.append(Measurement(f"{name}_centile", centile, "centile", None, GROWTH_PERCENTILE, source, label))
        rows.append(Measurement(f"{name}_z", placed.z, "SD", placed.z_sd, GROWTH_Z_SCORE, origin, f"{name} z-score"))
    return rows
