"""`--table` and `summary.csv`: what differs by input, and one row for every input, whatever became of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from CephSketcherHeadless.command import COMMAND as CEPH
from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.summary import Summary
from deepmed_headless.cli.files.table import read_input_table
from DeepMedLib.errors import BadInput
from FetalBiometryHeadless.command import COMMAND as FETAL
from Testing.module.cli_helpers import AnsweringNetwork, deepmed, install_network, save_phantom


def cases(*paths: Path) -> list[Case]:
    return [Case(path, path.stem) for path in paths]


def written(folder: Path, text: str) -> Path:
    path = folder / "stills.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "file,spacing,GA,plane,sex\na.png,0.21,24w2d,Head,F\nb,0.3,,,\n",
        "Image;mm_per_px;gestational age;plane;sex\na.png;0,21;24+2;head;girl\n\nb.png;0,3;;;\n",
        "film\tspacing\tga-weeks\tplane\tsex\n./a.png\t0.21\t24 2/7\thead\tfemale\nb.png\t0.3\t\t\t\n",
    ],
)
def test_rows_are_read_alike_in_every_form(text: str, tmp_path: Path) -> None:
    table = read_input_table(written(tmp_path, text), FETAL.all_options)
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    found, notes = table.values_for(cases(a, b))
    assert found[a] == {"spacing": 0.21, "ga_weeks": pytest.approx(24 + 2 / 7), "plane": "head", "sex": "female"}
    assert found[b] == {"spacing": 0.3} and notes == []


def test_a_row_means_a_path_before_a_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "a.png", tmp_path / "two" / "a.png"
    table = read_input_table(written(tmp_path, "file,spacing\none/a.png,1\ntwo/a.png,2\n"), CEPH.all_options)
    found, _ = table.values_for(cases(one, two))
    assert (found[one]["spacing"], found[two]["spacing"]) == (1, 2)


def test_what_has_no_partner_is_told(tmp_path: Path) -> None:
    table = read_input_table(written(tmp_path, "file,age\na.png,12y6m\ngone.png,9\n"), CEPH.all_options)
    found, notes = table.values_for(cases(tmp_path / "a.png", tmp_path / "b.png"))
    assert found == {tmp_path / "a.png": {"age": 12.5}}
    assert ["b.png" in notes[0], "gone.png" in notes[1]] == [True, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spacing\n1\n", "no column file"),
        ("file,colour\na.png,red\n", "colour of stills.csv is not known"),
        ("file,device\na.png,cpu\n", "device of stills.csv is not known"),
        ("file,spacing\na.png,wide\n", "Line 2 of stills.csv, spacing: 'wide' is no number"),
        ("file,spacing\na.png\n", "Line 2 of stills.csv has 1 cells, not 2"),
        ("file,spacing\n,1\n", "names no file"),
        ("file,spacing\na.png,1\na.png,2\n", "Lines 2 and 3 of stills.csv mean the same input"),
        ("", "no column file"),
    ],
)
def test_a_table_that_cannot_be_meant_is_one_sentence(text: str, words: str, tmp_path: Path) -> None:
    save_phantom(tmp_path / "a.png")
    done = deepmed("ceph", tmp_path / "a.png", "--out", tmp_path / "out", "--table", written(tmp_path, text))
    assert done.exit_code == 2 and words in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_name_that_means_two_inputs_is_refused(tmp_path: Path) -> None:
    table = read_input_table(written(tmp_path, "file,spacing\na.png,1\n"), CEPH.all_options)
    with pytest.raises(BadInput, match=r"a\.png means 2 inputs"):
        table.values_for(cases(tmp_path / "one" / "a.png", tmp_path / "two" / "a.png"))


def test_each_picture_is_measured_with_its_own_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network: AnsweringNetwork = install_network(monkeypatch)
    for name, seed in (("a", 7), ("b", 8)):
        network.add(save_phantom(tmp_path / f"{name}.png", seed))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG cut short")
    table = written(tmp_path, "file,spacing,ga\na.png,0.2,20w0d\nb.png,0.4,\n")
    pictures = [tmp_path / f"{name}.png" for name in ("a", "b", "broken")]
    done = deepmed("fetal", *pictures, "--out", tmp_path / "out", "--table", table, "--json")
    assert done.exit_code == 2 and "broken.png" in done.stderr
    rows = list(csv.DictReader((tmp_path / "out" / "summary.csv").open(encoding="utf-8", newline="")))
    assert [row["status"] for row in rows] == ["done", "done", "failed"]
    assert [row["path"] for row in rows] == [str(path) for path in pictures]
    assert [row["name"] for row in rows] == ["a", "b", ""] and rows[2]["reason"]
    a, b = (network.ellipse_of(path) for path in pictures[:2])
    assert float(rows[0]["HC_mm"]) == pytest.approx(0.2 * a.perimeter, rel=1e-3)
    assert float(rows[1]["HC_mm"]) == pytest.approx(0.4 * b.perimeter, rel=1e-3)


def test_the_summary_holds_every_row_under_one_header() -> None:
    summary = Summary(("HC_mm",))
    summary.add(Path("a.png"), "a", "done", "", {"HC_mm": 181.25, "note": "=1+1"})
    summary.add(Path("x/a.png"), "", "failed", "It is blank.")
    summary.add(Path("b.png"), "b", "abstained", "Not sure.", {"HC_mm": None, "z": float("nan"), "AC_mm": -1.5})
    rows = list(csv.DictReader(io.StringIO(summary.text())))
    assert list(rows[0]) == ["path", "name", "status", "reason", "HC_mm", "note", "z", "AC_mm"]
    assert rows[0]["HC_mm"] == "181.25" and rows[0]["note"] == "'=1+1"  # a spreadsheet would compute it
    assert rows[1] == dict.fromkeys(rows[0], "") | {"path": "x/a.png", "status": "failed", "reason": "It is blank."}
    assert (rows[2]["HC_mm"], rows[2]["z"], rows[2]["AC_mm"]) == ("", "", "-1.5")
