"""How numbers, rows, pictures and charts are written."""

from __future__ import annotations

import io
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from DeepMedLib.measurement import Code, Measurement
from DeepMedLib.report.charts import Dot, Line, Text, chart_shapes, chart_svg, nice_ticks, tick_text
from DeepMedLib.report.model import Band, Chart, ChartPoint, Picture, Report, Section, Series
from DeepMedLib.report.numbers import digits_of, is_number, plain, row_texts
from DeepMedLib.report.png import encode_png, shrink
from DeepMedLib.report.rows import provenance_items, row_of, rows_of, spread_text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (174.25, 1, "174.2"),
        (-0.04, 1, "0.0"),
        (-0.06, 1, "-0.1"),
        (None, 1, ""),
        (math.nan, 1, ""),
        (math.inf, 1, ""),
        (1234.5, 0, "1234"),
    ],
)
def test_plain(value: float | None, digits: int, text: str) -> None:
    assert plain(value, digits) == text


def test_digits_follow_unit_and_uncertainty() -> None:
    assert digits_of(Measurement("HC", 1.0, "mm")) == 1
    assert digits_of(Measurement("CI", 0.8, "")) == 3
    assert digits_of(Measurement("EFW", 812.0, "g")) == 0
    assert digits_of(Measurement("HC", 1.0, "mm", 0.004)) == 3
    assert digits_of(Measurement("HC", 1.0, "mm", 0.0)) == 1


def test_row_of_a_full_measurement() -> None:
    measurement = Measurement("HC", 174.2, "mm", 1.6, Code("11984-2", "LN", "Head Circumference"), "net 1.0", "Head")
    assert row_texts(measurement) == ("Head", "174.2", "1.6", "171.1", "177.3", "mm", "LN 11984-2", "net 1.0")
    row = row_of(measurement)
    assert row.figure == "174.2 \u00b1 1.6 mm"
    assert row.interval == "171.1 to 177.3"
    assert row.remark(with_source=True) == "LN 11984-2, net 1.0"
    assert row.remark(with_source=False) == "LN 11984-2"
    assert spread_text(row) == "\u00b1 1.6 mm, 95 % 171.1 to 177.3"


def test_unknown_is_said_and_never_zero() -> None:
    assert row_of(Measurement("AC", None, "mm", 2.0)).figure == "not measured"
    assert row_of(Measurement("AC", None, "mm", 2.0)).interval == ""
    row = row_of(Measurement("AC", 10.0, "mm"))
    assert (row.figure, row.interval, spread_text(row)) == ("10.0 mm", "", "uncertainty not known")


def test_degrees_raised_digits_and_minus() -> None:
    assert row_of(Measurement("SNA", -3.25, "deg", 1.0)).figure == "\u22123.2 \u00b1 1.0\u00b0"
    assert row_of(Measurement("SNA", -3.25, "deg", 1.0)).interval == "\u22125.2 to \u22121.3"
    assert row_of(Measurement("area", 12.0, "mm2")).figure == "12 mm\u00b2"


def test_shared_source_is_taken_out() -> None:
    same = [Measurement("HC", 1, "mm", source="net"), Measurement("BPD", 2, "mm", source="net")]
    assert rows_of(same)[1] == "net"
    assert rows_of([*same, Measurement("OFD", 3, "mm", source="edited by the user")])[1] == ""
    assert rows_of([]) == ([], "")


def test_numeric_columns() -> None:
    assert is_number(["1.2 mm", "\u22123", "+4", ""])
    assert not is_number(["1.2", "seen"])
    assert not is_number(["", ""])


def test_provenance_is_short() -> None:
    items = provenance_items({"DeepMed.Model": "fetal_head", "DeepMed.SHA256": "ab" * 32, "Plane": "head"})
    assert items == [("Model", "fetal_head"), ("SHA256", "abababababab"), ("Plane", "head")]


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (6, 4, 3)])
def test_png_is_lossless(shape: tuple[int, ...]) -> None:
    from PIL import Image

    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    image = Image.open(io.BytesIO(encode_png(pixels)))
    assert image.mode == ("L" if len(shape) == 2 else "RGB")
    np.testing.assert_array_equal(np.asarray(image), pixels)


@pytest.mark.parametrize("pixels", [np.zeros((2, 2)), np.zeros((2, 2, 4), np.uint8), np.zeros(4, np.uint8)])
def test_png_refuses_other_arrays(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        encode_png(pixels)


def test_shrink_averages_blocks() -> None:
    pixels = np.array([[0, 2, 9], [4, 6, 9]], np.uint8)
    np.testing.assert_array_equal(shrink(pixels, 2), [[3]])
    assert shrink(pixels, 3) is pixels
    assert shrink(np.zeros((100, 50, 3), np.uint8), 30).shape == (25, 12, 3)


def test_pictures_sections_and_charts_are_checked() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Picture(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="pixel_aspect"):
        Picture(np.zeros((2, 2), np.uint8), pixel_aspect=0.0)
    with pytest.raises(ValueError, match="needs 2 cells"):
        Section("t", header=("a", "b"), rows=(("1",),))
    with pytest.raises(ValueError, match="nothing"):
        Chart("t", "x", "y")
    with pytest.raises(ValueError, match="same length"):
        Chart("t", "x", "y", (Series((1.0, 2.0), (1.0,)),))
    with pytest.raises(ValueError, match="not finite"):
        chart_shapes(Chart("t", "x", "y", (Series((1.0, 2.0), (1.0, math.nan)),)), 100, 100)
    assert Picture(np.zeros((10, 20), np.uint8), pixel_aspect=2.0).aspect == 1.0


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_lie_inside_evenly(low: float, width: float) -> None:
    high = low + width
    ticks = nice_ticks(low, high)
    slack = 1e-6 * max(width, abs(low) * 1e-6)
    assert 1 <= len(ticks) <= 11
    assert all(low - slack <= tick <= high + slack for tick in ticks)
    steps = np.diff(ticks)
    assert np.allclose(steps, steps[:1], rtol=1e-6)


def test_tick_texts() -> None:
    assert nice_ticks(0, 10) == [0, 2, 4, 6, 8, 10]
    assert [tick_text(tick, [0.0, 0.25]) for tick in (-0.25, 0.5)] == ["\u22120.25", "0.50"]
    assert tick_text(20.0, [10.0, 20.0]) == "20"
    assert nice_ticks(3, 3) == [3]


def test_chart_shapes_stay_inside_and_bars_are_1_96_sd() -> None:
    chart = Chart(
        "HC",
        "weeks",
        "mm",
        (Series((10, 40), (50, 350), "50th"), Series((10, 40), (50, 345), "3rd")),
        (Band((10, 40), (40, 330), (60, 370), "range"),),
        (ChartPoint(20, 150, "150 mm", sd_y=10.0),),
    )
    shapes = chart_shapes(chart, 250, 150)
    for shape in shapes:
        points = shape.points if isinstance(shape, Line) else ((shape.x, shape.y),)
        assert all(-0.01 <= x <= 250.01 and -0.01 <= y <= 150.01 for x, y in points)
    dot = next(shape for shape in shapes if isinstance(shape, Dot))
    bar = next(shape for shape in shapes if isinstance(shape, Line) and shape.stroke == dot.fill)
    middle = (bar.points[0][1] + bar.points[1][1]) / 2
    assert middle == pytest.approx(dot.y)
    lines = [shape for shape in shapes if isinstance(shape, Line) and shape.width == 1.1]
    per_mm = (lines[0].points[0][1] - lines[0].points[1][1]) / 300
    assert (bar.points[0][1] - bar.points[1][1]) / per_mm == pytest.approx(2 * 1.96 * 10)
    ends = sorted(shape.y for shape in shapes if isinstance(shape, Text) and shape.text in ("50th", "3rd", "range"))
    assert min(np.diff(ends)) > 6


def test_svg_is_well_formed_and_escaped() -> None:
    from xml.etree import ElementTree

    chart = Chart('<b>"HC"</b> & more', "a<b", "c&d", points=(ChartPoint(1, 2, "<script>"),))
    svg = chart_svg(chart)
    ElementTree.fromstring(svg)
    assert "<script" not in svg and "<b>" not in svg
    assert "&lt;script&gt;" in svg
    assert not re.search(r"nan|inf", svg)


def test_charts_stand_beside_pictures_only() -> None:
    chart = Chart("t", "x", "y", points=(ChartPoint(1, 2),))
    picture = Picture(np.zeros((2, 2), np.uint8))
    assert Report("t", pictures=(picture,), charts=(chart,)).charts_beside
    assert not Report("t", charts=(chart,)).charts_beside
    assert not Report("t", pictures=(picture,), charts=(chart,) * 3).charts_beside
