"""The report of the marks of a chest CT."""

from __future__ import annotations

import numpy as np

from DeepMedLib.measurement import Measurement
from DeepMedLib.report.model import Picture, Report, Section
from NoduleCADLib.advice import fleischner_of, lung_rads_of
from NoduleCADLib.mark import NoduleMark
from NoduleCADLib.nodules_result import OPINION, NodulesResult
from NoduleCADLib.rules import fleischner, lung_rads

_ON_FIRST = 10
_RULES = (
    f"{lung_rads.VERSION} holds for screening, {fleischner.VERSION} for incidental nodules: {fleischner.SCOPE} "
    "Both are decision support for those who know the person, and no diagnosis."
)
_CAPTION = (
    "Axial slices of 60 mm, the patient's right at the left; orange: not judged, green: accepted, gray: rejected."
)


def nodules_report(result: NodulesResult, picture: np.ndarray) -> Report:
    """One page with the marks, and one with what the rules say of each.

    Args:
        picture: (H, W, 3) uint8, the marks (`marks_picture`).
    """
    shown = result.shown()
    rows = tuple(_row(mark) for mark in shown[:_ON_FIRST])
    left = "" if len(shown) <= _ON_FIRST else f" {len(shown) - _ON_FIRST} further marks are in nodules.csv."
    header = ("No.", "Score", "Decision", "Location", "Type", "Mean diameter", "Volume", "Opinion (of size)")
    section = Section("Marks", header=header, rows=rows, text=f"Sizes with 95 % intervals.{left}")
    return Report(
        title="Lung nodules",
        subtitle=result.answer(),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=(
            ("Scan", result.scan),
            ("Size", " x ".join(str(count) for count in result.size_ijk)),
            ("Spacing", " x ".join(f"{value:.2f}" for value in result.spacing_mm) + " mm"),
        ),
        pictures=(Picture(picture, _CAPTION),),
        warnings=tuple(text for text in result.warnings() if text != OPINION)[:8],
        sections=(section,) if rows else (),
        notes=(OPINION, "A scan without marks is no proof that there is no nodule."),
        provenance={key: value for key, value in result.provenance.items() if value},
        more=(_rules(result, shown),) if any(mark.outlined for mark in shown) else (),
    )


def _row(mark: NoduleMark) -> tuple[str, ...]:
    size = [_interval(item) for item in mark.measurements()] or ["not outlined", ""]
    opinion = "" if mark.opinion is None else f"{mark.opinion:.1f} ({mark.opinion_of_size:.1f}) of 5"
    decision = mark.decision or "not judged"
    kind = f"{mark.kind}, dense" if mark.calcified else mark.kind
    return (str(mark.number), f"{mark.score:.2f}", decision, mark.location, kind, *size, opinion)


def _interval(item: Measurement) -> str:
    digits = 1 if item.unit == "mm" else 0
    low, high = item.interval() or (float("nan"), float("nan"))
    return f"{item.value:.{digits}f} {item.unit} ({max(low, 0.0):.{digits}f} to {high:.{digits}f})"


def _rules(result: NodulesResult, shown: tuple[NoduleMark, ...]) -> Report:
    rows = []
    for mark in [each for each in shown if each.outlined][:_ON_FIRST]:
        rows.append((f"Mark {mark.number}", fleischner_of(mark, shown, result.person).text()))
        rows.append(("", lung_rads_of(mark).text()))
        brock = result.brock(mark)
        if brock:
            rows.append(("", f"Brock: {brock}"))
    table = Section("If the mark is a nodule", header=("Mark", "Rule"), rows=tuple(rows), text=_RULES)
    return Report("What the rules say", result.scan, sections=(table,))
