"""MONAI bundles as engines: labels in every orientation, a Model Zoo configuration on a CPU, hostile ones shut."""

from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.engines.class_names import organ_key, title_of
from DeepMedLib.engines.cropped import body_box, segment_part, segment_repeatedly
from DeepMedLib.engines.engine import Windows, time_left
from DeepMedLib.engines.monai_bundle import MonaiEngine
from DeepMedLib.engines.opening import open_engine
from DeepMedLib.errors import BundleRefused
from DeepMedLib.geometry import Reorientation
from Testing.engines.engine_maker import make_monai, scene


def quiet(_share: float, _what: str) -> None:
    pass


def opened(folder: Path, *trusted: str) -> MonaiEngine:
    engine = open_engine(folder, "cpu", trusted)
    assert isinstance(engine, MonaiEngine)
    return engine


def hash_told(error: BundleRefused) -> str:
    return str(error).rstrip(".").split()[-1]


def test_labels_lie_where_the_organs_are_in_every_orientation(tmp_path: Path) -> None:
    engine = opened(make_monai(tmp_path / "tiny"))
    assert dict(engine.names) == {1: "liver", 2: "kidney_left"}
    array, grid, truth = scene()
    for axes, flipped in itertools.product(itertools.permutations(range(3)), [(False,) * 3, (True, False, True)]):
        turn = Reorientation(grid, axes, flipped)
        answer = engine.segment(turn.forward(array), turn.target, quiet)
        np.testing.assert_array_equal(answer.labels, turn.forward(truth))
    assert answer.about["model"] == "tiny" and len(answer.about["sha256"]) == 64


def test_a_zoo_configuration_runs_on_a_cpu_with_a_sane_overlap(tmp_path: Path) -> None:
    folder = make_monai(tmp_path / "zoo", zoo=True)
    with pytest.raises(BundleRefused, match="could run code") as refused:
        open_engine(folder, "cpu")
    with pytest.raises(BundleRefused, match="could run code"):
        open_engine(folder, "cpu", ["0" * 64])
    engine = opened(folder, hash_told(refused.value))
    assert (engine.device.name, engine.overlap, engine.window) == ("cpu", 0.25, (16, 16, 16))
    array, grid, truth = scene()
    told: list[tuple[float, str]] = []
    answer = engine.segment(array, grid, lambda share, what: told.append((share, what)))
    np.testing.assert_array_equal(answer.labels, truth)
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and any("left" in what for _, what in told)
    assert sum("Running" in what for _, what in told) == 4 * 4 * 4 - 4 * 4  # windows of 44 x 48 x 40 voxels
    changed = json.loads((folder / "configs" / "inference.json").read_text()) | {"more": 1}
    (folder / "configs" / "inference.json").write_text(json.dumps(changed))
    with pytest.raises(BundleRefused, match="could run code"):
        open_engine(folder, "cpu", [hash_told(refused.value)])


def test_a_zip_file_and_a_folder_around_it(tmp_path: Path) -> None:
    folder = make_monai(tmp_path / "tiny")
    archive = tmp_path / "from the zoo.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in folder.rglob("*.*"):
            out.write(path, Path("tiny") / path.relative_to(folder))
    array, grid, truth = scene()
    np.testing.assert_array_equal(opened(archive).segment(array, grid, quiet).labels, truth)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"channel_def": {"0": "background", "1": "liver"}}, "gives 3 classes"),
        ({"channel_def": {}}, "name no classes"),
        ({"inferer": {"_target_": "SlidingWindowInferer", "roi_size": [96, 96]}, "zoo": True}, "2-dimensional"),
    ],
)
def test_bundles_for_something_else_are_refused(changes: dict, told: str, tmp_path: Path) -> None:
    folder = make_monai(tmp_path / "odd", **changes)
    array, grid, _ = scene()
    with pytest.raises(BundleRefused, match=told):
        try:
            engine = open_engine(folder, "cpu")
        except BundleRefused as error:
            if "could run code" not in str(error):
                raise
            engine = open_engine(folder, "cpu", [hash_told(error)])
        engine.segment(array, grid, quiet)


def test_what_is_no_engine_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="There is no gone"):
        open_engine(tmp_path / "gone")
    with pytest.raises(BundleRefused, match="no model that is known"):
        open_engine(tmp_path)


def test_a_part_of_a_scan_and_agreement(tmp_path: Path) -> None:
    engine = opened(make_monai(tmp_path / "tiny"))
    array, grid, truth = scene()
    box = body_box(array, margin=3)
    assert box == ((5, 7, 3), (39, 37, 41))
    answer = segment_part(engine, array, grid, box, quiet)
    np.testing.assert_array_equal(answer.labels, truth)
    found = segment_repeatedly(engine, array, grid, box, 3, quiet)
    assert found.agreement is not None and found.sd_ml == {1: 0.0, 2: 0.0} and (found.agreement == 100).all()
    once = segment_repeatedly(engine, array, grid, box, 1, quiet)
    assert once.agreement is None and once.sd_ml == {}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("kidney_left", "left_kidney"),
        ("Left Kidney", "left_kidney"),
        ("LKidney", "left_kidney"),
        ("urinary_bladder", "bladder"),
        ("Liver tumor", "liver_lesion"),
        ("Gall Bladder", "gallbladder"),
        ("aorta", "aorta"),
    ],
)
def test_names_come_to_one_form(name: str, key: str) -> None:
    assert organ_key(name) == key
    assert organ_key(title_of(name)) == key


def test_the_time_left_is_told() -> None:
    told: list[float] = []
    windows = Windows(4, lambda share, what: told.append(share), 0.0, 1.0)
    for _ in range(4):
        windows.done()
    assert told == [0.25, 0.5, 0.75, 1.0]
    assert (time_left(0.2), time_left(89), time_left(90)) == ("about 1 s left", "about 89 s left", "about 2 min left")
