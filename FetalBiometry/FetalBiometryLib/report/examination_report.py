"""The report of an examination: what was found, flags with growth charts, and every picture, a page each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from DeepMedLib.measurement import Measurement
from DeepMedLib.report.model import Picture, Report, Section
from DeepMedLib.report.numbers import plain
from FetalBiometryLib.examination.flags import ABSENT, NOT_JUDGED, PRESENT
from FetalBiometryLib.examination.growth_chart import growth_charts
from FetalBiometryLib.examination.repeats import Average
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.choice import charts_named
from FetalBiometryLib.growth.dating import weeks_and_days
from FetalBiometryLib.growth.standards import EFW, Placement

TITLE = "Fetal growth examination"
FIRST_WARNINGS = 6
FIRST_ROWS, ROWS_A_PAGE = 12, 24  # of the table of pictures, below the flags and on pages of its own
_MINUS = "\u2212"
_SHOWN_STATES = {PRESENT: "Present", ABSENT: "Absent"}


def examination_report(result: ExaminationResult, overlays: Mapping[str, np.ndarray]) -> Report:
    """Describe an examination as a report of three or more pages.

    Args:
        overlays: plane -> (H, W, 3) uint8, the best picture of that plane with its calipers (`ExaminationResult.best`).
    """
    charts = tuple(chart.report_chart() for chart in growth_charts(result))
    rows = _picture_rows(result)
    warnings = result.warnings()
    more = warnings[FIRST_WARNINGS:]
    common: dict[str, Any] = {"subtitle": _subtitle(result), "date": _date(result)}
    pages = []
    for start in (0, *range(FIRST_ROWS, len(rows), ROWS_A_PAGE)):
        part = rows[start : start + (ROWS_A_PAGE if start else FIRST_ROWS)]
        sections = (_flags(result), _pictures(part)) if start == 0 else (_pictures(part),)
        name = "flags, pictures" if start == 0 else "further pictures"
        pages.append(Report(title=f"{TITLE}: {name}", sections=sections, **common))
    for start in range(0, len(more), ROWS_A_PAGE):
        remarks = tuple((text,) for text in more[start : start + ROWS_A_PAGE])
        pages.append(
            Report(
                title=f"{TITLE}: remarks",
                sections=(Section("Further remarks", header=("Remark",), rows=remarks),),
                **common,
            )
        )
    velocity = _velocity(result)
    if charts or velocity is not None:
        growth = Report(title=f"{TITLE}: growth", charts=charts, notes=_chart_notes(result), **common)
        pages.insert(1, replace(growth, sections=() if velocity is None else (velocity,)))
    pages[-1] = replace(pages[-1], provenance=_provenance(result))
    return Report(
        title=TITLE,
        subject=_subject(result),
        key=_key(result),
        pictures=_best_pictures(result, overlays),
        warnings=(
            *warnings[:FIRST_WARNINGS],
            *([f"{len(more)} further remarks stand on the next pages."] if more else []),
        ),
        sections=tuple(s for s in (_flag_summary(result), _ages(result), _ratios(result), _biometry(result)) if s),
        notes=_notes(result),
        more=tuple(pages),
        **common,
    )


def _provenance(result: ExaminationResult) -> dict[str, str]:
    """Without the standards, which the notes name, and with hashes cut short."""
    made = {key: value for key, value in result.provenance.items() if key != "charts"}
    if "sha256" in made:
        made["sha256"] = ", ".join(part[:12] for part in made["sha256"].split(", "))
    return made


def _subtitle(result: ExaminationResult) -> str:
    edited = sum(1 for r in result.results if getattr(r, "edited", False))
    if not edited:
        return "Automatic proposal, to be checked by a person"
    return f"Proposal edited by the user in {edited} of {len(result.results)} pictures"


def _date(result: ExaminationResult) -> str:
    return result.options.examined or result.provenance.get("date", "").replace("T", " ").split("+")[0]


def _subject(result: ExaminationResult) -> tuple[tuple[str, str], ...]:
    vouched = sum(1 for r in result.results if r.vouched)
    total = len(result.results) + len(result.skipped)
    age = "not known" if result.known_age is None else result.known_age.text()
    if result.known_age is not None and result.known_age.sd:
        age += f" \u00b1 {result.known_age.sd:.1f} weeks"
    rows = [("Examination", result.name)] if result.name else []
    rows += [
        ("Pictures measured", f"{vouched} of {total}"),
        ("Known gestational age", age),
        ("Growth standard", result.charts.biometry.name),
    ]
    if result.weight is not None:
        rows.append(("Weight formula", result.weight.formula.name))
        rows.append(("Weight standard", result.charts.weight.name if result.charts.weight else "none"))
    if result.options.visits:
        rows.append(("Former visits", str(len(result.options.visits))))
    return tuple(rows)


def _key(result: ExaminationResult) -> tuple[Measurement, ...]:
    found = [m for m in (result.weight_measurement(), result.age_measurement()) if m is not None]
    if len(found) < 2:
        found += [m for m in result.lengths() if m.name in ("HC", "AC", "FL")][: 3 - len(found)]
    return tuple(found)


def _best_pictures(result: ExaminationResult, overlays: Mapping[str, np.ndarray]) -> tuple[Picture, ...]:
    made = []
    for plane, best in result.best.items():
        if plane not in overlays:
            continue
        aspect = 1.0 if best.scale is None else best.scale.mm_per_px_y / best.scale.mm_per_px_x
        made.append(Picture(overlays[plane], f"{plane.capitalize()}: {_where(best.picture, best.frame)}", aspect))
    return tuple(made)


def _where(picture: str, frame: int) -> str:
    return f"{picture}, frame {frame + 1}" if frame else picture


def _ages(result: ExaminationResult) -> Section | None:
    """Age by each measure and by all of them."""
    if not result.single_ages:
        return None
    ages = dict(result.single_ages)
    if result.age is not None and len(ages) > 1:
        ages["All of them"] = result.age
    rows = []
    for name, age in ages.items():
        low, high = age.prediction_interval()
        calipers = "unknown" if age.sd is None else f"{7 * age.sd:.1f} d"
        rows.append((name, age.text(), f"{weeks_and_days(low)} to {weeks_and_days(high)}", calipers))
    header = ("Measure", "Age", "95 % prediction interval", "SD by the calipers")
    return Section("Age by biometry (Hadlock 1984)", header=header, rows=tuple(rows))


def _ratios(result: ExaminationResult) -> Section | None:
    return Section("Ratios between planes", result.ratios) if result.ratios else None


def _number(value: float | None, digits: int) -> str:
    return plain(value, digits).replace("-", _MINUS)


def _biometry(result: ExaminationResult) -> Section | None:
    """The table that a growth scan is read from."""
    rows = []
    shown = {m.name: m for m in result.lengths()}
    for name, made in result.averages.items():
        rows.append(_biometry_row(shown[name], made, result.placements.get(name)))
    weight = result.weight_measurement()
    if weight is not None:
        rows.append(_biometry_row(weight, None, result.placements.get(EFW)))
    if not rows:
        return None
    header = ("Measure", "Mean", "SD", "Unit", "Pictures", "Within-exam. SD", "Centile", "95 %", "z")
    return Section("Biometry and growth", header=header, rows=tuple(rows))


def _biometry_row(m: Measurement, made: Average | None, placed: Placement | None) -> tuple[str, ...]:
    digits = {"g": 0, "mm2": 0, "": 2}.get(m.unit, 1)
    centile = interval = z = ""
    if placed is not None and placed.z is not None and placed.centile is not None:
        centile, z = f"{placed.centile:.1f}", _number(placed.z, 2)
        if placed.centile_low is not None and placed.centile_high is not None:
            interval = f"{placed.centile_low:.0f} to {placed.centile_high:.0f}"
    return (
        (m.label or m.name).split(" (")[0],
        _number(m.value, digits),
        "unknown" if m.sd is None else _number(m.sd, max(digits, 1 if m.unit == "mm" else digits)),
        m.unit.replace("mm2", "mm\u00b2").replace("deg", "\u00b0"),
        "" if made is None else f"{len(made.used)}" + (f" of {len(made.repeats)}" if made.used != made.repeats else ""),
        "" if made is None or made.spread is None else _number(made.spread, digits),
        centile,
        interval,
        z,
    )


def _flag_summary(result: ExaminationResult) -> Section:
    """What the first page says of the flags; the rules stand on the second."""

    def listed(state: str) -> str:
        found = [f for f in result.flags() if f.state == state]
        names = [
            f.label + (f" ({100 * f.probability:.0f} %)" if f.probability and state == NOT_JUDGED else "")
            for f in found
        ]
        return "; ".join(names) or "none"

    said = f"Present: {listed(PRESENT)}. Not judged: {listed(NOT_JUDGED)}. Absent: {listed(ABSENT)}."
    return Section(
        "Flags", text=f"{said} The rules stand on the next page; in brackets, how probable it is that one is met."
    )


def _flags(result: ExaminationResult) -> Section:
    """Present ones first, then those not judged, then those that are absent."""
    order = {PRESENT: 0, ABSENT: 2}
    rows = tuple(
        (flag.label, _SHOWN_STATES.get(flag.state, "Not judged"), flag.value, f"{flag.rule} {flag.reason}".strip())
        for flag in sorted(result.flags(), key=lambda f: order.get(f.state, 1))
    )
    return Section("Flags, each with its rule", header=("Finding", "Result", "Found", "Rule"), rows=rows)


def _velocity(result: ExaminationResult) -> Section | None:
    if not result.velocities:
        return None
    rows = []
    for v in result.velocities:
        digits = 0 if v.unit == "g" else 1
        kept = "" if v.expected_per_week is None else _number(v.expected_per_week, digits)
        moved = ""
        if v.before.centile is not None and v.after.centile is not None:
            moved = f"{v.before.centile:.0f} to {v.after.centile:.0f}"
        z = "" if v.z_change is None else _number(v.z_change, 2)
        sd = "unknown" if v.sd is None else _number(v.sd, digits)
        rows.append((v.measure, _number(v.per_week, digits), sd, kept, f"{v.unit}/week", moved, z))
    first = result.velocities[0]
    title = f"Growth from {weeks_and_days(first.from_weeks)} to {weeks_and_days(first.to_weeks)}"
    header = ("Measure", "Growth", "SD", "Keeping its centile", "Unit", "Centile", "Change of z")
    return Section(title, header=header, rows=tuple(rows), text=first.note)


def _picture_rows(result: ExaminationResult) -> list[tuple[str, ...]]:
    """One row a picture: what was measured in it and what became of it."""
    best = {(r.picture, r.frame, plane) for plane, r in result.best.items()}
    aside = result.set_aside
    rows: list[tuple[str, ...]] = []
    for r in result.results:
        values = [m for m in r.lengths() if m.value is not None]
        told = ", ".join(f"{m.name} {plain(m.value, 2 if m.unit == '' else 1)} {_unit(m.unit)}".strip() for m in values)
        fate = "best of its plane" if (r.picture, r.frame, r.plane) in best else "in the mean"
        if not r.vouched:
            fate = next(iter(r.warnings()), "not measured")
        elif (r.picture, r.frame) in aside:
            fate = f"left out: {aside[r.picture, r.frame]}"
        elif r.scale is None:
            fate = "no scale: lengths not used"
        rows.append((_where(r.picture, r.frame), r.plane, f"{r.quality_score:.2f}", told, fate))
    rows += [(picture, "", "", "", reason) for picture, reason in result.skipped]
    return rows


def _unit(unit: str) -> str:
    return {"mm2": "mm\u00b2", "deg": "\u00b0", "px2": "px\u00b2"}.get(unit, unit)


def _pictures(rows: Sequence[tuple[str, ...]]) -> Section:
    header = ("Picture", "Plane", "Quality", "Measured", "Use")
    return Section("Every picture of the examination", header=header, rows=tuple(rows))


def _notes(result: ExaminationResult) -> tuple[str, ...]:
    notes = [
        (
            "SD is the standard uncertainty that the calipers and the pixel size bring. Age and weight also carry how "
            "far fetuses scatter about the formula: theirs is a 95 % prediction interval."
        )
    ]
    if any(a.spread is not None for a in result.averages.values()):
        notes.append(
            "Means of repeats: only the scatter between them averages out; the rest of the uncertainty is taken as "
            "common to all pictures. The pixel size is one error for all lengths; in ratios it cancels."
        )
    notes.append(
        "Not judged: missing data, or a limit within the 95 % interval that the calipers leave. Flags are remarks for "
        "a person, not diagnoses."
    )
    return tuple(notes)


def _chart_notes(result: ExaminationResult) -> tuple[str, ...]:
    curves = (
        "Curves: 3rd, 10th, 50th, 90th and 97th centile, the range from 10th to 90th shaded. Bars: 95 % by the "
        "calipers; points without a number are former visits."
    )
    return f"Standards: {charts_named(result.charts)}.", curves
