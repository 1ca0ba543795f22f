"""Scan coverage's part of `deepmed demo`: phantoms with their truth, and that an unread phantom says so."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from deepmed_headless.cli.demo.declaration import DemoRun
from deepmed_headless.cli.demo.jobs import run_demo
from deepmed_headless.cli.demo.page import write_page
from deepmed_headless.cli.terminal.screen import Screen
from deepmed_headless.cli.terminal.streams import Streams
from DeepMedLib.ct.ct_phantom import trunk_phantom
from DeepMedLib.ct.phantom_files import drawn_states
from DeepMedLib.errors import BadInput
from ScanCoverageHeadless.demo import DEMO
from Testing.module.scancoverage.coverage_helpers import AnsweringSlices, install_slices


@pytest.fixture
def network(slicerScene: Any, monkeypatch: pytest.MonkeyPatch) -> AnsweringSlices:
    return install_slices(monkeypatch)


def demo(out: Path, data: Path | None = None) -> DemoRun:
    return DemoRun(out, data, True, "cpu", Screen(Streams(io.StringIO(), io.StringIO(), None)))


def test_the_short_page_judges_organs_though_regions_are_not(network: AnsweringSlices, tmp_path: Path) -> None:
    network.shuffled = True
    (section,) = run_demo(DEMO, demo(tmp_path))
    (shown,) = section.pictures
    assert shown.measured and section.kind == "phantom" and section.unit == "ml"
    for name in ("Right lung", "Left lung"):
        number = shown.number(name)
        assert number is not None and abs(number.error) < 0.05 * number.truth
    assert shown.sentences[0].startswith("Regions not judged")
    assert "Organs judged as they were drawn: 9 of 9." in shown.sentences
    text = write_page(tmp_path, [section]).read_text(encoding="utf-8")
    assert "Regions not judged" in text and "coverage/trunk_3/overlay.png" in text
    for _label, path in shown.files:
        assert (tmp_path / path).is_file(), path


def test_the_drawn_state_of_an_organ() -> None:
    trunk = trunk_phantom((12.0, 12.0, 6.0), (195.0, 540.0), seed=3)
    states = drawn_states(trunk)
    assert (states["liver"], states["right lung"], states["bladder"]) == ("complete", "cut", "absent")


def test_a_folder_without_scans_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing for deepmed coverage"):
        run_demo(DEMO, demo(tmp_path, tmp_path))
