"""The cephalogram part of `deepmed demo`: phantoms with their truth, and real films kept apart from them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from CephSketcherHeadless import demo as demo_ceph
from CephSketcherLib.sample_files import SEEDS
from CephSketcherLib.sample_film_dicom import write_dicom
from deepmed_headless.cli.demo.declaration import DemoRun
from Testing.module.cephsketcher.ceph_helpers import AnsweringCeph, install_ceph, sample
from Testing.module.cli_helpers import deepmed


@pytest.fixture(autouse=True)
def only_ceph(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other modules' parts have tests of their own."""
    monkeypatch.setattr("deepmed_headless.cli.run.modules.demos", lambda: [demo_ceph.DEMO])


@pytest.fixture
def network(slicerScene: Any, monkeypatch: pytest.MonkeyPatch) -> AnsweringCeph:
    network = install_ceph(monkeypatch)
    network.add(sample())
    return network


def test_short_demo_shows_the_phantom(network: AnsweringCeph, tmp_path: Path) -> None:
    done = deepmed("demo", "--out", tmp_path / "demo", "--short")
    assert done.exit_code == 0, done.stderr
    text = (tmp_path / "demo" / "index.html").read_text(encoding="utf-8")
    assert text.count("<article") == 1 and "Measured, °" in text and '<td class="left">SNA</td>' in text
    assert "Landmarks lie 0.00 mm from the truth on average; 19 of 19 within 2 mm." in text
    assert "views.png" in text and "outlines.mrk.json" in text
    errors = re.findall(r'<td data-title="Error" class="(in|out)"', text)
    assert errors == ["in"] * 3  # SNA, SNB and ANB are the truth


def test_the_dicom_phantom_comes_back_with_its_scale(tmp_path: Path) -> None:
    from CephSketcherLib.film.lateral_film import read_film

    write_dicom(sample(), tmp_path / "film.dcm")
    film = read_film(tmp_path / "film.dcm")
    truth = sample().film
    assert film.scale is not None and truth.scale is not None
    assert film.scale.mm_per_px_x == pytest.approx(truth.scale.mm_per_px_x, rel=1e-4)
    assert film.scale.magnification == pytest.approx(truth.scale.magnification, rel=1e-5)
    difference = film.pixels.astype(int) - truth.pixels
    assert int(difference.max()) == int(difference.min())  # bone is bright again


def test_seeds_are_those_of_demonstrations() -> None:
    assert len(set(SEEDS)) == 4 and max(SEEDS) < 1000


@pytest.mark.data
def test_real_films_are_of_the_test_part(sharedData: Path) -> None:
    run = DemoRun(Path("out"), sharedData, False, "cpu", None)  # type: ignore[arg-type]
    jobs = list(demo_ceph.real_films(run))
    assert len(jobs) == len(demo_ceph.FILMS) and min(int(job.path.stem) for job in jobs) > 150
    assert all(job.values["spacing"] == pytest.approx(0.2, rel=1e-3) for job in jobs)
    assert 70 < jobs[0].truth["SNA"] < 95


def test_a_folder_without_films_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = deepmed("demo", "--out", tmp_path / "demo", "--data", tmp_path / "empty", "--short")
    assert (
        done.exit_code == 2
        and "nothing for deepmed ceph" in done.stderr
        and not (tmp_path / "demo" / "index.html").exists()
    )
