"""Result folders of nnU-Net v2: the same labels as nnunetv2 itself, and nothing imported or unpickled unasked."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from DeepMedLib.engines.nnunet_folder import architecture_findings, find_folder
from DeepMedLib.engines.opening import open_engine
from DeepMedLib.errors import BundleRefused
from Testing.engines.engine_maker import PLANS, make_nnunet, scene

for variable in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ.setdefault(variable, tempfile.gettempdir())
pytest.importorskip("nnunetv2", reason="nnunetv2 is not installed: it brings seventy packages (pip install nnunetv2)")


class Hostile:
    def __reduce__(self) -> Any:
        return os.getpid, ()


def test_it_answers_as_nnunetv2_does(tmp_path: Path) -> None:
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    folder = make_nnunet(tmp_path)
    array, grid, _ = scene()
    told: list[str] = []
    engine = open_engine(folder, "cpu")
    answer = engine.segment(array, grid, lambda share, what: told.append(what))
    real = nnUNetPredictor(
        tile_step_size=0.75, use_mirroring=False, perform_everything_on_device=False, device=torch.device("cpu"),
        verbose=False, allow_tqdm=False,
    )  # fmt: skip
    real.initialize_from_trained_model_folder(str(find_folder(folder).root), (0, 1))
    wanted = real.predict_single_npy_array(array[None], {"spacing": [2.0, 2.0, 2.0]})
    np.testing.assert_array_equal(answer.labels, wanted)
    assert dict(answer.names) == {1: "liver", 2: "kidney_left"} and len(np.unique(answer.labels)) > 1
    assert answer.about["version"] == "2 folds" and any("left" in what for what in told)


def test_the_orientation_is_the_one_that_was_learned(tmp_path: Path) -> None:
    """Turned scans give turned labels."""
    from DeepMedLib.geometry import Reorientation

    engine = open_engine(make_nnunet(tmp_path, folds=1), "cpu")
    array, grid, _ = scene()
    straight = engine.segment(array, grid, lambda *_: None).labels
    turn = Reorientation(grid, (2, 0, 1), (True, False, True))
    turned = engine.segment(turn.forward(array), turn.target, lambda *_: None).labels
    np.testing.assert_array_equal(turned, turn.forward(straight))


def test_a_checkpoint_with_code_needs_its_hash(tmp_path: Path) -> None:
    folder = make_nnunet(tmp_path, extra=Hostile())
    with pytest.raises(BundleRefused, match="more than numbers") as refused:
        open_engine(folder, "cpu")
    assert find_folder(folder).sha256 in str(refused.value)
    with pytest.raises(BundleRefused, match="more than numbers"):  # confirmed, but this process is no worker
        open_engine(folder, "cpu", [find_folder(folder).sha256])


def test_classes_from_elsewhere_are_not_imported(tmp_path: Path) -> None:
    plans = json.loads(json.dumps(PLANS))
    assert architecture_findings(plans) == []
    section = plans["configurations"]["3d_fullres"]["architecture"]
    section["network_class_name"] = "os.system"
    section["arch_kwargs"]["nonlin"] = "subprocess.Popen"
    assert len(architecture_findings(plans)) == 2
    folder = make_nnunet(tmp_path)
    (find_folder(folder).root / "plans.json").write_text(json.dumps(plans))
    with pytest.raises(BundleRefused, match=r"could run code .*os\.system"):
        open_engine(folder, "cpu")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    folder = make_nnunet(tmp_path, folds=1)
    root = find_folder(folder).root
    (root / "dataset.json").unlink()
    with pytest.raises(BundleRefused, match=r"dataset\.json is missing"):
        open_engine(folder, "cpu")
    (root / "fold_0" / "checkpoint_final.pth").unlink()
    with pytest.raises(BundleRefused, match="no fold_x"):
        open_engine(folder, "cpu")
