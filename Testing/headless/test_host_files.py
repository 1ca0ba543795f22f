"""Nodes and scenes to files and back, through slicer.util on the stand-in for the IO manager."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize("extension", ["nrrd", "nii.gz", "mha"])
def test_volume_round_trip_keeps_values_and_geometry(slicerScene: Any, tmp_path: Path, extension: str) -> None:
    import slicer

    array = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4) - 7
    matrix = np.array([[0.0, -0.7, 0, 5], [0.6, 0, 0, -3], [0, 0, 2.5, 11], [0, 0, 0, 1]])
    volume = slicer.util.addVolumeFromArray(array, ijkToRAS=matrix, name="v")
    file = tmp_path / f"v.{extension}"
    assert slicer.util.saveNode(volume, str(file))
    loaded = slicer.util.loadVolume(str(file))
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(loaded), array)
    import vtk

    back = vtk.vtkMatrix4x4()
    loaded.GetIJKToRASMatrix(back)
    np.testing.assert_allclose(slicer.util.arrayFromVTKMatrix(back), matrix, atol=1e-6)
    selection = slicer.app.applicationLogic().GetSelectionNode()
    assert selection.GetActiveVolumeID() == loaded.GetID(), "a loaded volume is shown, as in the desktop"


@pytest.mark.parametrize("extension", ["png", "tif"])
def test_grey_picture_has_row_zero_on_top(slicerScene: Any, tmp_path: Path, extension: str) -> None:
    import slicer
    from PIL import Image

    pixels = np.arange(6 * 9, dtype=np.uint8).reshape(6, 9) * 3
    file = tmp_path / f"grey.{extension}"
    Image.fromarray(pixels).save(file)
    node = slicer.util.loadVolume(str(file))
    assert node.GetClassName() == "vtkMRMLScalarVolumeNode"
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(node)[0], pixels)
    directions = np.eye(3)
    node.GetIJKToRASDirections(directions)
    np.testing.assert_array_equal(directions, np.diag([-1.0, -1.0, 1.0]))


def test_color_and_16_bit_pictures(slicerScene: Any, tmp_path: Path) -> None:
    import slicer
    from PIL import Image

    rgb = np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)
    for name in ("rgb.png", "rgb.tif", "rgb.bmp"):
        Image.fromarray(rgb).save(tmp_path / name)
        node = slicer.util.loadVolume(str(tmp_path / name))
        assert node.GetClassName() == "vtkMRMLVectorVolumeNode"
        np.testing.assert_array_equal(slicer.util.arrayFromVolume(node)[0], rgb, err_msg=name)
    deep = np.linspace(0, 60000, 35).astype(np.uint16).reshape(5, 7)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    node = slicer.util.loadVolume(str(tmp_path / "deep.png"))
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(node)[0], deep)
    Image.fromarray(np.tile(rgb, (8, 8, 1))).save(tmp_path / "photo.jpg", quality=98)
    photo = slicer.util.arrayFromVolume(slicer.util.loadVolume(str(tmp_path / "photo.jpg")))
    assert photo.shape == (1, 40, 56, 3)


def test_unreadable_picture_is_refused(slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    from deepmed_headless import vtk_errors

    (tmp_path / "text.png").write_text("no picture")
    nodes = slicer.mrmlScene.GetNumberOfNodes()
    with vtk_errors(), pytest.raises(RuntimeError, match="Failed to load node"):
        slicer.util.loadVolume(str(tmp_path / "text.png"))
    assert slicer.mrmlScene.GetNumberOfNodes() == nodes


def test_scene_bundle_round_trip(demo: ModuleType, tmp_path: Path) -> None:
    import slicer

    demo.DemoModuleLogic().process(demo.makeBlock(), 50)
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "Study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(slicer.util.getNode("Block")), study)
    file = tmp_path / "ünicode scene.mrb"
    assert slicer.util.saveScene(str(file))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(file))
    volume = slicer.util.getNode("Block")
    assert slicer.util.arrayFromVolume(volume).sum() == 144000
    segmentation = slicer.util.getNode("Block segmentation")
    assert slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "block", volume).sum() == 1440
    assert slicer.util.getNode("Centre").GetNthControlPointLabel(0) == "centre"
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    assert hierarchy.GetItemName(hierarchy.GetItemParent(hierarchy.GetItemByDataNode(volume))) == "Study"


def test_segmentation_round_trip(demo: ModuleType, tmp_path: Path) -> None:
    import slicer

    volume = demo.makeBlock()
    demo.DemoModuleLogic().process(volume, 50)
    segmentation = slicer.util.getNode("Block segmentation")
    assert slicer.util.saveNode(segmentation, str(tmp_path / "s.seg.nrrd"))
    loaded = slicer.util.loadSegmentation(str(tmp_path / "s.seg.nrrd"))
    segment = loaded.GetSegmentation().GetSegment("block")
    assert segment.GetName() == "Block"
    np.testing.assert_allclose(segment.GetColor(), (0.1, 0.8, 0.2), atol=1e-6)
    assert slicer.util.arrayFromSegmentBinaryLabelmap(loaded, "block", volume).sum() == 1440


def test_markups_round_trip_and_measure(slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    line = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", "L")
    line.AddControlPoint([0, 0, 0])
    line.AddControlPoint([3, 4, 0])
    assert slicer.util.saveNode(line, str(tmp_path / "L.mrk.json"))
    loaded = slicer.util.loadMarkups(str(tmp_path / "L.mrk.json"))
    assert loaded.GetLineLengthWorld() == pytest.approx(5)


def test_table_and_transform_round_trip(slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "T")
    slicer.util.updateTableFromArray(table, [np.array([1.5, 2.5]), np.array([3.0, 4.0])], ["a", "b"])
    assert slicer.util.saveNode(table, str(tmp_path / "T.csv"))
    assert slicer.util.loadTable(str(tmp_path / "T.csv")).GetTable().GetNumberOfRows() == 2
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "X")
    matrix = np.array([[0.0, -1, 0, 5], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])
    slicer.util.updateTransformMatrixFromArray(transform, matrix)
    assert slicer.util.saveNode(transform, str(tmp_path / "X.tfm"))
    loaded = slicer.util.loadTransform(str(tmp_path / "X.tfm"))
    np.testing.assert_allclose(slicer.util.arrayFromTransformMatrix(loaded), matrix, atol=1e-9)


def test_export_leaves_the_storage_node_alone(slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    volume = slicer.util.addVolumeFromArray(np.zeros((2, 3, 4), np.int16), name="v")
    slicer.util.saveNode(volume, str(tmp_path / "own.nrrd"))
    assert slicer.util.exportNode(volume, str(tmp_path / "other.nii.gz"))
    assert (tmp_path / "other.nii.gz").is_file()
    assert volume.GetStorageNode().GetFileName().endswith("own.nrrd")
    with pytest.raises(ValueError, match="no known file format"):
        slicer.util.exportNode(volume, str(tmp_path / "other.xyz"), properties={})
