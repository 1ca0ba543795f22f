"""Growth standards against every row of the published tables."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from DeepMedLib.errors import BadInput
from FetalBiometryLib.growth.standards import (
    EFW,
    IG21,
    WHO,
    OutOfRange,
    place,
    standard,
    standard_names,
    weight_standard,
)
from FetalBiometryLib.growth.table import read_growth_table
from FetalBiometryLib.growth.weight import FORMULAS

MEASURES = ("HC", "BPD", "OFD", "AC", "FL")
GIRLS, BOYS = f"{WHO} girls (EFW)", f"{WHO} boys (EFW)"


@pytest.mark.data
@pytest.mark.parametrize("measure", MEASURES)
def test_intergrowth_tables(sharedData: Path, measure: str) -> None:
    """27 weeks x 7 centiles and x 7 z-scores: the rounding of the tables, 0.05 mm, and that of the equations."""
    chart = standard(IG21)
    folder = sharedData / "fetal" / "growth_standards"
    checked = 0
    for kind in ("ct", "zs"):
        for row in csv.DictReader((folder / f"intergrowth21_{measure.lower()}_{kind}.tsv").open(), delimiter="\t"):
            weeks = float(row["Gestational Age (weeks)"])
            for column, text in row.items():
                number = column.split(" ")[0].rstrip("rdthsn")
                if kind == "ct" and "Percentile" in column:
                    value = chart.value_at(measure, weeks, float(number))
                    assert chart.centile(measure, weeks, value) == pytest.approx(float(number), abs=1e-6)
                elif kind == "zs" and column.endswith("SD"):
                    value = chart._value(measure, weeks, float(number))
                    assert chart.z_score(measure, weeks, value) == pytest.approx(float(number), abs=1e-9)
                else:
                    continue
                assert value == pytest.approx(float(text), abs=0.08)
                checked += 1
    assert checked == 2 * 27 * 7


@pytest.mark.data
def test_who_coefficients(sharedData: Path) -> None:
    """Every row of the coefficient tables gives the same curve."""
    folder = sharedData / "fetal" / "growth_standards"
    rows = [
        (WHO, r["fetalDimension"], r) for r in csv.DictReader((folder / "who2017_coefficients_global_v3.csv").open())
    ] + [
        ({"F": GIRLS, "M": BOYS}[r["sex"]], EFW, r)
        for r in csv.DictReader((folder / "who2017_coefficients_efw_by_sex_v3.csv").open())
    ]
    assert len(rows) == 77
    for name, measure, row in rows:
        for weeks in (14.0, 22.5, 31.0, 40.0):
            expected = np.exp(sum(float(row[f"b{i}"]) * weeks**i for i in range(5)))
            found = standard(name).value_at(measure, weeks, 100 * float(row["quantile"]))
            assert found == pytest.approx(expected, rel=1e-6)


def test_weight_charts_against_published_values() -> None:
    centiles = (3, 10, 50, 90, 97)
    for name, grams in (
        (f"{IG21} EFW 2017", (892, 951, 1097, 1276, 1375)),
        (f"{IG21} EFW 2020", (925, 982, 1119, 1279, 1364)),
    ):
        for centile, expected in zip(centiles, grams, strict=True):
            assert standard(name).value_at(EFW, 28, centile) == pytest.approx(expected, abs=0.6)
    assert standard(WHO).value_at(EFW, 28, 50) == pytest.approx(1189, abs=0.6)
    assert standard(WHO).value_at(EFW, 40, 50) == pytest.approx(3617, abs=0.6)
    assert standard("Hadlock 1991").value_at(EFW, 28, 50) == pytest.approx(1210, abs=0.6)
    ten = standard("Hadlock 1991").value_at(EFW, 28, 10) / standard("Hadlock 1991").value_at(EFW, 28, 50)
    assert ten == pytest.approx(1 - 1.2816 * 0.127, abs=1e-4)


def every_chart() -> list[tuple[str, str]]:
    return [(name, measure) for name in standard_names() for measure in standard(name).ranges]


@pytest.mark.parametrize(("name", "measure"), every_chart())
def test_centile_rises_with_size_at_every_age(name: str, measure: str) -> None:
    """From the 0.5th to the 99.5th centile, the last day of the range included, where fitted quantiles may touch."""
    chart = standard(name)
    low, high = chart.ranges[measure]
    for weeks in [*np.arange(low, high, 0.7), *np.linspace(high - 0.5, high, 6)]:
        values = [chart.value_at(measure, weeks, c) for c in (0.5, 1, 3, 10, 50, 90, 97, 98, 99, 99.5)]
        assert np.all(np.diff(values) > 0)
        sizes = np.linspace(0.98 * values[0], 1.02 * values[-1], 40)
        assert np.all(np.diff([chart.z_score(measure, weeks, v) for v in sizes]) > 0)


def test_a_centile_beyond_the_chart_says_so() -> None:
    for name in (f"{IG21} EFW 2017", f"{IG21} EFW 2020"):
        chart = standard(name)
        for weeks in chart.ranges[EFW]:
            for centile in (1e-300, 1e-12, 100 - 1e-12):
                try:
                    assert np.isfinite(chart.value_at(EFW, weeks, centile))
                except OutOfRange as reason:
                    assert "has no value" in str(reason)


@given(st.sampled_from(every_chart()), st.floats(0, 1), st.floats(0.5, 99.5))
def test_value_and_centile_are_inverse(chart: tuple[str, str], age: float, centile: float) -> None:
    name, measure = chart
    low, high = standard(name).ranges[measure]
    weeks = low + age * (high - low)
    value = standard(name).value_at(measure, weeks, centile)
    assert standard(name).centile(measure, weeks, value) == pytest.approx(centile, abs=1e-6)


@given(st.sampled_from(every_chart()), st.floats(0, 0.97), st.floats(3, 97), st.floats(0.05, 1))
def test_median_and_centiles_rise_with_age_and_size(
    chart: tuple[str, str], age: float, centile: float, more: float
) -> None:
    name, measure = chart
    low, high = standard(name).ranges[measure]
    weeks = low + age * (high - low)
    if measure in ("OFD", "FL"):  # these published curves fall by up to 0.15 mm in the last days before 40 weeks
        high = 39.0
        weeks = min(weeks, high - 0.1)
    later = min(high, weeks + more)
    assert standard(name).value_at(measure, later, centile) > standard(name).value_at(measure, weeks, centile)
    assert standard(name).value_at(measure, weeks, centile + 1) > standard(name).value_at(measure, weeks, centile)
    value = standard(name).value_at(measure, weeks, centile)
    assert standard(name).z_score(measure, weeks, 1.01 * value) > standard(name).z_score(measure, weeks, value)


@pytest.mark.parametrize(("name", "measure"), every_chart())
def test_out_of_range_says_so(name: str, measure: str) -> None:
    chart = standard(name)
    low, high = chart.ranges[measure]
    value = chart.value_at(measure, low, 50)
    for weeks in (low - 0.1, high + 0.1, float("nan")):
        with pytest.raises(OutOfRange, match="outside the"):
            chart.z_score(measure, weeks, value)
        with pytest.raises(OutOfRange):
            chart.value_at(measure, weeks, 50)
        assert not chart.covers(measure, weeks)
    for bad in (0.0, -1.0, float("nan")):
        with pytest.raises(OutOfRange):
            chart.z_score(measure, low, bad)
    for centile in (0, 100, -5):
        with pytest.raises(OutOfRange):
            chart.value_at(measure, low, centile)
    with pytest.raises(OutOfRange, match="no chart"):
        chart.z_score("Humerus", low, value)
    assert chart.covers(measure, low) and chart.reference


def test_no_value_breaks_the_weight_charts() -> None:
    """Absurd weights are refused in words, not with an arithmetic error."""
    for name in (f"{IG21} EFW 2017", f"{IG21} EFW 2020"):
        for grams in (0.5, 1.0, 3.0, 50.0, 9000.0, 1e9):
            try:
                assert np.isfinite(standard(name).z_score(EFW, 30, grams))
            except OutOfRange as reason:
                assert "too far" in str(reason)


def test_weight_chart_belongs_to_its_formula() -> None:
    hadlock, intergrowth = FORMULAS[0], FORMULAS[-1]
    assert weight_standard(IG21, hadlock).name.endswith("2020")
    assert weight_standard(IG21, intergrowth).name.endswith("2017")
    assert weight_standard(WHO, hadlock).name == WHO
    for name, formula in ((WHO, intergrowth), (f"{IG21} EFW 2017", hadlock), ("Hadlock 1991", intergrowth)):
        with pytest.raises(BadInput, match="no weight chart"):
            weight_standard(name, formula)
    with pytest.raises(BadInput, match="no growth standard"):
        standard("Nobody")


def test_placement_carries_uncertainty() -> None:
    chart = standard(IG21)
    value = chart.value_at("HC", 28, 30)
    exact = place(chart, "HC", value, 28)
    assert exact.centile == pytest.approx(30) and exact.z_sd is None and exact.centile_low is None
    found = place(chart, "HC", value, 28, sd=3.0)
    spread = (chart.z_score("HC", 28, value + 3) - chart.z_score("HC", 28, value - 3)) / 2
    assert found.z_sd == pytest.approx(spread, rel=1e-3)
    assert found.centile_low is not None and found.centile_high is not None
    assert found.centile_low < 30 < found.centile_high
    assert found.centile_sd == pytest.approx(
        (chart.centile("HC", 28, value + 0.03) - chart.centile("HC", 28, value - 0.03)) / 0.06 * 3, rel=1e-2
    )
    dated = place(chart, "HC", value, 28, sd=3.0, weeks_sd=0.5)
    assert dated.z_sd is not None and found.z_sd is not None and dated.z_sd > found.z_sd
    assert place(chart, "HC", value, 40.0, sd=3.0, weeks_sd=0.5).z_sd is not None  # at the edge of the range
    outside = place(chart, "HC", value, 12, sd=3.0)
    assert outside.z is None and outside.centile_sd is None and "outside the 14 to 40 weeks" in outside.note
    assert "no chart" in place(chart, "EFW", 900, 28).note


def write_table(path: Path, rows: list[str], header: str = "") -> Path:
    head = header or "Gestational Age (weeks),Group,Measure,10th Percentile,50th Percentile,90th Percentile"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def test_table_of_the_user(tmp_path: Path) -> None:
    path = write_table(
        tmp_path / "own.csv",
        ["20.00,a,HC,160,175,190", "21.00,a,HC,170,185,200", "20.00,b,HC,150,165,180", "21,b,Head Circ.,160,175,190"],
    )
    with pytest.raises(BadInput, match="group"):
        read_growth_table(path)
    with pytest.raises(BadInput, match="group"):
        read_growth_table(path, "c")
    chart = read_growth_table(path, "b", "Own")
    assert chart.name == "Own (b)" and chart.ranges == {"HC": (20.0, 21.0)}
    assert chart.value_at("HC", 20, 50) == pytest.approx(165)
    assert chart.centile("HC", 20.5, np.sqrt(165 * 175)) == pytest.approx(50)
    assert chart.centile("HC", 20, 140) < 10 < chart.centile("HC", 20, 155)


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        (["20,a,HC,160,150,190"], "", "do not rise"),
        (["20,a,HC,160,x,190"], "", "cannot be read"),
        (["20,a,Nose,160,170,190"], "", "cannot be read"),
        (["20,a,HC,160,170,190"], "", "too few"),
        (["20,HC,160"], "Gestational Age (weeks),Measure,50th Percentile", "lacks a column"),
        ([], "", "too few"),
    ],
)
def test_bad_tables(tmp_path: Path, rows: list[str], header: str, said: str) -> None:
    path = write_table(tmp_path / "bad.csv", rows, header)
    with pytest.raises(BadInput, match=said):
        read_growth_table(path)


def test_table_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00\x01\x80")
    for name in ("x.csv", "gone.csv"):
        with pytest.raises(BadInput, match="cannot be read"):
            read_growth_table(tmp_path / name)


@pytest.mark.data
def test_nichd_table(sharedData: Path) -> None:
    path = next((sharedData / "fetal" / "growth_standards").glob("raw_NIHCD*.tsv"))
    groups = ("Non-Hispanic White", "Non-Hispanic Black", "Hispanic", "Asian & Pacific Islander")
    checked = 0
    for group in groups:
        chart = read_growth_table(path, group)
        assert set(chart.ranges) == {"AC", "BPD", "FL", "HC"} and EFW not in chart.ranges
        for row in csv.DictReader(path.open(), delimiter="\t"):
            if row["Race"] != group:
                continue
            measure = {"A": "AC", "B": "BPD", "F": "FL", "H": "HC"}[row["Measure"][0]]
            weeks = round(7 * float(row["Gestational Age (weeks)"])) / 7
            printed = {re.match(r"\d+", c)[0]: float(v) for c, v in row.items() if c.endswith("Percentile")}  # type: ignore[index]
            np.testing.assert_allclose(chart._quantiles[measure](weeks), list(printed.values()), rtol=1e-9)
            assert chart.value_at(measure, weeks, 10) == pytest.approx(printed["10"], rel=1e-9)
            checked += len(printed)
    assert checked == 7 * 3600
