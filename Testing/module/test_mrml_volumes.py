"""Volumes and pictures: geometry, transforms, frames, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("slicer")

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs import volumes
from DeepMedLib.mrml.nodes import transforms

pytestmark = pytest.mark.usefixtures("slicerScene")


def oblique(flip: int = 1) -> np.ndarray:
    """IJK to RAS of an anisotropic volume turned about two axes; left-handed when ``flip`` is -1."""
    a, b = 0.4, -0.7
    about_s = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_r = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    matrix = np.eye(4)
    matrix[:3, :3] = about_s @ about_r @ np.diag([0.7, 0.9, 2.5 * flip])
    matrix[:3, 3] = [10.0, -20.0, 30.0]
    return matrix


def ct(flip: int = 1) -> slicer.vtkMRMLScalarVolumeNode:
    array = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6)
    return slicer.util.addVolumeFromArray(array, ijkToRAS=oblique(flip), name="CT")


@pytest.mark.parametrize("flip", [1, -1])
def test_grid_of_an_oblique_volume(flip: int) -> None:
    grid = volumes.gridFromVolume(ct(flip))
    assert tuple(grid.shape_kji) == (4, 5, 6)
    np.testing.assert_allclose(grid.ijk_to_ras, oblique(flip), atol=1e-12)


def test_parent_transforms_belong_to_the_geometry() -> None:
    node = ct()
    turn = np.array([[0.0, -1, 0, 5], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])
    outer = transforms.linearTransformNode(np.diag([2.0, 2.0, 2.0, 1.0]), "outer")
    inner = transforms.linearTransformNode(turn, "inner")
    inner.SetAndObserveTransformNodeID(outer.GetID())
    node.SetAndObserveTransformNodeID(inner.GetID())
    np.testing.assert_allclose(volumes.ijkToRas(node), np.diag([2.0, 2, 2, 1]) @ turn @ oblique(), atol=1e-12)
    np.testing.assert_allclose(transforms.matrixFromTransform(inner), np.diag([2.0, 2, 2, 1]) @ turn, atol=1e-12)
    np.testing.assert_allclose(transforms.matrixFromTransform(inner, toWorld=False), turn, atol=1e-12)


def test_array_is_a_copy() -> None:
    node = ct()
    array, _grid = volumes.arrayFromVolume(node)
    array[:] = 0
    assert slicer.util.arrayFromVolume(node)[3, 4, 5] == 119


def test_pixels_to_ras_and_back() -> None:
    node = ct(-1)
    pixels = np.array([[0.0, 0.0], [5.0, 4.0], [2.25, 3.5]])
    ras = volumes.pixelToRas(node, pixels, frame=3)
    expected = oblique(-1) @ np.array([2.25, 3.5, 3, 1])
    np.testing.assert_allclose(ras[2], expected[:3], atol=1e-12)
    back = volumes.rasToPixel(node, ras)
    np.testing.assert_allclose(back, np.column_stack([pixels, [3, 3, 3]]), atol=1e-10)
    np.testing.assert_allclose(volumes.rasToPixel(node, ras[1]), [5, 4, 3], atol=1e-10)
    assert volumes.pixelToRas(node, np.array([1.0, 1.0])).shape == (3,)


def test_nan_is_refused_with_the_count() -> None:
    array = np.zeros((2, 3, 4), np.float32)
    array[0, 0, :2] = np.nan
    node = slicer.util.addVolumeFromArray(array, name="scan")
    with pytest.raises(BadInput, match="scan holds 2 of 24 values"):
        volumes.arrayFromVolume(node)


def test_zero_spacing_is_refused() -> None:
    node = ct()
    node.SetSpacing(0.0, 1.0, 1.0)
    with pytest.raises(BadInput, match="pixel size"):
        volumes.gridFromVolume(node)


def test_bending_transform_is_refused() -> None:
    node = ct()
    bend = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLGridTransformNode", "bend")
    bend.SetAndObserveTransformFromParent(slicer.vtkOrientedGridTransform())
    node.SetAndObserveTransformNodeID(bend.GetID())
    with pytest.raises(BadInput, match="bends space"):
        volumes.ijkToRas(node)


def test_volume_without_image_and_no_volume_are_refused() -> None:
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    with pytest.raises(BadInput, match="empty holds no image"):
        volumes.gridFromVolume(empty)
    with pytest.raises(BadInput, match="No volume"):
        volumes.gridFromVolume(None)
    assert volumes.numberOfFrames(empty) == 0


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_picture_round_trip(shape: tuple[int, ...]) -> None:
    picture = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    node = volumes.volumeFromPicture(picture, (0.2, 0.3), "us")
    np.testing.assert_array_equal(volumes.pictureFromVolume(node), picture)
    np.testing.assert_allclose(volumes.ijkToRas(node), np.diag([-0.2, -0.3, 1, 1]))
    assert volumes.spacingOfPicture(node) == (0.2, 0.3)
    assert node.GetDisplayNode() is not None
    assert node.GetClassName() == ("vtkMRMLVectorVolumeNode" if len(shape) == 3 else "vtkMRMLScalarVolumeNode")
    other = picture[::-1].copy()
    assert volumes.volumeFromPicture(other, None, "us", node=node) is node
    np.testing.assert_array_equal(volumes.pictureFromVolume(node), other)
    assert volumes.spacingOfPicture(node) is None


def test_unknown_scale_stays_unknown_until_somebody_sets_it() -> None:
    picture = np.zeros((4, 4), np.uint8)
    node = volumes.volumeFromPicture(picture, None, "us")
    assert volumes.spacingOfPicture(node) is None
    loaded = slicer.util.addVolumeFromArray(picture[None], name="loaded by Slicer")
    assert volumes.spacingOfPicture(loaded) is None
    volumes.setSpacingOfPicture(node, (1.0, 1.0))
    assert volumes.spacingOfPicture(node) == (1.0, 1.0)
    np.testing.assert_allclose(volumes.pixelToRas(node, [0, 0]), [0, 0, 0])
    with pytest.raises(BadInput):
        volumes.setSpacingOfPicture(node, (0.0, 1.0))


def test_frames() -> None:
    cine = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
    node = slicer.util.addVolumeFromArray(cine, name="cine")
    assert volumes.numberOfFrames(node) == 3
    np.testing.assert_array_equal(volumes.pictureFromVolume(node, 2), cine[2])
    with pytest.raises(BadInput, match="has 3 frames; frame 3"):
        volumes.pictureFromVolume(node, 3)
    with pytest.raises(BadInput, match="frame -1"):
        volumes.pictureFromVolume(node, -1)


def test_opacity_is_dropped_and_odd_channels_are_refused() -> None:
    rgba = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(1, 2, 3, 4)
    node = slicer.util.addVolumeFromArray(rgba, name="rgba", nodeClassName="vtkMRMLVectorVolumeNode")
    np.testing.assert_array_equal(volumes.pictureFromVolume(node), rgba[0, :, :, :3])
    field = slicer.util.addVolumeFromArray(rgba[..., :2].copy(), name="flow", nodeClassName="vtkMRMLVectorVolumeNode")
    with pytest.raises(BadInput, match="2 channels"):
        volumes.pictureFromVolume(field)


def test_proxy_volume_of_a_sequence() -> None:
    sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "cine")
    for number in range(3):
        frame = volumes.volumeFromPicture(np.full((4, 5, 3), 10 * number, np.uint8), (0.5, 0.5), "frame")
        sequence.SetDataNodeAtValue(frame, str(number))
        slicer.mrmlScene.RemoveNode(frame)
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateAllProxyNodes()
    browser.SetSelectedItemNumber(2)
    slicer.modules.sequences.logic().UpdateAllProxyNodes()
    picture = volumes.pictureFromVolume(browser.GetProxyNode(sequence))
    assert picture.shape == (4, 5, 3)
    assert int(picture[0, 0, 0]) == 20


@pytest.mark.parametrize("shape", [(4,), (4, 5, 2), (0, 5)])
def test_what_is_no_picture_is_refused_and_adds_no_node(shape: tuple[int, ...]) -> None:
    before = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(BadInput):
        volumes.volumeFromPicture(np.zeros(shape, np.uint8), None, "x")
    assert slicer.mrmlScene.GetNumberOfNodes() == before
