"""Former visits: what is read, and every refusal with its sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from DeepMedLib.errors import BadInput
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.visits import Visit, read_visits


def written(tmp_path: Path, text: str, name: str = "visits.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_table(tmp_path: Path) -> None:
    """In any order; cells may stay empty; centimetres and kilograms by the column's name."""
    visits = read_visits(
        written(
            tmp_path,
            "date,ga_weeks,HC_mm,HC_sd,AC_cm,EFW_kg,note\n"
            "2026-03-01,24w2d,222,3,19.0,,second\n2026-02-01,20.1,176,,15.2,0.33,first\n",
        )
    )
    assert [v.weeks for v in visits] == pytest.approx([20.1, 24 + 2 / 7])
    first, second = visits
    assert first.measures == pytest.approx({"HC": 176, "AC": 152, "EFW": 330}) and first.sds == {}
    assert second.measures == pytest.approx({"HC": 222, "AC": 190}) and second.sds == {"HC": 3.0}
    assert first.date == "2026-02-01" and second.sd("AC") is None
    assert second.title() == "2026-03-01 (24.3 weeks)"


def test_european_table(tmp_path: Path) -> None:
    (visit,) = read_visits(written(tmp_path, "ga_weeks;HC_mm;FL_mm\n20,1;176,5;33\n"))
    assert visit.weeks == pytest.approx(20.1) and visit.measures == {"HC": 176.5, "FL": 33.0}


def test_json_and_round_trip(tmp_path: Path) -> None:
    visit = Visit(20.1, {"HC": 176.0, "EFW": 330.0}, {"HC": 2.5}, "2026-02-01")
    for content in ([visit.to_dict()], {"visits": [visit.to_dict()]}, visit.to_dict()):
        assert read_visits(written(tmp_path, json.dumps(content), "v.json")) == (visit,)
    plain = [{"ga_weeks": 24, "HC": 222}, {"GA": "20w1d", "AC_mm": 152, "date": "2026-02-01"}]
    assert [v.weeks for v in read_visits(written(tmp_path, json.dumps(plain), "v.json"))] == pytest.approx(
        [20 + 1 / 7, 24]
    )


def test_a_former_result_of_this_module(tmp_path: Path, of: Callable[..., ExaminationResult], fetus: list[Any]) -> None:
    before = of(*fetus, ga_weeks=28.0, examined="2026-02-01", bpd_convention="outer-inner")
    (visit,) = read_visits(written(tmp_path, json.dumps(before.to_json()), "result.json"))
    assert (visit.weeks, visit.date) == (28.0, "2026-02-01")
    assert visit.measures["BPD"] == pytest.approx(0.555934 + 1.027318 * 71)  # charts take the outer-outer BPD
    assert visit.measures["AC"] == pytest.approx(240) and visit.sds["AC"] == pytest.approx(4.8)
    assert visit.measures["EFW"] == pytest.approx(1198.8, abs=0.05)
    undated = of(*fetus)
    with pytest.raises(BadInput, match="without a known gestational age"):
        read_visits(written(tmp_path, json.dumps(undated.to_json()), "result.json"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no former visit"),
        ("ga_weeks,HC_mm\n", "holds no former visit"),
        ("ga_weeks,HC_mm\nsoon,222\n", "Line 2 of visits.csv: 'soon' is no gestational age"),
        ("HC_mm\n222\n", "has no gestational age"),
        ("ga_weeks,HC_mm\n,222\n", "has no gestational age"),
        ("ga_weeks,HC_mm\n24,\n", "has no measure"),
        ("ga_weeks,HC_mm\n24,big\n", "big in the column HC_mm is no number"),
        ("ga_weeks,HC_mm\n24,-5\n", "not a positive number"),
        ("ga_weeks,HC_mm\n24,nan\n", "not a positive number"),
        ("ga_weeks,Nose\n24,5\n", "the column Nose is not known"),
        ("ga_weeks,HC_g\n24,222\n", "HC cannot be in g"),
        ("ga_weeks,HC_mm\n24,222,5\n", "not as many cells"),
        ("ga_weeks,HC_mm\n24,22.2\n", "far from any fetus of 24.0 weeks"),
        ("ga_weeks,EFW_g\n24,0.64\n", "far from any fetus of 24.0 weeks"),
        ("ga_weeks,HC_mm\n60,222\n", "60 weeks is not possible"),
        ("ga_weeks,HC_mm,date\n24,222,yesterday\n", "yesterday is no date"),
        ("[1]", "holds no list of visits"),
        ("[", "is no JSON file"),
        ("[]", "holds no former visit"),
    ],
)
def test_refusals(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_visits(written(tmp_path, text))
    assert said in caught.value.message and caught.value.remedy


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00\x80")
    for name in ("x.csv", "gone.csv"):
        with pytest.raises(BadInput, match="cannot be read"):
            read_visits(tmp_path / name)
