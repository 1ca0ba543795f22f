"""Norm sets: choice by age, sex and scale, and files that people bring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from CephSketcherLib.measures import MEASURES
from CephSketcherLib.norm_files import BY_ANALYSIS, norm_set, norm_set_names, read_norm_set, write_norm_set
from CephSketcherLib.norms import Norm, NormSet
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
    assert len(norm_set("Riolo 1974").norms) == 286
    assert all(norm.film_mm for norm in norm_set("Riolo 1974").norms)
    with pytest.raises(BadInput, match="no norm set Nobody"):
        norm_set("Nobody")


def test_known_values() -> None:
    steiner = norm_set("Steiner").find("ANB")
    assert steiner is not None and (steiner.mean, steiner.sd) == (2, 2)
    riolo = norm_set("Riolo 1974").find("S-N", age=16, sex="male", film_mm=True)
    assert riolo is not None and (riolo.mean, riolo.sd) == (83.3, 3.8)
    men, women = (norm_set("Wits").find("Wits", sex=sex) for sex in ("male", "female"))
    assert men is not None and women is not None and men.mean < women.mean < 0


def test_norms_that_do_not_hold_are_not_used() -> None:
    riolo = norm_set("Riolo 1974")
    assert riolo.find("S-N", age=16, sex="male") is None  # magnification not confirmed
    assert riolo.find("S-N", age=16, film_mm=True) is None  # sex unknown
    assert riolo.find("S-N", age=30, sex="male", film_mm=True) is None
    assert riolo.find("S-N", sex="male", film_mm=True) is None
    assert norm_set("Wits").find("Wits") is None
    assert norm_set("Steiner").find("FMA") is None


def test_norms_that_change_with_age() -> None:
    ricketts = norm_set("Ricketts")
    assert ricketts.find("Convexity mm") is None
    means = [ricketts.find("Convexity mm", age=age) for age in (9, 14, 16, 40)]
    assert [norm.mean for norm in means if norm is not None] == pytest.approx([2.0, 1.0, 0.6, 0.6])


def test_each_analysis_prefers_its_author_and_falls_back_to_others() -> None:
    joined = norm_set(BY_ANALYSIS)
    families = {}
    for prefer in ("Downs", "Tweed", "Eastman", "Kim"):
        norm = joined.find("FMA", prefer=prefer)
        assert norm is not None
        families[prefer] = norm.family
    assert families == {"Downs": "Downs", "Tweed": "Tweed", "Eastman": "Eastman", "Kim": "Downs"}


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_sets_survive_saving(tmp_path: Path, suffix: str) -> None:
    mine = NormSet(
        "mine",
        "own",
        (
            Norm("SNA", 81.5, 3.0, source="own, n = 40"),
            Norm("Overjet", 0.0, low=0.0, high=3.0),
            Norm("FMA", 26.0, 4.0, sex="male", age_min=0.0, age_max=9.5, at_age=5.0, per_year=-0.3, film_mm=False),
            Norm("S-N", 75.0, 3.0, film_mm=True),
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
