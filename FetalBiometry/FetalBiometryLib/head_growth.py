"""Gestational age and centiles that follow from the head's measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from DeepMedLib.measurement import Code, Measurement

from .dating import gestational_age
from .head import inner_bpd_mm
from .standards import place, standard

if TYPE_CHECKING:
    from .head_result import HeadOptions

GA = Code("18185-9", "LN", "Gestational Age")
CENTILE = Code("125012", "DCM", "Growth Percentile rank")
Z_SCORE = Code("125013", "DCM", "Growth Z-score")


def growth_measurements(lengths: Sequence[Measurement], options: HeadOptions) -> list[Measurement]:
    """Age by BPD and HC, and centile and z of both at a known age.

    Hadlock's equations take the outer-inner BPD, INTERGROWTH-21st's the outer-outer one; each is given its own,
    whatever convention is shown. Without a known age there is no centile: a head cannot be early and small at once.

    Args:
        lengths: BPD, OFD, HC in mm, as `head.head_measurements` gives them.
    """
    by_name = {m.name: m for m in lengths if m.value is not None and m.unit == "mm"}
    if "HC" not in by_name or "BPD" not in by_name:
        return []
    hc, bpd = by_name["HC"], by_name["BPD"]
    outer = options.bpd_convention == "outer-outer"
    assert hc.value is not None and bpd.value is not None
    bpd_inner = inner_bpd_mm(bpd.value) if outer else bpd.value
    bpd_outer = bpd.value if outer else 0.555934 + 1.027318 * bpd.value
    age = gestational_age({"BPD": bpd_inner, "HC": hc.value}, {"BPD": bpd.sd, "HC": hc.sd}, options.dating)
    source = age.source + (f"; {age.note}" if age.note else "")
    result = [Measurement("GA", age.weeks, "weeks", age.sd, GA, source, f"Gestational age by {age.source}")]
    if not options.ga_weeks:
        return result
    chart = standard(options.standard)
    for name, value, sd in (("HC", hc.value, hc.sd), ("BPD", bpd_outer, bpd.sd)):
        placed = place(chart, name, value, options.ga_weeks, sd)
        origin = f"{chart.name} at {options.ga_weeks:.2f} weeks" + (f"; {placed.note}" if placed.note else "")
        result.append(
            Measurement(
                f"{name}_centile", placed.centile, "centile", placed.centile_sd, CENTILE, origin, f"{name} centile"
            )
        )
        result.append(Measurement(f"{name}_z", placed.z, "", placed.z_sd, Z_SCORE, origin, f"{name} z-score"))
    return result
