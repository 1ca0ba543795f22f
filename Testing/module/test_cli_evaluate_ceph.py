"""`deepmed evaluate isbi2015` and `ceph_films`: rows in the documented pixels, figures, and the truth read last."""

from __future__ import annotations

import csv
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from DeepMedLib.jobs.task import TaskResult
from Testing.module.cli_helpers import MODEL, deepmed, files_of

SYMBOLS = ISBI19.symbols
PLACES = np.random.default_rng(3).uniform(60, 240, (19, 2))


class AnsweringNetwork:
    """In place of ceph_task: the same points on every film, in the film's pixels; dark films are abstained from."""

    def __init__(self) -> None:
        self.missing: tuple[str, ...] = ()

    def run(self, arrays: dict[str, np.ndarray], options: dict[str, Any], progress: Any) -> TaskResult:
        film = arrays["film"]
        dark = bool(film.mean() < 20)
        points = tuple(
            LandmarkPoint(s, x, y, ((4.0, 0.0), (0.0, 4.0)), 0.9)
            for s, (x, y) in zip(SYMBOLS, PLACES.tolist(), strict=True)
            if s not in self.missing
        )
        found = LandmarkSet() if dark else LandmarkSet(points)
        return TaskResult({}, {"landmarks": found.to_dict(), "reason": "Too dark." if dark else "", **MODEL})


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> AnsweringNetwork:
    answering = AnsweringNetwork()
    stub = types.ModuleType("CephSketcherLib.landmarks.task")
    stub.run = answering.run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "CephSketcherLib.landmarks.task", stub)
    return answering


def save_film(path: Path, width: int = 300, height: int = 320, level: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = np.linspace(0, level, width)[None] * np.linspace(0.5, 1, height)[:, None]
    Image.fromarray(ramp.astype(np.uint8)).save(path)


def write_reader(path: Path, films: dict[str, np.ndarray]) -> None:
    header = ",".join(["film", *(f"{s}_{axis}" for s in SYMBOLS for axis in "xy")])
    lines = [",".join([film, *("" if np.isnan(v) else f"{v:.4f}" for v in p.ravel())]) for film, p in films.items()]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def shifted(points: np.ndarray, x: float) -> np.ndarray:
    return points + np.array([x, 0.0])


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    with (out / "per_case.csv").open(newline="", encoding="utf-8") as stream:
        return {row["film"]: row for row in csv.DictReader(stream)}


def metrics_of(out: Path) -> dict[str, Any]:
    return json.loads((out / "metrics.json").read_text(encoding="utf-8"))


def test_isbi2015_is_written_in_pixels_of_the_original_film(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_film(tmp_path / "set" / "images" / "007.png", 300, 320)
    save_film(tmp_path / "set" / "images" / "160.png", 300, 320)
    save_film(tmp_path / "set" / "images" / "161.png", 300, 320, level=20)
    # The files are squeezed: the network sees them with square pixels.
    original = (PLACES + 0.5) * (1935 / 300) - 0.5
    write_reader(tmp_path / "set" / "landmarks_senior_px.csv", {"007": shifted(original, 10), "160": original})
    write_reader(tmp_path / "set" / "landmarks_junior_px.csv", {"007": shifted(original, 30), "160": original})
    done = deepmed("evaluate", "isbi2015", tmp_path / "set", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    rows = rows_of(tmp_path / "out")
    assert list(rows["007"]) == ["film", *(f"{s}_{p}" for s in SYMBOLS for p in ("x", "y", "sd_mm")), "reason"]
    found = np.array([[float(rows["007"][f"{s}_{axis}"]) for axis in "xy"] for s in SYMBOLS])
    np.testing.assert_allclose(found, original, atol=1e-3)
    assert float(rows["007"]["S_sd_mm"]) == pytest.approx(2 * 0.1 * 1935 / 300, rel=1e-4)
    assert rows["161"]["S_x"] == "" and rows["161"]["reason"] == "Too dark."
    metrics = metrics_of(tmp_path / "out")
    assert (metrics["films"], metrics["answered"]) == (3, 2)
    assert metrics["films_001_to_150"]["against_senior"]["mre_mm"] == pytest.approx(1, abs=1e-3)
    assert metrics["films_001_to_150"]["against_junior"]["mre_mm"] == pytest.approx(3, abs=1e-3)
    assert metrics["films_001_to_150"]["against_mean"]["mre_mm"] == pytest.approx(2, abs=1e-3)
    assert metrics["films_151_and_later"]["against_mean"]["mre_mm"] == pytest.approx(0, abs=1e-3)
    assert metrics["films_151_and_later"]["coverage_95"]["readers_points"] == 1
    assert metrics["all"]["angles_deg"]["SNA"]["mean_abs"] >= 0


def test_ceph_films_stay_in_pixels_of_the_file(network: AnsweringNetwork, tmp_path: Path) -> None:
    network.missing = ("Go",)
    for film in ("a1", "b2"):
        save_film(tmp_path / "set" / "images" / f"{film}.png")
    (tmp_path / "set" / "films.csv").write_text("film,mm_per_px_ruler\na1,0.5\nb2,\n", encoding="utf-8")
    one = shifted(PLACES, 2)
    one[3] = np.nan
    write_reader(tmp_path / "set" / "landmarks_readerA_px.csv", {"a1": one, "b2": PLACES})
    write_reader(tmp_path / "set" / "landmarks_readerB_px.csv", {"a1": shifted(PLACES, 2), "b2": PLACES})
    assert deepmed("evaluate", "ceph_films", tmp_path / "set", "--out", tmp_path / "out").exit_code == 0
    rows = rows_of(tmp_path / "out")
    assert float(rows["a1"]["Ar_x"]) == pytest.approx(PLACES[18, 0], abs=1e-4)
    assert float(rows["a1"]["S_sd_mm"]) == pytest.approx(1.0) and rows["b2"]["S_sd_mm"] == ""
    assert rows["a1"]["Go_x"] == rows["a1"]["Go_sd_mm"] == rows["a1"]["reason"] == ""
    metrics = metrics_of(tmp_path / "out")
    assert metrics["answered"] == 2 and metrics["all"]["films"] == 1  # b2 has no scale
    assert metrics["all"]["against_readerA"]["n"] == 17 and metrics["all"]["against_mean"]["n"] == 18
    assert metrics["all"]["against_mean"]["mre_mm"] == pytest.approx(1, abs=1e-3)
    assert metrics["all"]["against_mean"]["per_landmark"]["Go"]["mre_mm"] is None


def test_a_displaced_reading_is_left_out_and_said(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_film(tmp_path / "set" / "images" / "123.png")
    (tmp_path / "set" / "films.csv").write_text("film,mm_per_px\n123,0.1\n", encoding="utf-8")
    write_reader(tmp_path / "set" / "landmarks_readerA_px.csv", {"123": PLACES})
    write_reader(tmp_path / "set" / "landmarks_readerB_px.csv", {"123": PLACES + 90})
    assert deepmed("evaluate", "ceph_films", tmp_path / "set", "--out", tmp_path / "out").exit_code == 0
    figures = metrics_of(tmp_path / "out")["all"]
    assert figures["second_reading_displaced_and_left_out"] == ["123"]
    assert figures["against_mean"]["mre_mm"] == pytest.approx(0, abs=1e-3) and figures["against_readerB"]["n"] == 0


def test_predictions_do_not_depend_on_the_truth(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_film(tmp_path / "set" / "images" / "001.png")
    write_reader(tmp_path / "set" / "landmarks_senior_px.csv", {"001": PLACES})
    assert deepmed("evaluate", "isbi2015", tmp_path / "set", "--out", tmp_path / "with").exit_code == 0
    (tmp_path / "set" / "landmarks_senior_px.csv").unlink()
    assert deepmed("evaluate", "isbi2015", tmp_path / "set", "--out", tmp_path / "without").exit_code == 0
    assert files_of(tmp_path / "without") == {"per_case.csv"}
    assert (tmp_path / "with" / "per_case.csv").read_text() == (tmp_path / "without" / "per_case.csv").read_text()


def test_a_bad_film_keeps_its_row(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_film(tmp_path / "set" / "images" / "001.png")
    (tmp_path / "set" / "images" / "002.png").write_bytes(b"no picture at all")
    done = deepmed("evaluate", "isbi2015", tmp_path / "set", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    rows = rows_of(tmp_path / "out")
    assert rows["001"]["reason"] == "" and rows["002"]["S_x"] == "" and rows["002"]["reason"]
