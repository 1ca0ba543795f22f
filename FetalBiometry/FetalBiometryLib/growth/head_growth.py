"""Gestational age and centiles that follow from the head's measures."""

from __future__ import annotations

from collections.abc import Sequence

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.codes import GROWTH_PERCENTILE, GROWTH_Z_SCORE, MEASURES
from FetalBiometryLib.growth.dating import GestationalAge, gestational_age
from FetalBiometryLib.growth.standards import Placement, place, standard
from FetalBiometryLib.planes.head import inner_bpd_mm, outer_bpd_mm
from FetalBiometryLib.planes.options import OUTER_OUTER, MeasureOptions


def _in_mm(lengths: Sequence[Measurement], options: MeasureOptions) -> dict[str, tuple[float, float, float | None]]:
    """HC and BPD as (outer-outer, outer-inner, sd), mm; empty unless both are known."""
    by_name = {m.name: m for m in lengths if m.value is not None and m.unit == "mm"}
    if "HC" not in by_name or "BPD" not in by_name:
        return {}
    hc, bpd = by_name["HC"].value, by_name["BPD"].value
    assert hc is not None and bpd is not None
    outer = bpd if options.bpd_convention == OUTER_OUTER else outer_bpd_mm(bpd)
    inner = inner_bpd_mm(bpd) if options.bpd_convention == OUTER_OUTER else bpd
    return {"HC": (hc, hc, by_name["HC"].sd), "BPD": (outer, inner, by_name["BPD"].sd)}


def head_age(lengths: Sequence[Measurement], options: MeasureOptions) -> GestationalAge | None:
    """Age by BPD and HC; None without millimetres. Hadlock's equations take the outer-inner BPD, whatever is shown."""
    known = _in_mm(lengths, options)
    if not known:
        return None
    values = {name: inner for name, (_, inner, _) in known.items()}
    return gestational_age(values, {name: sd for name, (_, _, sd) in known.items()}, options.dating)


def head_placements(lengths: Sequence[Measurement], options: MeasureOptions) -> dict[str, Placement]:
    """HC and BPD on the growth standard at the known age; INTERGROWTH-21st takes the outer-outer BPD.

    Empty without a known age: a head cannot be told to be early and small at once.
    """
    if not options.ga_weeks:
        return {}
    chart = standard(options.standard)
    known = _in_mm(lengths, options)
    return {n: place(chart, n, outer, options.ga_weeks, sd) for n, (outer, _, sd) in known.items()}


def growth_measurements(lengths: Sequence[Measurement], options: MeasureOptions) -> list[Measurement]:
    """Age, and centile and z of HC and BPD, as measurements; empty without millimetres.

    Args:
        lengths: BPD, OFD, HC in mm, as `head.head_measurements` gives them.
    """
    age = head_age(lengths, options)
    return [] if age is None else growth_rows(age, head_placements(lengths, options), options.ga_weeks)


def growth_rows(age: GestationalAge, placed: dict[str, Placement], ga_weeks: float | None) -> list[Measurement]:
    """An age, then centile and z-score of each placement at ``ga_weeks``, as measurements."""
    source = age.source + (f"; {age.note}" if age.note else "")
    result = [Measurement("GA", age.weeks, "weeks", age.sd, MEASURES["GA"], source, "Gestational age")]
    for name, place_of in placed.items():
        origin = f"{place_of.standard} at {ga_weeks:.2f} weeks" + (f"; {place_of.note}" if place_of.note else "")
        interval = ""
        if place_of.centile_low is not None and place_of.centile_high is not None:
            # The interval of a centile is not symmetric and ends at 0 and 100: value +- sd would say otherwise.
            interval = f"; 95 % interval {place_of.centile_low:.0f} to {place_of.centile_high:.0f}"
        label, source, centile = f"{name} centile", origin + interval, place_of.centile
        result.append(Measurement(f"{name}_centile", centile, "centile", None, GROWTH_PERCENTILE, source, label))
        z, z_sd = place_of.z, place_of.z_sd
        result.append(Measurement(f"{name}_z", z, "SD", z_sd, GROWTH_Z_SCORE, origin, f"{name} z-score"))
    return result
