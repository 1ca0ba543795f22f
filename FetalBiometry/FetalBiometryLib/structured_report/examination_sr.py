"""An examination as entries of one DICOM structured report: repeats with their pictures, means, age, weight, growth."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from DeepMedLib.measurement import Measurement
from FetalBiometryLib import codes
from FetalBiometryLib.examination.flags import Flag
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.bpd import OUTER_INNER, outer_bpd_mm
from FetalBiometryLib.growth.standards import EFW
from FetalBiometryLib.structured_report.model import Entry, ReportedAge, ReportedGrowth
from FetalBiometryLib.structured_report.writer import write_sr

NOT_VERIFIED = "Measured by software and not verified by a physician. Research use only; not for clinical decisions."


def examination_entries(
    result: ExaminationResult, measured: Sequence[Entry], fetus: str = ""
) -> tuple[list[Entry], list[str]]:
    """Entries and summary sentences of an examination.

    Args:
        measured: the entries of its vouched pictures, as `picture_sr.result_entries` gives them, in the order of the
            pictures; ages and growth in them are dropped, for the examination has its own, and so are repeats that
            were set aside.
        fetus: name of the fetus when the report holds several.
    """
    repeats: dict[str, list[Entry]] = {}
    for entry in measured:
        if entry.measurement.value is not None and entry.measurement.unit not in ("px", "px2"):
            repeats.setdefault(entry.measurement.name, []).append(replace(entry, age=None, growth=None, fetus=fetus))
    entries = []
    for mean in result.lengths():
        made = result.averages[mean.name]
        aside = [r.value for r in made.repeats if r.set_aside]
        single = [e for e in repeats.pop(mean.name, []) if not _is_among(e.measurement, aside)]
        growth = ReportedGrowth.of(result.placements[mean.name]) if mean.name in result.placements else None
        age = result.single_ages.get(mean.name)
        reported = None if age is None else ReportedAge.of(age)
        if len(single) == len(made.used) == 1:
            entries.append(replace(single[0], age=reported, growth=growth))
        else:
            derivation = codes.MEAN if single else None
            entries.append(
                Entry(mean, derivation=derivation, repeats=tuple(single), age=reported, growth=growth, fetus=fetus)
            )
    entries += [Entry(m, fetus=fetus) for m in result.ratios]
    entries += _summary(result, fetus)
    return entries, _sentences(result, fetus)


def _is_among(measured: Measurement, values: Sequence[float]) -> bool:
    """Whether a measurement is one of these values; BPD is compared outer-outer, as the examination keeps it."""
    value = measured.value
    if value is not None and measured.name == "BPD" and OUTER_INNER in measured.label:
        value = outer_bpd_mm(value)
    return value is not None and any(math.isclose(value, other, rel_tol=1e-9) for other in values)


def _summary(result: ExaminationResult, fetus: str) -> list[Entry]:
    made = []
    if result.known_age is not None:
        known = result.known_age
        # An sd of 0 means that the age was taken as given, which is no uncertainty to report.
        sd = 7 * known.sd or None
        stated = Measurement("GA", 7 * known.weeks, "days", sd, codes.MEASURES["GA"], known.source)
        made.append(Entry(stated, fetus=fetus))
    if result.age is not None:
        by_biometry = Measurement(
            "CompositeAge",
            7 * result.age.weeks,
            "days",
            7 * result.age.prediction_sd,
            codes.MEASURES["CompositeAge"],
            result.age.source,
        )
        made.append(Entry(by_biometry, equation=result.age.code, fetus=fetus))
    weight = result.weight_measurement()
    if weight is not None and result.weight is not None:
        placed = result.placements.get(EFW)
        growth = None if placed is None else ReportedGrowth.of(placed)
        made.append(Entry(weight, equation=result.weight.formula.code, growth=growth, fetus=fetus))
    return made


def _sentences(result: ExaminationResult, fetus: str) -> list[str]:
    about = f"{fetus}: " if fetus else ""
    said = [NOT_VERIFIED] if not fetus else []
    said += [about + _flag_text(flag) for flag in result.flags()]
    return said + [about + warning for warning in result.warnings()]


def _flag_text(flag: Flag) -> str:
    parts = [f"{flag.label}: {flag.state}. Rule: {flag.rule}"]
    if flag.value:
        parts.append(f"Found: {flag.value}.")
    return " ".join([*parts, flag.reason]).strip()


def write_examination_sr(
    path: str | Path,
    sources: Sequence[str | Path],
    examinations: Mapping[str, tuple[ExaminationResult, Sequence[Entry]]],
    device: str = "DeepMed FetalBiometry",
    created: dt.datetime | None = None,
) -> Path:
    """One report for an examination; of twins one for all, with a summary group for each fetus.

    Args:
        sources: the DICOM files that were measured.
        examinations: name of the fetus ("" for a single one) -> its examination and the entries of its pictures.

    Raises:
        BadInput: as `structured_report.write_sr`.
    """
    entries: list[Entry] = []
    comments: list[str] = [NOT_VERIFIED]
    for fetus, (result, measured) in examinations.items():
        made, said = examination_entries(result, measured, fetus)
        entries += made
        comments += [sentence for sentence in said if sentence != NOT_VERIFIED]
    return write_sr(path, sources, entries, comments, device, created)
