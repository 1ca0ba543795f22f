"""`deepmed ceph` through the real Logic of the module, with a network that answers what the test says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from CephSketcherLib.tracing.result import CephResult
from Testing.module.cephsketcher.ceph_helpers import AnsweringCeph, install_ceph, sample
from Testing.module.cli_helpers import deepmed, files_of

TRACED = {
    "result.json",
    "landmarks.csv",
    "measurements.csv",
    "landmarks.mrk.json",
    "outlines.mrk.json",
    "overlay.png",
    "report.html",
    "report.pdf",
    "scene.mrb",
}


@pytest.fixture
def network(slicerScene: Any, monkeypatch: pytest.MonkeyPatch) -> AnsweringCeph:
    network = install_ceph(monkeypatch)
    network.add(sample())
    return network


def save(path: Path) -> Path:
    Image.fromarray(sample().film.pixels).save(path)
    return path


def read(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def value(record: dict[str, Any], name: str) -> float:
    return next(m["value"] for m in record["measurements"] if m["name"] == name)


def test_writes_the_files_of_the_contract(network: AnsweringCeph, tmp_path: Path) -> None:
    save(tmp_path / "köpf.png")
    done = deepmed("ceph", tmp_path / "köpf.png", "--out", tmp_path / "out", "--spacing", "0.2", "--json")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "out" / "köpf"
    assert files_of(folder) == TRACED and all((folder / name).stat().st_size > 0 for name in TRACED)
    record = read(folder)
    assert json.loads(done.stdout) == record and set(record["files"]) == TRACED
    assert record["status"] == "done" and record["scale"]["mm_per_px_x"] == 0.2
    assert {"name", "value", "unit", "sd", "code", "source", "norm_mean", "norm_sd"} <= set(record["measurements"][0])
    with (folder / "landmarks.csv").open(newline="", encoding="utf-8") as stream:
        rows = {row["name"]: row for row in csv.DictReader(stream)}
    assert list(rows)[:19] == list(sample().landmarks.symbols)
    for symbol in ("S", "Me", "Ar"):
        x, y = sample().landmarks[symbol].xy
        assert (float(rows[symbol]["x_px"]), float(rows[symbol]["y_px"])) == (
            pytest.approx(x, rel=1e-4),
            pytest.approx(y, rel=1e-4),
        )
        assert float(rows[symbol]["sd_mm"]) == pytest.approx(0.2 * float(rows[symbol]["sd_px"]), rel=1e-3)
    assert record["check_first"] == ["Po", "Go"]


def test_ruler_norms_age_and_sex(network: AnsweringCeph, tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    options = ("--ruler", 811, 100, 811, 500, 88, "--norms", "Eastman", "--age", 12, "--sex", "female")
    done = deepmed("ceph", tmp_path / "a.png", "--out", tmp_path / "out", *options, "--analysis", "Eastman")
    assert done.exit_code == 0, done.stderr
    record = read(tmp_path / "out" / "a")
    assert record["scale"]["mm_per_px_x"] == pytest.approx(0.22) and "ruler" in record["scale"]["source"]
    assert {m["analysis"] for m in record["measurements"]} == {"Eastman"}
    assert record["options"]["age"] == 12 and record["options"]["sex"] == "female"


def test_without_a_scale_sd_mm_is_empty(network: AnsweringCeph, tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    assert deepmed("ceph", tmp_path / "a.png", "--out", tmp_path / "out").exit_code == 0
    folder = tmp_path / "out" / "a"
    with (folder / "landmarks.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["sd_mm"] for row in rows} == {""} and all(row["sd_px"] for row in rows)
    assert "mm" not in {m["unit"] for m in read(folder)["measurements"]}


def test_a_refused_film_is_code_3(network: AnsweringCeph, tmp_path: Path) -> None:
    Image.fromarray(np.ascontiguousarray(sample().film.pixels[::-1])).save(tmp_path / "other.png")
    done = deepmed("ceph", tmp_path / "other.png", "--out", tmp_path / "out")
    assert done.exit_code == 3
    record = read(tmp_path / "out" / "other")
    assert record["status"] == "abstained" and record["reason"] and record["landmarks"] == []
    assert files_of(tmp_path / "out" / "other") == {
        "result.json",
        "overlay.png",
        "report.html",
        "report.pdf",
        "scene.mrb",
    }


def test_comparing_two_films(network: AnsweringCeph, tmp_path: Path) -> None:
    later, earlier = save(tmp_path / "later.png"), save(tmp_path / "earlier.png")
    done = deepmed("ceph", later, "--out", tmp_path / "out", "--compare", earlier, "--method", "best fit")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "out" / "later"
    assert files_of(folder) == TRACED | {
        "superimposition.png",
        "superimposition.html",
        "superimposition.pdf",
        "changes.csv",
        "displacements.csv",
    }
    comparison = read(folder)["comparison"]
    assert comparison["method"] == "best fit" and comparison["earlier"] == "earlier.png"
    assert max(abs(item["difference"]) for item in comparison["changes"]) < 1e-6


def test_what_a_scan_lacks_is_said_of_the_film_made_of_it(
    network: AnsweringCeph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing slice leads the printed line and stands in result.json, report and the scene's tracing."""
    import CephSketcherMrml.askedFilms
    from CephSketcherLib.phantom.skull_phantom import skull_phantom
    from CephSketcherLib.sample_film import projected_film, write_volume
    from DeepMedLib.mrml.inputs import scanNodes
    from DeepMedLib.remark import Gravity, Remark

    said = "2 slices are missing: their place is filled."

    asked: list[Any] = []

    def load(path: Path, series: Any) -> Any:
        asked.append(series)
        node = scanNodes.loadScan(path)
        node.SetAttribute(scanNodes.REMARKS_ATTRIBUTE, json.dumps([Remark(said, Gravity.GRAVE).to_dict()]))
        return node

    monkeypatch.setattr(CephSketcherMrml.askedFilms, "loadScan", load)
    head = skull_phantom(3, spacing_mm=1.4, across_mm=4.0)
    write_volume(head, tmp_path / "head.nii.gz")
    network.add(projected_film(head))
    options = ("--project", "parallel", "--series", "bone")
    done = deepmed("ceph", tmp_path / "head.nii.gz", "--out", tmp_path / "out", *options)
    assert asked == ["bone"], "--series names the scan that is projected"
    assert done.exit_code == 0 and f"head.nii.gz: {said} SNA" in " ".join(done.stdout.split()), done.stdout
    record = read(tmp_path / "out" / "head")
    assert record["warnings"][0] == said and record["scan_remarks"] == [{"text": said, "gravity": "grave"}]
    assert said in (tmp_path / "out" / "head" / "report.html").read_text(encoding="utf-8")
    assert CephResult.from_json(record).remarks[0] == Remark(said, Gravity.GRAVE)


def test_a_volume_is_projected_when_asked(network: AnsweringCeph, tmp_path: Path) -> None:
    import SimpleITK as sitk

    from CephSketcherLib.phantom.skull_phantom import skull_phantom
    from CephSketcherLib.sample_film import projected_film, write_volume

    head = skull_phantom(3, spacing_mm=1.4, across_mm=4.0)
    write_volume(head, tmp_path / "head.nii.gz")
    refused = deepmed("ceph", tmp_path / "head.nii.gz", "--out", tmp_path / "out")
    assert refused.exit_code == 2 and "--project" in refused.stderr
    assert files_of(tmp_path / "out") == {"summary.csv"}
    network.add(projected_film(head))
    done = deepmed("ceph", tmp_path / "head.nii.gz", "--out", tmp_path / "out", "--project", "parallel")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "out" / "head"
    assert files_of(folder) == TRACED | {"film.png"}
    record = read(folder)
    s, n = (head.landmarks[symbol][1:] for symbol in ("S", "N"))
    assert value(record, "S-N") == pytest.approx(float(np.linalg.norm(n - s)), rel=1e-3)
    assert sitk.ReadImage(str(tmp_path / "head.nii.gz")).GetSize()[0] == head.volume.shape[2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--spacing", "0"), "not possible"),
        (("--spacing", "nan"), "is no number"),
        (("--ruler", 1, 1, 5, 1, 40), "too close"),
        (("--magnification", 5), "not possible"),
        (("--age", -3), "not possible"),
        (("--analysis", "Nobody"), "no analysis"),
        (("--norms", "Nobody"), "no norm set"),
        (("--method", "Nobody"), "cannot be laid"),
        (("--compare", "none.png"), "no file none.png"),
        (("--spacing", "0.1", "--ruler", 1, 1, 5, 1, 40), "not both"),
    ],
)
def test_impossible_options_are_refused_before_anything_is_read(
    options: tuple[object, ...], words: str, network: AnsweringCeph, tmp_path: Path
) -> None:
    done = deepmed("ceph", save(tmp_path / "a.png"), "--out", tmp_path / "out", *options)
    assert done.exit_code == 2 and words in " ".join(done.stderr.split())
    assert network.seen == 0 and not (tmp_path / "out").exists()


def test_an_internal_error_is_code_4_and_leaves_nothing(network: AnsweringCeph, tmp_path: Path) -> None:
    network.error = ZeroDivisionError("odd")
    done = deepmed("ceph", save(tmp_path / "a.png"), "--out", tmp_path / "out")
    assert done.exit_code == 4 and "ZeroDivisionError" in done.stderr and files_of(tmp_path / "out") == {"summary.csv"}
    log = Path(done.stderr.strip().rsplit("full report is in ", 1)[1].rstrip("."))
    log.unlink()


def test_several_inputs_and_a_folder(network: AnsweringCeph, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    save(tmp_path / "films" / "a.png")
    (tmp_path / "films" / "b.png").write_bytes(b"")
    (tmp_path / "films" / "notes.txt").write_text("no film")
    done = deepmed("ceph", tmp_path / "films", "--out", tmp_path / "out", "--facing", "right")
    assert done.exit_code == 2 and "b.png" in done.stderr and "empty" in done.stderr
    assert files_of(tmp_path / "out") == {"a", "summary.csv"} and network.options["facing"] == "right"
