"""The demo's whole examination: a DICOM study of phantoms, truth beside measured, every link good."""

import re
import sys
import types

import pytest

from deepmed_headless.cli.demo import fetal_examination as demo_examination
from Testing.module.cli_helpers import deepmed
from Testing.module.fetalbiometry.plane_helpers import AnsweringPlanes


@pytest.fixture
def planes(monkeypatch):
    answering = AnsweringPlanes()
    for made in demo_examination.pictures().values():
        answering.known[made.picture.tobytes()] = (made.plane, made.phantom)
    stub = types.ModuleType("FetalBiometryLib.inference.task")
    stub.run, stub.run_many = answering.run, answering.run_many
    monkeypatch.setitem(sys.modules, "FetalBiometryLib.inference.task", stub)
    monkeypatch.setattr("deepmed_headless.cli.demo.demo_modules", lambda: [demo_examination])
    return answering


def test_the_examination_is_shown_with_its_truth(planes, tmp_path):
    done = deepmed("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.stderr
    text = (tmp_path / "demo" / "index.html").read_text(encoding="utf-8")
    assert text.count("<article") == 1 + len(demo_examination.pictures())
    files = re.findall(r'(?:href|src)="([^"#]+)"', text)
    assert "fetal_examination/examination/report.dcm" in files
    assert all((tmp_path / "demo" / file).is_file() for file in files)
    assert {"EFW", "HeadThoraxRatio", "GA"} <= set(re.findall(r"<tr><td>(\w+)</td>", text))
    weight = demo_examination.combined({n: p.truth for n, p in demo_examination.pictures().items()})["EFW"]
    assert f"<td>{weight:.1f}</td>" in text


def test_seeds_are_never_trained_on():
    assert max(demo_examination.SEED, demo_examination.REPEAT_SEED) < 1000
