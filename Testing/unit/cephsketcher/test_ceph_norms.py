"""Norm sets: choice by age, sex and scale, and files that people bring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.analysis.norm_files import BY_ANALYSIS, norm_set, norm_set_names, read_norm_set, write_norm_set
from CephSketcherLib.analysis.norms import Norm, NormSet
from DeepMedLib.errors import BadInput


def test_shipped_sets_are_complete_and_name_their_sources() -> None:
    assert norm_set_names()[0] == BY_ANALYSIS
    assert {"Steiner", "Downs", "Tweed", "Ricketts", "Jarabak", "McNamara", "Eastman", "Riolo 1974"} <= set(
        norm_set_names()
    )
    for name in norm_set_names():
        norms = norm_set(name)
        assert norms.name == name and norms.description
        assert all(norm.source and norm.measure in MEASURES and norm.family for norm in norms.norms)
        assert all(norm.checked for norm in norms.norms)
    assert len(norm_set("Riolo 1974").norms) == 286
    assert all(norm.film_mm for norm in norm_set("Riolo 1974").norms)
    with pytest.raises(BadInput, match="no norm set Nobody"):
        norm_set("Nobody")


def test_known_values() -> None:
    steiner = norm_set("Steiner").find("ANB")
    assert steiner is not None and (steiner.mean, steiner.sd) == (2, 2)
    riolo = norm_set("Riolo 1974").find("S-N", age=16, sex="male", magnification=1.129)
    assert riolo is not None and (riolo.mean, riolo.sd) == (pytest.approx(83.3), pytest.approx(3.8))
    tweed = norm_set("Tweed")
    triangle = [tweed.find(measure) for measure in ("FMA", "FMIA", "IMPA")]
    assert sum(norm.mean for norm in triangle if norm is not None) == 180
    men, women = (norm_set("Wits").find("Wits", sex=sex) for sex in ("male", "female"))
    assert men is not None and women is not None and men.mean < women.mean < 0


def test_norms_that_do_not_hold_are_not_used() -> None:
    riolo = norm_set("Riolo 1974")
    assert riolo.find("S-N", age=16, sex="male", magnification=None) is None
    assert riolo.find("S-N", age=16) is None  # sex unknown
    assert riolo.find("S-N", age=30, sex="male") is None
    assert riolo.find("S-N", sex="male") is None
    assert norm_set("Wits").find("Wits") is None
    assert norm_set("Steiner").find("FMA") is None


def test_film_millimeters_become_those_of_the_head_or_of_this_film() -> None:
    mcnamara = norm_set("McNamara")
    in_head = mcnamara.find("Co-Gn", age=30, sex="male")
    assert in_head is not None and not in_head.film_mm
    assert (in_head.mean, in_head.sd) == (pytest.approx(134.3 / 1.08), pytest.approx(6.8 / 1.08))
    assert "134.3 mm on films of magnification 1.08, converted" in in_head.source
    on_film = mcnamara.find("Co-Gn", age=30, sex="male", magnification=1.1)
    assert on_film is not None and on_film.mean == pytest.approx(134.3 / 1.08 * 1.1)
    fma = mcnamara.find("FMA", age=30, sex="male", magnification=None)
    assert fma is not None and fma.mean == 21.3  # an angle needs no magnification
    ranged = Norm("S-N", 72.0, low=66.0, high=78.0, film_mm=True, magnification=1.2).enlarged(1.0)
    assert ranged is not None and (ranged.mean, ranged.low, ranged.high) == pytest.approx((60, 55, 65))


def test_norms_in_film_millimeters_say_why_they_are_not_used() -> None:
    mcnamara, jarabak = norm_set("McNamara"), norm_set("Jarabak")
    unknown = mcnamara.held_back("Co-Gn", age=30, sex="male", magnification=None)
    assert unknown.startswith("Norms of McNamara in millimeters on the film are not applied: ")
    assert "magnification of this film is not known" in unknown
    assert "that study's films is not stated" in jarabak.held_back("S-N", age=11)
    assert jarabak.find("S-N", age=11) is None
    assert mcnamara.held_back("Co-Gn", age=30, sex="male") == ""  # it is applied
    assert mcnamara.held_back("Co-Gn", age=8, sex="male", magnification=None) == ""  # it would not hold anyway
    assert mcnamara.held_back("A-N perp", age=30, sex="male", magnification=None) == ""


def test_what_was_not_checked_is_marked() -> None:
    known = Norm("SNA", 82.0, 2.0, source="Somebody 1950.", checked="agrees with a table")
    assert known.text() == "82.0 \u00b1 2.0" and known.origin == "Somebody 1950. Agrees with a table"
    partly = Norm("FMA", 25.0, low=20.0, high=30.0, checked="mean agrees; range not checked")
    assert partly.text() == "25.0 (20.0 to 30.0) ?"
    assert Norm("SNA", 82.0, source="own").text() == "82.0"


def test_norms_that_change_with_age() -> None:
    ricketts = norm_set("Ricketts")
    assert ricketts.find("Convexity mm") is None
    means = [ricketts.find("Convexity mm", age=age) for age in (9, 14, 18, 40)]
    assert [norm.mean for norm in means if norm is not None] == pytest.approx([2.0, 1.0, 0.2, 0.2])
    grown = ricketts.find("FMA", age=18)
    assert grown is not None and grown.mean == pytest.approx(23, abs=0.01)  # what Ricketts himself gives for 18 years


def test_each_analysis_prefers_its_author_and_falls_back_to_others() -> None:
    joined = norm_set(BY_ANALYSIS)
    families = {}
    for prefer in ("Downs", "Tweed", "Ricketts", "Kim"):
        norm = joined.find("FMA", age=12, prefer=prefer)
        assert norm is not None
        families[prefer] = norm.family
    ageless = joined.find("FMA", prefer="Kim")
    assert ageless is not None and ageless.family == "Downs"
    assert families == {"Downs": "Downs", "Tweed": "Tweed", "Ricketts": "Ricketts", "Kim": "Ricketts"}


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_sets_survive_saving(tmp_path: Path, suffix: str) -> None:
    mine = NormSet(
        "mine",
        "own",
        (
            Norm("SNA", 81.5, 3.0, source="own, n = 40"),
            Norm("Overjet", 0.0, low=0.0, high=3.0),
            Norm("FMA", 26.0, 4.0, sex="male", age_min=0.0, age_max=9.5, at_age=5.0, per_year=-0.3, film_mm=False),
            Norm("S-N", 75.0, 3.0, film_mm=True, magnification=1.1, checked="not checked"),
        ),
    )
    path = write_norm_set(mine, tmp_path / f"mine{suffix}")
    again = read_norm_set(path)
    expected = [n.__dict__ | {"family": "mine"} for n in mine.norms]
    assert [n.__dict__ for n in again.norms] == expected


def test_shipped_sets_survive_saving(tmp_path: Path) -> None:
    for name in ("Downs", "Ricketts", "Riolo 1974"):
        norms = norm_set(name)
        assert read_norm_set(write_norm_set(norms, tmp_path / "copy.json")) == norms


@pytest.mark.parametrize(("age", "holds"), [(5.999, False), (6.0, True), (8.999, True), (9.0, False), (None, False)])
def test_an_age_range_holds_from_its_first_day_to_the_day_before_its_last(age: float | None, holds: bool) -> None:
    assert Norm("FMA", 26.0, 4.0, age_min=6.0, age_max=9.0).holds(age, None) == holds


def test_a_norm_can_be_replaced() -> None:
    changed = norm_set("Steiner").replaced(Norm("SNA", 84.0, 3.0, family="Steiner"))
    norm = changed.find("SNA")
    assert norm is not None and norm.mean == 84.0
    assert len(changed.norms) == len(norm_set("Steiner").norms)
    unchanged = norm_set("Steiner").find("SNA")
    assert unchanged is not None and unchanged.mean == 82


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "no list of norms"),
        ('{"norms": []}', "holds no norm"),
        ('{"norms": [3]}', "norm 1, is not a norm"),
        ('{"name": 7, "norms": []}', "no name"),
        ('{"norms": [{"measure": "XYZ", "mean": 1}]}', "unknown measure 'XYZ'"),
        ('{"norms": [{"measure": "SNA"}]}', "SNA, has no mean"),
        ('{"norms": [{"measure": "SNA", "mean": "much"}]}', "mean is not a number"),
        ('{"norms": [{"measure": "SNA", "mean": NaN}]}', "mean is not a number"),
        ('{"norms": [{"measure": "SNA", "mean": true}]}', "mean is not a number"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "sd": 0}]}', "sd is not greater"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "sd": -2}]}', "sd is not greater"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "low": 83, "high": 90}]}', "not in order"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "low": 80}]}', "not in order"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "sex": "x"}]}', "sex is 'x'"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "film_mm": "maybe"}]}', "film_mm is 'maybe'"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "film_mm": true}]}', "film_mm goes with lengths"),
        ('{"norms": [{"measure": "S-N", "mean": 70, "film_mm": true, "magnification": 0.9}]}', "magnification 0.9"),
        ('{"norms": [{"measure": "S-N", "mean": 70, "magnification": 1.1}]}', "magnification 1.1"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "age_min": 9, "age_max": 8}]}', "age_min"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "per_year": 1}]}', "per_year needs"),
        ('{"norms": [{"measure": "SNA", "mean": 82, "average": 3}]}', "unknown entry 'average'"),
        ('{"norms": [{"measure": "SNA", "mean": 82}, {"measure": "SNA", "mean": 81}]}', "two norms of SNA"),
    ],
)
def test_bad_files_are_refused_with_a_sentence(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "norms.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_norm_set(path)
    assert words in caught.value.message and caught.value.remedy


def test_bad_tables_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "norms.csv"
    for content, words in (
        ("name,value\nSNA,82\n", "no columns measure and mean"),
        ("measure,mean\nSNA,82,3\n", "more cells"),
        ("measure,mean\nSNA,high\n", "line 2"),
    ):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(BadInput, match=words):
            read_norm_set(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="cannot be read"):
        read_norm_set(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_norm_set(tmp_path / "absent.json")
    path = tmp_path / "large.json"
    path.write_text(json.dumps({"norms": ["x" * 3_000_000]}), encoding="utf-8")
    with pytest.raises(BadInput, match="too large"):
        read_norm_set(path)
