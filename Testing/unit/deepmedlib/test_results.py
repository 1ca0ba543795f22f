"""What all results share: the printed line, remarks, tables as people and as files see them, options."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code, Measurement
from DeepMedLib.options import DEVICE, Option, checked_options
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import ABSTAINED, DONE, Result, remarks_from_json, remarks_to_json
from DeepMedLib.results.table import Column, Table, csv_text, measurement_table, read_cell


@dataclass(frozen=True)
class Weighed(Result):
    """A small result."""

    grams: float | None
    said: tuple[Remark, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return gravest_first(self.said)

    def status(self) -> str:
        return ABSTAINED if self.grams is None else DONE

    def answer(self) -> str:
        return "not weighed" if self.grams is None else f"{self.grams:.0f} g"

    def measurements(self) -> list[Measurement]:
        return [Measurement("Weight", self.grams, "g", 10.0)]

    def to_json(self) -> dict[str, Any]:
        return {"grams": self.grams, "provenance": self.provenance, **remarks_to_json(self.remarks)}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Weighed:
        return cls(record["grams"], remarks_from_json(record), record["provenance"])


def test_the_printed_line_leads_with_what_makes_numbers_wrong() -> None:
    said = (Remark("A note.", Gravity.NOTE), Remark("Mirrored.", Gravity.GRAVE), Remark("Noisy."))
    result = Weighed(12.4, said)
    assert result.headline() == "Mirrored. 12 g" and result.warnings() == ["Mirrored.", "Noisy.", "A note."]
    assert Weighed(12.4, said[2:]).headline() == "12 g"
    assert not result.abstained and Weighed(None).abstained
    assert result.summary() == {"Weight": 12.4}
    assert Weighed.from_json(result.to_json()).remarks == result.remarks


def test_a_table_shows_people_digits_and_files_the_number() -> None:
    columns = (Column("z_mm", "z (mm)", 1), Column("seen", "Seen"), Column("name"))
    table = Table("slices", "Slices", columns, ((1.25, True, "a"), (None, False, "")))
    assert table.titles() == ("z (mm)", "Seen", "name")
    assert table.texts() == [("1.2", "yes", "a"), ("", "no", "")]
    assert list(csv.reader(io.StringIO(table.csv()))) == [["z_mm", "seen", "name"], ["1.25", "1", "a"], ["", "0", ""]]
    assert table.section("Below.").rows == tuple(table.texts())
    with pytest.raises(ValueError, match="3 cells"):
        Table("slices", "Slices", columns, ((1.0,),))
    assert csv_text(["a"], [[float("nan")]]) == 'a\r\n""\r\n'


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=", "-", "--1", "-1e", "+ 1"]
)
def test_a_text_that_a_spreadsheet_would_compute_is_shown_as_text(text: str) -> None:
    written = csv_text(["a", "b"], [[text, "plain"]])
    cells = list(csv.reader(io.StringIO(written, newline="")))[1]
    assert cells == [f"'{text}", "plain"]
    assert [read_cell(cell) for cell in cells] == [text, "plain"]


@pytest.mark.parametrize(
    ("cell", "written"),
    [("-3.2", "-3.2"), ("+5", "+5"), ("-.5", "-.5"), ("-1e-05", "-1e-05"), ("1-2", "1-2"), (-3.2, "-3.2"), (-7, "-7")],
)
def test_numbers_stay_numbers(cell: str | float, written: str) -> None:
    assert list(csv.reader(io.StringIO(csv_text(["a"], [[cell]]))))[1] == [written]


def test_measurements_keep_unit_interval_and_source() -> None:
    known = Measurement("HC", 100.0, "mm", 1.0, Code("11984-2", "LN", "Head Circumference"), "model", "Head")
    table = measurement_table([known, Measurement("BPD", None, "mm", 1.0)])
    rows = list(csv.DictReader(io.StringIO(table.csv())))
    assert rows[0] | {} == {
        "name": "HC",
        "label": "Head",
        "value": "100",
        "unit": "mm",
        "sd": "1",
        "low_95": "98.04",
        "high_95": "101.96",
        "code": "LN 11984-2",
        "source": "model",
    }
    assert (rows[1]["value"], rows[1]["sd"], rows[1]["low_95"]) == ("", "", "")


WEEKS = Option("ga_weeks", 0.0, "Weeks.", limits=(0, 43), unit="weeks")
SMOOTH = Option("smooth_it", True, "Smooth.")


def test_an_option_is_called_alike_everywhere() -> None:
    assert (WEEKS.parameter, WEEKS.title) == ("gaWeeks", "Ga weeks")
    assert (SMOOTH.parameter, SMOOTH.title) == ("smoothIt", "Smooth it") and DEVICE.parameter == "device"


@pytest.mark.parametrize("value", [0, 43, 20.5])
def test_values_within_limits_are_taken(value: float) -> None:
    assert checked_options([WEEKS, SMOOTH], {"ga_weeks": value}) == {"ga_weeks": value, "smooth_it": True}


@pytest.mark.parametrize("value", [-0.01, 43.01, float("nan"), "12", True, None])
def test_values_beyond_limits_and_of_other_types_are_refused(value: Any) -> None:
    with pytest.raises(BadInput) as caught:
        checked_options([WEEKS], {"ga_weeks": value})
    assert "from 0 to 43 weeks" in caught.value.remedy


AGE = Option("ga_weeks", 0.0, "Weeks.", limits=(4, 43), unit="weeks", unknown="unknown", label="Gestational age")


@pytest.mark.parametrize("value", [4, 43])
def test_a_default_may_stand_for_not_given_and_limits_hold_for_the_rest(value: float) -> None:
    assert AGE.checked(0) == 0.0 and AGE.checked(value) == AGE.given(value) == value
    for refused in (value - 0.01 if value == 4 else value + 0.01, 0.01):
        with pytest.raises(BadInput, match=r"Gestational age .* weeks is not possible"):
            AGE.checked(refused)
    with pytest.raises(BadInput, match=r"Gestational age 0 weeks is not possible\. Give a number from 4 to 43 weeks"):
        AGE.given(0)  # whoever writes it does not leave it out


def test_choices_and_names_are_checked() -> None:
    with pytest.raises(BadInput, match="no device 'tpu'"):
        DEVICE.checked("tpu")
    with pytest.raises(TypeError, match="no option speed"):
        checked_options([DEVICE], {"speed": 1})
    with pytest.raises(BadInput):
        Option("count", 3, "Count.").checked(2.5)
    with pytest.raises(BadInput, match="Count 3 is not possible"):
        Option("count", 3, "Count.", limits=(4, 5))
