"""The report of an examination: every number, flag, picture and chart is in it, on its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from DeepMedLib.remark import Remark
from DeepMedLib.report.html import render_html
from DeepMedLib.report.model import Report
from DeepMedLib.report.pdf import render_pdf
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.visits import Visit
from FetalBiometryLib.report.examination_report import ROWS_A_PAGE, examination_report

pytest.importorskip("jinja2")
pytest.importorskip("reportlab")
Of = Callable[..., ExaminationResult]


@pytest.fixture
def result(of: Of, fetus: list[Any], measured: Callable[..., Any]) -> ExaminationResult:
    visits = (Visit(24.0, {"HC": 222.0, "AC": 190.0, "EFW": 640.0}, {"HC": 3.0}, "2026-03-01"),)
    more = [measured("femur", "second.png", FL=(54, 0.8)), measured("femur", "bad.png", FL=(50, 1), vouched=False)]
    return of(*fetus, *more, ga_weeks=28.0, examined="2026-04-01", visits=visits, skipped=(("x.png", "No plane."),))


def tables(page: Report) -> dict[str, list[list[str]]]:
    return {s.title: [list(row) for row in s.rows] for s in page.sections}


def test_pages(result: ExaminationResult, overlay: np.ndarray) -> None:
    first, flags, growth = examination_report(result, dict.fromkeys(result.best, overlay)).pages
    assert [m.name for m in first.key] == ["EFW", "GA"] and len(first.pictures) == 3
    assert first.date == "2026-04-01" and ("Known gestational age", "28w0d, stated") in first.subject
    assert ("Weight standard", "INTERGROWTH-21st EFW 2020") in first.subject
    rows = {row[0]: row for row in tables(first)["Biometry and growth"]}
    assert rows["HC"][1:5] == ["260.0", "2.6", "mm", "1"]
    assert rows["FL"][1] == "53.5" and rows["FL"][4:6] == ["2", "0.7"]
    assert rows["Estimated fetal weight"][1] == f"{result.weight.grams:.0f}"  # type: ignore[union-attr]
    assert rows["HC"][6] == f"{result.placements['HC'].centile:.1f}"
    found = tables(flags)
    assert len(found["Flags, each with its rule"]) == len(result.flags())
    assert all(row[3] for row in found["Flags, each with its rule"])
    pictures = {row[0]: row for row in found["Every picture of the examination"]}
    assert pictures["second.png"][3] == "FL 54.0 mm" and pictures["x.png"][4] == "No plane."
    assert "nothing was found" in pictures["bad.png"][4] and pictures["femur.png"][4] == "best of its plane"
    assert len(growth.charts) == 6 and "Growth from 24w0d to 28w0d" in tables(growth)
    assert growth.provenance["model"] == "phantom" and not first.provenance


def test_rendered(result: ExaminationResult, overlay: np.ndarray) -> None:
    report = examination_report(result, dict.fromkeys(result.best, overlay))
    html = render_html(report)
    assert html.count('class="sheet"') == len(report.pages) == 3 and html.count("<svg") == 6
    assert html.count("<main>") == 1 and "--columns: 2" in html
    text = re.sub(r"<[^>]+>", " ", html.replace("<wbr>", ""))  # names may break at their joints
    for said in (f"{result.weight.grams:.0f}", "Small for gestational age", "second.png", "2026-04-01"):  # type: ignore[union-attr]
        assert said in text
    pdf = render_pdf(report)
    assert pdf == render_pdf(report) and pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 3


def test_many_pictures_go_on_further_pages(
    of: Of, fetus: list[Any], overlay: np.ndarray, measured: Callable[..., Any]
) -> None:
    many = [measured("femur", f"f{n}.png", FL=(53 + 0.01 * n, 0.8)) for n in range(3 * ROWS_A_PAGE)]
    report = examination_report(of(*fetus, *many, ga_weeks=28.0), {})
    listed = [row for page in report.pages for row in tables(page).get("Every picture of the examination", [])]
    assert len(listed) == len(many) + 3 and len(report.pages) == 3 + 3
    assert render_pdf(report).startswith(b"%PDF")


def test_many_remarks_go_on_a_page_of_their_own(of: Of, overlay: np.ndarray, measured: Callable[..., Any]) -> None:
    long = "The scale was not confirmed. " + 20 * "Look at it again. "
    many = [measured("femur", f"f{n}.png", FL=(53, 0.8), said=(Remark(f"{n}: {long}"),)) for n in range(20)]
    result = of(*many, ga_weeks=28.0)
    report = examination_report(result, {"femur": overlay})
    assert len(report.warnings) == 7 and "further remarks stand on the next pages" in report.warnings[-1]
    listed = [row[0] for page in report.pages for row in tables(page).get("Further remarks", [])]
    assert [*report.warnings[:-1], *listed] == result.warnings()
    assert render_pdf(report).startswith(b"%PDF")


def test_little_is_known(of: Of, fetus: list[Any], overlay: np.ndarray) -> None:
    """One femur, no age; and an examination that abstained."""
    one = of(replace(fetus[2], edited=True, values={"FL": (53.0, None, "mm")}))
    report = examination_report(one, {"femur": overlay})
    assert "edited by the user in 1 of 1 pictures" in report.subtitle and len(report.pages) == 2
    row = tables(report)["Biometry and growth"][0]
    assert row[:4] == ["FL", "53.0", "unknown", "mm"] and any("No weight" in w for w in report.warnings)
    none = of(replace(fetus[2], vouched=False))
    empty = examination_report(none, {})
    assert empty.key == () and empty.pictures == () and none.reason() in empty.warnings
    for made in (report, empty):
        assert render_pdf(made).startswith(b"%PDF") and render_html(made)
