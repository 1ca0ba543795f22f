"""Gestational age and centile that follow from the abdomen or the femur alone."""

from __future__ import annotations

from collections.abc import Sequence

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.growth.dating import HADLOCK_1984, GestationalAge, gestational_age
from FetalBiometryLib.growth.head_growth import growth_rows
from FetalBiometryLib.growth.standards import Placement, place, standard
from FetalBiometryLib.planes.options import MeasureOptions

_DATED = ("AC", "FL")


def _dated(lengths: Sequence[Measurement]) -> dict[str, Measurement]:
    return {m.name: m for m in lengths if m.name in _DATED and m.value is not None and m.unit == "mm"}


def plane_age(lengths: Sequence[Measurement], options: MeasureOptions) -> GestationalAge | None:
    """Age by AC or FL; None without millimetres, or where the chosen formula takes neither."""
    known = _dated(lengths)
    if not known or options.dating != HADLOCK_1984:
        return None
    values = {name: float(m.value) for name, m in known.items() if m.value is not None}
    return gestational_age(values, {name: m.sd for name, m in known.items()}, options.dating)


def plane_placements(lengths: Sequence[Measurement], options: MeasureOptions) -> dict[str, Placement]:
    """AC or FL on the growth standard at the known age; empty without one."""
    if not options.ga_weeks:
        return {}
    chart, weeks = standard(options.standard), options.ga_weeks
    return {n: place(chart, n, float(m.value), weeks, m.sd) for n, m in _dated(lengths).items() if m.value is not None}


def plane_growth(lengths: Sequence[Measurement], options: MeasureOptions) -> list[Measurement]:
    """Age, centile and z-score as measurements; empty without millimetres."""
    age = plane_age(lengths, options)
    return [] if age is None else growth_rows(age, plane_placements(lengths, options), options.ga_weeks)
