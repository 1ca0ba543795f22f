"""Whether an input is still what was computed from: every voxel, its place, the frame shown; not the file behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

CHANGED = "The values of the input were changed"


@pytest.fixture
def state(slicerScene: Any) -> Any:
    from DeepMedLib.mrml.inputs import inputState

    inputState._hashes.clear()
    return inputState


def volume(values: np.ndarray) -> Any:
    import slicer

    return slicer.util.addVolumeFromArray(values, name="scan")


def handle() -> Any:
    import slicer

    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "result")


def random(shape: tuple[int, ...] = (7, 11, 13)) -> np.ndarray:
    return np.random.default_rng(0).integers(-1000, 1000, shape).astype(np.int16)


@pytest.mark.parametrize("voxel", [(0, 0, 0), (1, 1, 1), (3, 4, 7), (6, 10, 12)])
def test_a_single_voxel_is_noticed_and_forgiven_when_it_is_put_back(state: Any, voxel: tuple[int, int, int]) -> None:
    import slicer

    node, result = volume(random()), handle()
    state.rememberInput(result, node)
    assert state.changeOfInput(result, node) == ""
    for step, said in ((1, True), (-1, False)):
        slicer.util.arrayFromVolume(node)[voxel] += step
        slicer.util.arrayFromVolumeModified(node)
        assert state.changeOfInput(result, node).startswith(CHANGED) is said


def test_voxels_are_hashed_once_for_each_change(state: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import slicer

    looks: list[int] = []
    real = slicer.util.arrayFromVolume
    node, result = volume(random()), handle()
    monkeypatch.setattr(slicer.util, "arrayFromVolume", lambda n: looks.append(1) or real(n))
    state.rememberInput(result, node)
    for _ in range(5):
        assert state.changeOfInput(result, node) == ""
    assert len(looks) == 1
    for _ in range(2 * state._REMEMBERED):
        node.GetImageData().GetPointData().GetScalars().Modified()
        assert state.changeOfInput(result, node) == ""
    assert len(looks) == 1 + 2 * state._REMEMBERED and len(state._hashes) == state._REMEMBERED


def test_another_frame_of_a_sequence_is_another_input(state: Any) -> None:
    import slicer

    sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "cine")
    for number in range(2):
        frame = volume(random((1, 20, 30)) + np.int16(number))
        sequence.SetDataNodeAtValue(frame, str(number))
        slicer.mrmlScene.RemoveNode(frame)
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    logic = slicer.modules.sequences.logic()
    logic.UpdateAllProxyNodes()
    node, result = browser.GetProxyNode(sequence), handle()
    state.rememberInput(result, node)
    for frame, said in ((0, False), (1, True), (0, False)):
        browser.SetSelectedItemNumber(frame)
        logic.UpdateAllProxyNodes()
        assert state.changeOfInput(result, browser.GetProxyNode(sequence)).startswith(CHANGED) is said


def test_a_file_that_is_overwritten_changes_nothing_until_it_is_loaded_again(state: Any, tmp_path: Path) -> None:
    import slicer

    path = tmp_path / "scan.nrrd"
    assert slicer.util.saveNode(volume(random()), str(path))
    node, result = slicer.util.loadVolume(str(path)), handle()
    state.rememberInput(result, node)
    other = volume(random() + np.int16(1))
    assert slicer.util.saveNode(other, str(path))
    assert state.changeOfInput(result, node) == ""
    assert state.changeOfInput(result, slicer.util.loadVolume(str(path))).startswith(CHANGED)


def test_a_table_that_a_scene_has_saved_is_unchanged(state: Any, slicerScene: Any, tmp_path: Path) -> None:
    """A scene keeps six digits of a number; between two of them, at powers of ten, in single precision as well."""
    import slicer
    from vtk.util.numpy_support import numpy_to_vtk

    node, result = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "record"), handle()
    drawn = 30 * np.random.default_rng(0).normal(size=500)
    odd = np.array([0, -0.0, 100.0625, -100.0625, 99999.95, 999999.5, 9.9999995, 1e-7, 3e12, 1.5e-300, np.nan, np.inf])
    for name, values in (("time_s", np.arange(512) / 256), ("a", np.concatenate([drawn, odd]))):
        column = numpy_to_vtk(values, deep=True)
        column.SetName(name)
        node.AddColumn(column)
    single = numpy_to_vtk(np.concatenate([drawn, odd]).astype(np.float32), deep=True)
    single.SetName("b")
    node.AddColumn(single)
    state.rememberInput(result, node)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicerScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    node, result = slicer.util.getNode("record"), slicer.util.getNode("result")
    assert node.GetTable().GetColumn(1).GetValue(0) != drawn[0]
    assert state.changeOfInput(result, node) == ""
    node.GetTable().GetColumn(1).SetValue(7, 1.001 * drawn[7])
    assert state.changeOfInput(result, node).startswith(CHANGED)
