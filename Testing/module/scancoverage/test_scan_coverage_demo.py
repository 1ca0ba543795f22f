"""Scan coverage's part of `deepmed demo`: phantoms with their truth, and that an unread phantom says so."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepmed_headless.cli.demo import DemoRun
from deepmed_headless.cli.demo import coverage as demo_coverage
from deepmed_headless.cli.demo_page import write_page
from deepmed_headless.cli.screen import Screen
from deepmed_headless.cli.streams import Streams
from DeepMedLib.errors import BadInput
from Testing.module.scancoverage.coverage_helpers import AnsweringSlices, install_slices


@pytest.fixture
def network(slicerScene: Any, monkeypatch: pytest.MonkeyPatch) -> AnsweringSlices:
    return install_slices(monkeypatch)


def demo(out: Path, data: Path | None = None) -> DemoRun:
    return DemoRun(out, data, True, "cpu", Screen(Streams(io.StringIO(), io.StringIO(), None)))


def test_the_short_page_judges_organs_though_regions_are_not(network: AnsweringSlices, tmp_path: Path) -> None:
    network.shuffled = True
    (section,) = demo_coverage.run(demo(tmp_path))
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
    mask = np.zeros((4, 4, 4), bool)
    assert demo_coverage.drawn_state(mask) == "absent"
    mask[1:3, 1:3, 1:3] = True
    assert demo_coverage.drawn_state(mask) == "complete"
    mask[3, 1, 1] = True
    assert demo_coverage.drawn_state(mask) == "cut"


def test_a_folder_without_scans_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no CT scans"):
        demo_coverage.real_jobs(tmp_path)
