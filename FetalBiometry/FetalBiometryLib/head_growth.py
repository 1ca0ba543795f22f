"""Gestational age and centiles that follow from the head's measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from DeepMedLib.measurement import Measurement

from .codes import GROWTH_PERCENTILE, GROWTH_Z_SCORE, MEASURES
from .dating import GestationalAge, gestational_age
from .head import OUTER_OUTER, inner_bpd_mm, outer_bpd_mm
from .standards import Placement, place, standard

if TYPE_CHECKING:
    from .head_result import HeadOptions


def _in_mm(lengths: Sequence[Measurement], options: HeadOptions) -> dict[str, tuple[float, float, float | None]]:
    """HC and BPD as (outer-outer, outer-inner, sd), mm; empty unless both are known."""
    by_name = {m.name: m for m in lengths if m.value is not None and m.unit == "mm"}
    if "HC" not in by_name or "BPD" not in by_name:
        return {}
    hc, bpd = by_name["HC"].value, by_name["BPD"].value
    assert hc is not None and bpd is not None
    outer = bpd if options.bpd_convention == OUTER_OUTER else outer_bpd_mm(bpd)
    inner = inner_bpd_mm(bpd) if options.bpd_convention == OUTER_OUTER else bpd
    return {"HC": (hc, hc, by_name["HC"].sd), "BPD": (outer, inner, by_name["BPD"].sd)}


def head_age(lengths: Sequence[Measurement], options: HeadOptions) -> GestationalAge | None:
    """Age by BPD and HC; None without millimetres. Hadlock's equations take the outer-inner BPD, whatever is shown."""
    known = _in_mm(lengths, options)
    if not known:
        return None
    values = {name: inner for name, (_, inner, _) in known.items()}
    return gestational_age(values, {name: sd for name, (_, _, sd) in known.items()}, options.dating)


def head_placements(lengths: Sequence[Measurement], options: HeadOptions) -> dict[str, Placement]:
    """HC and BPD on the growth standard at the known age; INTERGROWTH-21st takes the outer-outer BPD.

    Empty without a known age: a head cannot be told to be early and small at once.
    """
    if not options.ga_weeks:
        return {}
    chart = standard(options.standard)
    known = _in_mm(lengths, options)
    return {n: place(chart, n, outer, options.ga_weeks, sd) for n, (outer, _, sd) in known.items()}


def growth_measurements(lengths: Sequence[Measurement], options: HeadOptions) -> list[Measurement]:
    """Age, and centile and z of HC and BPD, as measurements; empty without millimetres.

    Args:
        lengths: BPD, OFD, HC in mm, as `head.head_measurements` gives them.
    """
    age = head_age(lengths, options)
    if age is None:
        return []
    source = age.source + (f"; {age.note}" if age.note else "")
    result = [Measurement("GA", age.weeks, "weeks", age.sd, MEASURES["GA"], source, "Gestational age")]
    for name, placed in head_placements(lengths, options).items():
        origin = f"{placed.standard} at {options.ga_weeks:.2f} weeks" + (f"; {placed.note}" if placed.note else "")
        interval = ""
        if placed.centile_low is not None and placed.centile_high is not None:
            # The interval of a centile is not symmetric and ends at 0 and 100: value +- sd would say otherwise.
            interval = f"; 95 % interval {placed.centile_low:.0f} to {placed.centile_high:.0f}"
        label, source = f"{name} centile", origin + interval
        result.append(Measurement(f"{name}_centile", placed.centile, "centile", None, GROWTH_PERCENTILE, source, label))
        result.append(Measurement(f"{name}_z", placed.z, "SD", placed.z_sd, GROWTH_Z_SCORE, origin, f"{name} z-score"))
    return result
