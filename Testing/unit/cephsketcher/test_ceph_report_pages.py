"""Growth facts, tables and the report's pages and pictures."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from CephSketcherLib.analysis.analyses import analyse, unavailable
from CephSketcherLib.analysis.growth_prior import unusual_points, usual_at_age, usual_change
from CephSketcherLib.analysis.interpretation import read
from CephSketcherLib.analysis.norm_files import norm_set
from CephSketcherLib.analysis.point_errors import draw_two_films
from CephSketcherLib.comparison.changes import changes, displacements
from CephSketcherLib.comparison.superimposition import TracedFilm, superimpose
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.report.change_pages import change_pages
from CephSketcherLib.report.film_pages import film_pages
from CephSketcherLib.report.line_drawing import SECOND, Tracing, draw_tracings
from CephSketcherLib.report.wiggle import WiggleRow, draw_wiggle, wiggle_rows
from CephSketcherLib.tracing.tables import measures_table
from DeepMedLib.results.table import measurement_table

#: A face of usual proportions, S-N 340 px; facing right, y down.
FACE = {
    "S": (300, 300), "N": (637, 263), "Or": (585, 420), "Po": (197, 385), "A": (632, 558), "B": (605, 747),
    "Pog": (612, 828), "Me": (570, 875), "Gn": (598, 860), "Go": (287, 705), "LI": (650, 668), "UI": (662, 672),
    "PNS": (395, 538), "ANS": (650, 525), "Ar": (232, 450),
}  # fmt: skip


def face(mirror: bool = False) -> LandmarkSet:
    covariance = ((9.0, 0.0), (0.0, 9.0))
    return LandmarkSet(tuple(LandmarkPoint(s, 1000 - x if mirror else x, y, covariance) for s, (x, y) in FACE.items()))


@pytest.mark.parametrize("mirror", [False, True])
def test_a_misplaced_point_is_named_with_its_likely_place(mirror: bool) -> None:
    assert unusual_points(face(mirror)) == []
    side = -1 if mirror else 1
    points = face(mirror)
    wrong = points.moved("PNS", points["PNS"].xy + np.array([side * 110.0, 60.0]))
    found = unusual_points(wrong)
    assert [m.symbol for m in found][:1] == ["PNS"] and "PNS lies" in found[0].sentence
    assert np.hypot(*(np.array(found[0].expected) - points["PNS"].xy)) < 40


def test_few_or_sideless_points_are_not_judged() -> None:
    assert unusual_points(LandmarkSet(face().points[:4])) == []
    assert unusual_points(LandmarkSet((LandmarkPoint("UI", 1, 2),))) == []


def test_growth_facts() -> None:
    young, old = usual_at_age("SNB", 8.5), usual_at_age("SNB", 16)
    assert young is not None and old is not None
    assert 70 < young.mean < old.mean + 1 and 2 < young.sd < 6 and young.n > 100 and "not a norm" in young.about
    assert usual_at_age("SNB", None) is None and usual_at_age("SNB", 45) is None and usual_at_age("IMPA", 10) is None
    # The mandible grows forward: ANB falls, the back face height gains on the front.
    anb, ratio = usual_change("ANB"), usual_change("Jarabak ratio")
    assert anb is not None and anb.mean < 0 < anb.sd and ratio is not None and ratio.mean > 0
    length = usual_change("S-N")
    assert length is not None and length.unit == "% of length" and 0.5 < length.mean < 2
    assert usual_change("UL-E") is None


def measured() -> list:  # type: ignore[type-arg]
    return analyse(face(), 0.2, norms=norm_set(), age=18, sex="female")


def test_csv_holds_every_measure() -> None:
    measures = measured()
    rows = list(csv.DictReader(io.StringIO(measures_table(measures).csv())))
    common = [column.key for column in measurement_table([]).columns]
    assert list(rows[0])[: len(common)] == common and len(rows) == len(measures)  # as every module's measurements.csv
    first = {row["name"]: row for row in rows}["SNA"]
    assert float(first["value"]) == pytest.approx(measures[0].value, abs=1e-3)
    assert first["norm_source"].startswith("Steiner") and first["from_outlines"] == "0"


def test_wiggle_puts_each_measure_where_its_deviation_is() -> None:
    rows = [WiggleRow("Steiner", f"M{d}", "1.0", "1.0", float(d), d - 0.2, d + 0.2) for d in (-1, 0, 2)]
    picture = draw_wiggle(rows, 1000).astype(int)
    assert picture.shape[1] == 1000 and picture.shape[2] == 3
    marks = (np.abs(picture - np.array([11, 100, 112])).sum(axis=2) < 30)[:, 520:]
    heights = np.flatnonzero(marks[:, 5:].sum(axis=1) > 8)
    bands = np.split(heights, np.flatnonzero(np.diff(heights) > 1) + 1)
    centers = [520 + float(np.mean(np.flatnonzero(marks[int(np.median(band))]))) for band in bands]
    middle, reach = (520 + 985) / 2, (985 - 520) / 2
    assert centers == pytest.approx([middle - reach / 4, middle, middle + reach / 2], abs=6)
    with pytest.raises(ValueError, match="needs measures"):
        draw_wiggle([])


def test_wiggle_rows_are_the_measures_with_a_norm() -> None:
    measures = measured()
    rows = wiggle_rows(measures)
    assert len(rows) == sum(m.deviation_sd is not None for m in measures) > 20
    assert rows[0].title == "SNA" and rows[0].low is not None and rows[0].low < rows[0].deviation


def test_tracings_are_drawn_in_their_colors() -> None:
    first = Tracing({s: np.array(xy, float) for s, xy in FACE.items()}, [(np.array([[0, 0], [50, 10], [9, 40]]), True)])
    second = Tracing({s: np.array(xy, float) + 9 for s, xy in FACE.items()}, color=SECOND, planes=False, names=False)
    picture = draw_tracings([first, second], 600).astype(int)
    assert picture.shape[1] == 600 and 500 < picture.shape[0] < 900
    assert (np.abs(picture - np.array(SECOND)).sum(axis=2) < 20).sum() > 100
    with pytest.raises(ValueError, match="needs points"):
        draw_tracings([])


def test_the_report_shows_everything_once(tmp_path: Path) -> None:
    from DeepMedLib.report.html import write_html
    from DeepMedLib.report.pdf import write_pdf

    measures = measured()
    picture = np.zeros((60, 50, 3), np.uint8)
    report = film_pages(
        picture,
        measures,
        [(reading.topic, reading.sentence) for reading in read(measures)],
        unavailable(face(), mm_per_px=0.2),
        tracing=draw_tracings([Tracing({s: np.array(xy, float) for s, xy in FACE.items()})], 500),
        subject=(("Film", "a.png"),),
    )
    cells = [row[0] for page in report.pages for s in page.sections if s.header[:1] == ("Measure",) for row in s.rows]
    assert cells == [m.title for m in sorted(measures, key=lambda m: _order(m.analysis))]
    html = write_html(report, tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        "U1A is not marked on this film" in html
        and "Skeletal class" in html
        and html.count("<article") == len(report.pages)
    )
    pdf = write_pdf(report, tmp_path / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= len(report.pages)


def _order(analysis: str) -> int:
    from CephSketcherLib.analysis.analyses import ALL

    return ALL.index(analysis)


def test_the_change_report_shows_both_tables(tmp_path: Path) -> None:
    from DeepMedLib.report.html import render_html
    from DeepMedLib.report.pdf import write_pdf

    film = TracedFilm(face(), {}, 0.2)
    laid = superimpose(film, film)
    report = change_pages(
        np.zeros((60, 50, 3), np.uint8),
        displacements(film, film, laid, draw_two_films(face(), face(), 100, 0)),
        changes(measured(), measured(), ({}, {})),
        laid.method,
        laid.note,
    )
    html = render_html(report)
    assert "Usual in growth" in html and "Beyond error" in html and laid.note in html
    assert write_pdf(report, tmp_path / "change.pdf").stat().st_size > 5000
