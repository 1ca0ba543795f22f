"""What is measured is what the volume shows, whatever lies behind it by now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from CephSketcherLib.film.lateral_film import HEAD, LATERAL_FILM
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.scale import FILM, Scale
from FetalBiometryLib.picture.ultrasound import ULTRASOUND

from ..unit.picture.picture_maker import dataset, region, save, still


@pytest.fixture
def nodes(slicerScene: Any) -> Any:
    from DeepMedLib.mrml.inputs import pictureNodes

    return pictureNodes


def foreign(array: np.ndarray, path: Path, uid: str = "") -> Any:
    """A volume as Slicer's own reader leaves it: no remark of ours, a storage node that names the file."""
    import slicer

    node = slicer.util.addVolumeFromArray(np.ascontiguousarray(array[None] if array.ndim == 2 else array))
    node.SetName(path.stem)
    node.AddDefaultStorageNode()
    node.GetStorageNode().SetFileName(str(path))
    if uid:
        node.SetAttribute("DICOM.instanceUIDs", uid)
    return node


def ultrasound(tmp_path: Path, pixels: np.ndarray | None = None, **tags: Any) -> tuple[Path, Any]:
    made = dataset(still() if pixels is None else pixels, SequenceOfUltrasoundRegions=[region()], **tags)
    return save(made, tmp_path / "us.dcm"), made


def test_an_overwritten_file_changes_nothing(nodes: Any, tmp_path: Path) -> None:
    path, made = ultrasound(tmp_path)
    node = nodes.loadPicture(path, ULTRASOUND)
    ultrasound(tmp_path, still(5)[:200], PixelSpacing=[0.5, 0.5])
    picture = nodes.pictureOf(node, ULTRASOUND)
    np.testing.assert_array_equal(picture.pixels, still())
    scale = nodes.scaleOf(node, picture)
    assert scale.mm_per_px_x == pytest.approx(0.2) and scale.source == "DICOM ultrasound region"
    assert picture.dicom.sop_instance_uid == made.SOPInstanceUID
    with pytest.raises(BadInput, match="another one by now"):
        nodes.dicomFileOf(node, picture)
    path.unlink()
    assert nodes.dicomFileOf(node, picture) is None
    np.testing.assert_array_equal(nodes.pictureOf(node, ULTRASOUND).pixels, still())


def test_an_edited_volume_is_what_is_measured(nodes: Any, tmp_path: Path) -> None:
    import slicer

    path, _ = ultrasound(tmp_path)
    node = nodes.loadPicture(path, ULTRASOUND)
    edited = still(5)
    slicer.util.updateVolumeFromArray(node, edited[None])
    np.testing.assert_array_equal(nodes.pictureOf(node, ULTRASOUND).pixels, edited)


def test_what_the_file_says_is_saved_with_the_scene(nodes: Any, tmp_path: Path) -> None:
    import slicer

    deep = still().astype(np.uint16) * 16
    path, _ = ultrasound(tmp_path, deep)
    nodes.loadPicture(path, ULTRASOUND)
    scene = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(scene))
    path.unlink()
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(scene))
    node = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")[0]
    picture = nodes.pictureOf(node, ULTRASOUND)
    assert nodes.scaleOf(node, picture).source == "DICOM ultrasound region"
    assert any("rescaled" in note for note in picture.notes)
    saved = node.GetAttribute(nodes.PICTURE_ATTRIBUTE)
    assert str(tmp_path) not in saved and json.loads(saved)["frames"]["0"]["name"] == "us.dcm"


def test_a_frame_of_a_loop_keeps_its_number(nodes: Any, tmp_path: Path) -> None:
    loop = np.stack([np.roll(still(), 7 * i, axis=1) for i in range(4)])
    path, _ = ultrasound(tmp_path, loop)
    node = nodes.loadPicture(path, ULTRASOUND, 2)
    picture = nodes.pictureOf(node, ULTRASOUND, 0)
    assert (picture.frame, picture.frame_count) == (2, 4)
    np.testing.assert_array_equal(picture.pixels, loop[2])
    with pytest.raises(BadInput, match="4 frames"):
        nodes.loadPicture(path, ULTRASOUND)


def test_a_volume_of_slicers_own_reader_gets_what_its_header_says_once(nodes: Any, tmp_path: Path) -> None:
    loop = np.stack([np.roll(still(), 7 * i, axis=1) for i in range(3)])
    path, made = ultrasound(tmp_path, loop)
    node = foreign(loop, path, str(made.SOPInstanceUID))
    with pytest.raises(BadInput, match="3 frames"):
        nodes.pictureOf(node, ULTRASOUND)
    for frame in (1, 2):
        picture = nodes.pictureOf(node, ULTRASOUND, frame)
        np.testing.assert_array_equal(picture.pixels, loop[frame])
        assert picture.frame == frame and picture.regions and picture.dicom is not None
    path.unlink()
    assert nodes.pictureOf(node, ULTRASOUND, 2).regions
    assert not nodes.pictureOf(node, ULTRASOUND, 0).regions  # was never asked for while the file was there


@pytest.mark.parametrize("uid", ["none", "own", "other"])
@pytest.mark.parametrize("edited", [False, True])
def test_the_file_behind_a_foreign_volume_is_believed_only_if_it_is_the_same(
    nodes: Any, tmp_path: Path, uid: str, edited: bool
) -> None:
    path, made = ultrasound(tmp_path)
    known = {"none": "", "own": str(made.SOPInstanceUID), "other": "1.2.3.4"}[uid]
    node = foreign(still(5) if edited else still(), path, known)
    picture = nodes.pictureOf(node, ULTRASOUND)
    believed = uid == "own" or (uid == "none" and not edited)
    assert bool(picture.regions) is believed
    assert any("another picture by now" in note for note in picture.notes) is not believed
    assert (nodes.scaleOf(node, picture) is not None) is believed


def test_a_negative_of_the_same_film_is_the_same_film(nodes: Any, tmp_path: Path) -> None:
    film = dataset(
        still(), "DX", ImagerPixelSpacing=[0.14, 0.14], PhotometricInterpretation="MONOCHROME1", RescaleSlope="2"
    )
    node = foreign(still().astype(np.int16) * 2, save(film, tmp_path / "film.dcm"))
    picture = nodes.pictureOf(node, LATERAL_FILM)
    assert picture.scale is not None and picture.scale.plane == FILM


def test_a_spacing_changed_elsewhere_counts_and_is_said(nodes: Any, tmp_path: Path) -> None:
    path, _ = ultrasound(tmp_path)
    node = nodes.loadPicture(path, ULTRASOUND)
    node.SetSpacing(0.4, 0.4, 1.0)
    scale = nodes.scaleOf(node, nodes.pictureOf(node, ULTRASOUND))
    assert scale.mm_per_px_x == 0.4 and not scale.confirmed and "changed in Slicer" in scale.note
    nodes.setScale(node, Scale(0.3, 0.3, "test"))
    assert nodes.scaleOf(node, nodes.pictureOf(node, ULTRASOUND)).source == "test"
    node.SetSpacing(0.31, 0.3, 1.0)
    assert nodes.scaleOf(node, nodes.pictureOf(node, ULTRASOUND)).mm_per_px_x == 0.31


def test_pixels_of_unknown_size_keep_their_shape(nodes: Any, tmp_path: Path) -> None:
    path = save(dataset(still(), PixelAspectRatio=[6, 5]), tmp_path / "us.dcm")
    node = nodes.loadPicture(path, ULTRASOUND)
    assert node.GetSpacing()[:2] == pytest.approx((1.0, 1.2))
    picture = nodes.pictureOf(node, ULTRASOUND)
    assert picture.aspect == pytest.approx(1.2) and nodes.scaleOf(node, picture) is None


def test_a_plain_picture_of_slicers_own_reader(nodes: Any, tmp_path: Path) -> None:
    Image.fromarray(still()).save(tmp_path / "a.png")
    picture = nodes.pictureOf(foreign(still(), tmp_path / "a.png"), ULTRASOUND)
    assert picture.scale is None and picture.aspect == 1.0 and picture.dicom is None
    with pytest.raises(BadInput, match="No film is selected"):
        nodes.pictureOf(None, LATERAL_FILM)


class Box:
    """A widget with a value, a text or a signal."""

    def __init__(self, value: float = 0.0) -> None:
        self.value, self.text, self.enabled, self.minimum = value, "", True, 0.0
        self.node: Any = None

    def connect(self, signal: str, slot: Any) -> None:
        self.slot = slot

    def currentNode(self) -> Any:
        return self.node


class Panel:
    """What `ScalePanel` takes of a panel's widgets."""

    def __init__(self) -> None:
        self.scaleLabel, self.mmPerPixelSpinBox, self.setScaleButton = Box(), Box(0.1), Box()
        self.knownLineSelector, self.knownLengthSpinBox, self.useLineButton = Box(), Box(10), Box()
        self.magnificationSpinBox, self.setMagnificationButton = Box(1.1), Box()


def test_the_scale_panel_says_what_is_true_now(nodes: Any, tmp_path: Path) -> None:
    from DeepMedLib.gui.scalePanel import ScalePanel

    film = dataset(still(), "DX", ImagerPixelSpacing=[0.14, 0.14])
    node = nodes.loadPicture(save(film, tmp_path / "film.dcm"), LATERAL_FILM)
    plain = foreign(still(), tmp_path / "b.png")
    ui, told, chosen = Panel(), [], [node]
    panel = ScalePanel(ui, LATERAL_FILM, lambda: (chosen[0], None), told.append)
    assert "0.1400 mm per pixel on the film" in ui.scaleLabel.text and ui.setMagnificationButton.enabled
    ui.magnificationSpinBox.value = 1.1
    panel.onMagnification()
    assert told[-1].plane == HEAD and told[-1].mm_per_px_x == pytest.approx(0.14 / 1.1)
    assert not ui.setMagnificationButton.enabled
    ui.mmPerPixelSpinBox.value = 0.2
    panel.onSet()
    assert told[-1].mm_per_px_x == 0.2 and "given by the user" in ui.scaleLabel.text
    node.SetSpacing(0.3, 0.3, 1.0)  # by the Volumes module, while the panel is shown
    assert "changed in Slicer" in ui.scaleLabel.text
    chosen[0] = plain
    panel.refresh()
    assert "Not known" in ui.scaleLabel.text
    assert ui.mmPerPixelSpinBox.value == 0.1  # what was typed was for the other film
    chosen[0] = None
    panel.refresh()
    assert ui.scaleLabel.text == "No film." and not ui.setScaleButton.enabled
    panel.close()
