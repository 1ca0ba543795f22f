"""A whole examination from its measured pictures: best picture of each plane, means, one age, one weight, growth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Measurement
from FetalBiometryLib.codes import MEASURES
from FetalBiometryLib.examination.options import ExaminationOptions, KnownAge
from FetalBiometryLib.examination.repeats import Average, Repeat, average, repeat_of, with_set_aside
from FetalBiometryLib.growth.bpd import OUTER_INNER, inner_bpd_mm, outer_bpd_mm
from FetalBiometryLib.growth.choice import Charts, charts_named
from FetalBiometryLib.growth.dating import HADLOCK_1984, GestationalAge, gestational_age
from FetalBiometryLib.growth.propagation import propagate, propagate_shared
from FetalBiometryLib.growth.standards import EFW, Placement, place
from FetalBiometryLib.growth.visits import Visit
from FetalBiometryLib.growth.weight import INTERGROWTH, FetalWeight, estimated_weight, weight_formula
from FetalBiometryLib.planes.numbers import ORDER
from FetalBiometryLib.planes.result import PictureResult

GROWN = ("BPD", "OFD", "HC", "AC", "FL")
_DATED = ("BPD", "HC", "AC", "FL")


def joined_provenance(results: Sequence[PictureResult], charts: Charts) -> dict[str, str]:
    merged: dict[str, list[str]] = {}
    for result in results:
        for key, value in result.provenance.items():
            if value and value not in merged.setdefault(key, []):
                merged[key].append(value)
    made = {key: values[-1] if key == "date" else ", ".join(values) for key, values in merged.items()}
    return {**made, "charts": charts_named(charts)}


def combine(results: Sequence[PictureResult]) -> dict[str, Average]:
    """The mean of every measure over the pictures that are vouched for, by name; BPD always outer-outer.

    Lengths in pixels are left out: pictures of unknown scale cannot be averaged, and mean nothing in growth.
    """
    repeats: dict[str, list[Repeat]] = {}
    first: dict[str, Measurement] = {}
    for result in results:
        if not result.vouched:
            continue
        share = 0.0 if result.scale is None else result.scale.relative_sd
        for found in result.lengths():
            measured = _outer(found)
            if measured.value is None or measured.unit in ("px", "px2"):
                continue
            repeat = repeat_of(measured, result.picture, result.frame, share, result.quality_score)
            repeats.setdefault(measured.name, []).append(repeat)
            known = first.get(measured.name)
            if known is None:
                first[measured.name] = measured
            elif measured.source and measured.source not in known.source:
                first[measured.name] = replace(known, source=f"{known.source}; {measured.source}".strip("; "))
    marked = with_set_aside(repeats)
    return {name: average(name, marked[name], first[name]) for name in ORDER if name in repeats}


def visit_now(averages: Mapping[str, Average], weight: FetalWeight | None, weeks: float) -> Visit:
    """This examination in the form of a visit."""
    measures = {n: averages[n].value for n in GROWN if n in averages}
    sds = {n: averages[n].sd for n in measures}
    if weight is not None:
        measures[EFW], sds[EFW] = weight.grams, weight.sd
    return Visit(weeks, measures, {n: sd for n, sd in sds.items() if sd is not None})


def _outer(measured: Measurement) -> Measurement:
    """BPD in the outer-outer convention, whatever the picture was reported in."""
    if measured.name != "BPD" or OUTER_INNER not in measured.label or measured.value is None:
        return measured
    value = outer_bpd_mm(measured.value)
    sd = None if measured.sd is None else measured.sd * (outer_bpd_mm(2.0) - outer_bpd_mm(1.0))
    return replace(measured, value=value, sd=sd, label="BPD outer-outer")


def _inputs(
    averages: Mapping[str, Average], names: Sequence[str]
) -> tuple[dict[str, float], dict[str, float | None], dict[str, float]]:
    """Values (BPD outer-inner, as Hadlock's equations take it), own uncertainties, shares of the scale."""
    found = {name: averages[name] for name in names if name in averages}
    values = {name: inner_bpd_mm(made.value) if name == "BPD" else made.value for name, made in found.items()}
    sds = {name: made.own_sd for name, made in found.items()}
    return values, sds, {name: made.scale_share for name, made in found.items()}


def _with_scale(
    own: float | None, function: Callable[[dict[str, float]], float], values: dict[str, float], shares: dict[str, float]
) -> float | None:
    """An uncertainty with the part that the common scale adds to it."""
    return None if own is None else float((own**2 + propagate_shared(function, values, shares) ** 2) ** 0.5)


def ages_of(averages: Mapping[str, Average]) -> tuple[GestationalAge | None, dict[str, GestationalAge], str]:
    """The age by all of BPD, HC, AC and FL that there are, by each alone (Hadlock 1984), and what to know of them.

    Ages that no fetus can have are left out, and said.
    """

    def dated(names: Sequence[str]) -> GestationalAge:
        values, sds, shares = _inputs(averages, names)
        age = gestational_age(values, sds, HADLOCK_1984)
        return replace(
            age, sd=_with_scale(age.sd, lambda v: gestational_age(v, None, HADLOCK_1984).weeks, values, shares)
        )

    names = [n for n in _DATED if n in averages]
    if not names:
        return None, {}, ""
    age, single = dated(names), {n: dated([n]) for n in names}
    said = dict.fromkeys(one.note for one in (age, *single.values()) if one.note and (one is age or not one.possible))
    return (age if age.possible else None), {n: one for n, one in single.items() if one.possible}, " ".join(said)


def weight_of(averages: Mapping[str, Average], options: ExaminationOptions) -> tuple[FetalWeight | None, str]:
    """The weight, or why there is none."""
    values, sds, shares = _inputs(averages, _DATED)
    formula = options.weight_formula or None
    if formula is not None:
        weight_formula(formula)  # an unknown name is a wrong request, not a missing measure
    elif options.weight_family == INTERGROWTH:
        formula = "INTERGROWTH-21st 2017 (AC, HC)"
    try:
        found = estimated_weight(values, sds, formula, options.weight_family)
    except BadInput as reason:
        return None, reason.message
    used = {n: values[n] for n in found.formula.parameters}

    def grams(mm: dict[str, float]) -> float:
        return estimated_weight(mm, None, found.formula.name).grams

    return replace(found, sd=_with_scale(found.sd, grams, used, shares)), ""


def placements_of(
    averages: Mapping[str, Average], weight: FetalWeight | None, charts: Charts, known: KnownAge
) -> dict[str, Placement]:
    """Where each measure stands at the known age; a measure without a chart keeps a note."""
    made = {
        name: place(charts.biometry, name, averages[name].value, known.weeks, averages[name].sd, known.sd)
        for name in GROWN
        if name in averages
    }
    if weight is not None:
        if charts.weight is None:
            made[EFW] = Placement(EFW, "", note=charts.weight_note)
        else:
            made[EFW] = place(charts.weight, EFW, weight.grams, known.weeks, weight.sd, known.sd)
    return made


def ratios_of(averages: Mapping[str, Average], options: ExaminationOptions) -> list[Measurement]:
    """Ratios between planes; the common scale cancels."""
    wanted = (
        ("HC/AC", "HC", "AC", 1.0, "", "HC/AC"),
        ("FL/AC", "FL", "AC", 100.0, "%", "FL/AC"),
        ("FL/BPD", "FL", "BPD", 100.0, "%", f"FL/BPD {options.bpd_convention}"),
        ("FL/HC", "FL", "HC", 100.0, "%", "FL/HC"),
        ("HeadThoraxRatio", "HC", "ThoraxCircumference", 1.0, "", "HC/TC (head to thoracic circumference)"),
    )
    made = []
    for name, above, below, factor, unit, label in wanted:
        if above not in averages or below not in averages or {averages[above].unit, averages[below].unit} != {"mm"}:
            continue
        values = {above: averages[above].value, below: averages[below].value}
        if below == "BPD" and options.bpd_convention == OUTER_INNER:
            values[below] = inner_bpd_mm(values[below])
        sds = {n: averages[n].own_sd for n in values}
        shares = {n: averages[n].scale_share for n in values}

        def ratio(v: dict[str, float], top: str = above, base: str = below, times: float = factor) -> float:
            return times * v[top] / v[base]

        sd = _with_scale(propagate(ratio, values, sds), ratio, values, shares)
        made.append(Measurement(name, ratio(values), unit, sd, MEASURES.get(name), "ratio of the means", label))
    return made
