"""What the modules' commands and demos are declared with: help from examples, inputs below `--data`, numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepmed_headless.cli.demo.declaration import DemoJob, DemoRun
from deepmed_headless.cli.demo.numbers import Number, measured_numbers, measurements_named, values_under
from deepmed_headless.cli.demo.real_inputs import real_inputs
from deepmed_headless.cli.demo.trunks import draw_trunk
from deepmed_headless.cli.run.declaration import CommandOption
from deepmed_headless.cli.run.epilog import epilog
from DeepMedLib.errors import BadInput
from DeepMedLib.options import Option

RECORD = {
    "measurements": [
        {"name": "SNB", "unit": "deg", "value": 78.0, "sd": 1.0},
        {"name": "S-N", "unit": "mm", "value": 71.0},
        {"name": "SNA", "unit": "deg", "value": 82.0, "sd": 1.5},
    ],
    "masks": {"left_ml": 1800.0, "airways_ml": 0.0, "right_ml": None},
}


def demo_run(out: Path, data: Path | None = None) -> DemoRun:
    return DemoRun(out, data, False, "cpu", None)  # type: ignore[arg-type]


def test_the_end_of_a_help_is_examples_then_files() -> None:
    text = epilog("ceph", {"a.png": "traces it", "a.png --spacing 0.1": "knows its pixel"}, "film", "a.csv")
    files = "result.json, overlay.png, report.html, report.pdf, scene.mrb; a.csv"
    assert text.split("\n\n") == [
        "",
        "**Examples**",
        "`deepmed ceph a.png --out results` traces it.",
        "`deepmed ceph a.png --spacing 0.1 --out results` knows its pixel.",
        f"**Written for each film** in DIR/NAME/: {files}.\n",
    ]


def test_an_option_of_the_module_is_one_of_the_command() -> None:
    age = Option("age", 0.0, "Age.", limits=(4, 43), unit="weeks", unknown="unknown", columns=("ga",))
    made = CommandOption.of(age)
    assert (made.default, made.shown, made.metavar, made.columns) == (0.0, "unknown", "WEEKS", ("ga",))
    assert made.value_of("28w3d") == pytest.approx(28 + 3 / 7)
    for text in ("0", "3.9", "43.1", "old"):
        with pytest.raises(BadInput):
            made.value_of(text)
    word = CommandOption.of(Option("word", "", "Word.", read=str.upper, metavar="NAME"))
    assert (word.value_of("a"), word.metavar) == ("A", "NAME")


def test_numbers_of_a_record() -> None:
    snb, sn, sna = measured_numbers(RECORD)
    assert sn == Number("S-N", "mm", 71.0) and sna == Number("SNA", "deg", 82.0, 1.5)
    assert measurements_named(("SNA", "ANB", "SNB"))(RECORD) == [sna, snb]
    shown = values_under("masks", {"Right": "right_ml", "Left": "left_ml", "Airways": "airways_ml", "X": "x"}, "ml")
    assert shown(RECORD) == [Number("Left", "ml", 1800.0)]
    assert measured_numbers({}) == []


@pytest.mark.parametrize(("there", "titles"), [("ab", ["a", "b"]), ("a", ["a"]), ("b", []), ("", [])])
def test_real_inputs_are_left_out_where_a_file_is_missing(there: str, titles: list[str], tmp_path: Path) -> None:
    for name in there:
        (tmp_path / name).touch()
    labels = {"segmentation": Path("b"), "labels": "b"}
    found = real_inputs(DemoJob(Path("a"), "a", ""), DemoJob(Path("a"), "b", "", values=labels))
    jobs = list(found(demo_run(tmp_path / "out", tmp_path)))
    assert [job.title for job in jobs] == titles
    assert all(job.path == tmp_path / "a" for job in jobs)
    if there == "ab":
        assert jobs[1].values == {"segmentation": tmp_path / "b", "labels": "b"}


def test_a_drawn_trunk_lies_among_the_inputs_with_its_truth(tmp_path: Path) -> None:
    run = demo_run(tmp_path)
    run.inputs.mkdir()
    trunk = draw_trunk(run, 3, (195.0, 540.0))
    assert trunk.scan == run.inputs / "trunk_3.nrrd" and trunk.scan.is_file() and trunk.organs.is_file()
    assert (trunk.states["liver"], trunk.states["right lung"], trunk.states["bladder"]) == ("complete", "cut", "absent")
    assert trunk.volumes_ml["bladder"] == 0 and trunk.volumes_ml["liver"] > 500
