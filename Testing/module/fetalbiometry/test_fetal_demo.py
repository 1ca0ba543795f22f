"""The demo's whole examination: a DICOM study of phantoms, truth beside measured, every link good."""

import re
import sys
import types
from dataclasses import replace

import pytest

from FetalBiometryHeadless import demo as demo_fetal
from FetalBiometryLib.phantom.files import STUDY_SEED, WEEKS
from FetalBiometryLib.phantom.study import study_phantom, study_truth
from Testing.module.cli_helpers import deepmed
from Testing.module.fetalbiometry.plane_helpers import AnsweringPlanes


@pytest.fixture
def planes(monkeypatch):
    answering = AnsweringPlanes()
    for made in study_phantom(STUDY_SEED, WEEKS).values():
        answering.known[made.picture.tobytes()] = (made.plane, made.phantom)
    stub = types.ModuleType("FetalBiometryLib.inference.task")
    stub.run, stub.run_many = answering.run, answering.run_many
    monkeypatch.setitem(sys.modules, "FetalBiometryLib.inference.task", stub)
    examination = replace(demo_fetal.DEMO, sections=demo_fetal.DEMO.sections[2:3])
    monkeypatch.setattr("deepmed_headless.cli.run.modules.demos", lambda: [examination])
    return answering


def test_the_examination_is_shown_with_its_truth(planes, tmp_path):
    done = deepmed("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.stderr
    text = (tmp_path / "demo" / "index.html").read_text(encoding="utf-8")
    assert text.count("<article") == 1 + 5
    files = re.findall(r'(?:href|src)="([^"#]+)"', text)
    assert "fetal/examination/report.dcm" in files
    assert all((tmp_path / "demo" / file).is_file() for file in files)
    rows = re.findall(r"<tr><td>([^<]+)</td>", text)
    assert {"EFW", "Head thorax ratio", "GA"} <= set(rows)
    weight = study_truth(study_phantom(STUDY_SEED, WEEKS), WEEKS)["EFW"]
    assert f">{weight:.1f}</td>" in text


def test_seeds_are_never_trained_on():
    assert STUDY_SEED + 1 < 1000
