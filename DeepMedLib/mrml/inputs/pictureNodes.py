"""Pictures in the scene: what is measured is what the volume shows, and what its file says stays with the volume.

A volume that we read keeps what its file says as an attribute; one that Slicer's own DICOM reader loaded gets it when
it is first used, if its file still shows the same picture. Pixels never come from a file behind a volume.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from DeepMedLib.dicom import begins_as_dicom
from DeepMedLib.errors import BadInput, DeepMedError
from DeepMedLib.mrml.inputs.sourceFiles import rememberFile, sourceFile
from DeepMedLib.mrml.inputs.volumes import (
    numberOfFrames,
    pictureFromVolume,
    setSpacingOfPicture,
    spacingOfPicture,
    volumeFromPicture,
)
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.picture.files import dicom_origin, frame_count, list_pictures, made_picture, read_picture, volume_scale
from DeepMedLib.picture.grey import as_shown, shown_range, to_display
from DeepMedLib.picture.kind import PictureKind
from DeepMedLib.picture.picture import Origin, Picture
from DeepMedLib.picture.region_scale import scale_for
from DeepMedLib.picture.scale import Scale

PICTURE_ATTRIBUTE = "DeepMed.Picture"
SCALE_ATTRIBUTE = "DeepMed.Scale"
_CHANGED_FILE = (
    "The file behind the volume shows another picture by now, or the volume was edited: nothing that it says was taken."
)
_CHANGED_SPACING = "The pixel size of the volume was changed in Slicer after the picture was loaded."
_SAME_SPACING = 1e-6


def loadPicture(path: str | Path, kind: PictureKind, frame: int | None = None) -> slicer.vtkMRMLVolumeNode:
    """Read one still or film into a volume node that shows it at its true size where the file states one.

    Args:
        kind: what the module takes.
        frame: index from 0; needed when there are several.

    Raises:
        BadInput: see `DeepMedLib.picture.files.read_picture`; the scene stays as it was.
    """
    picture = read_picture(path, kind, frame)
    with sceneTransaction():
        volumeNode = addPicture(picture)
        rememberFile(volumeNode, path)
    return volumeNode


def loadFolder(
    folder: str | Path, kind: PictureKind, framesOf: Callable[[int], list[int]]
) -> tuple[list[slicer.vtkMRMLVolumeNode], list[tuple[str, str]]]:
    """All pictures of a folder, or of the folders below it.

    Args:
        framesOf: which frames of a file to take, from their number.

    Returns:
        the volumes, and files that could not be used with the reason.

    Raises:
        BadInput: the folder holds no picture.
    """
    try:
        paths = list_pictures(folder, kind.noun)
    except BadInput:
        paths = list_pictures(folder, kind.noun, recursive=True)
    loaded, refused = [], []
    for path in paths:
        try:
            count = frame_count(path)
            for frame in framesOf(count):
                loaded.append(loadPicture(path, kind, frame if count > 1 else None))
        except BadInput as error:
            refused.append((path.name, str(error)))
    return loaded, refused


def addPicture(picture: Picture) -> slicer.vtkMRMLVolumeNode:
    """A picture as a one-slice volume that keeps what its file says; grey is shown from its dark to its bright end."""
    try:
        scale = scale_for(picture)
    except BadInput:
        scale = None  # regions that differ: which one counts is known once something is found in it
    spacing = (scale.mm_per_px_x, scale.mm_per_px_y) if scale is not None else None
    volumeNode = volumeFromPicture(picture.pixels, spacing, picture.name)
    if spacing is None and picture.aspect != 1.0:  # shown in its true shape; its size stays unknown
        volumeNode.SetSpacing(1.0, picture.aspect, 1.0)
    _remember(volumeNode, picture.origin, isOnly=True)
    volumeNode.CreateDefaultDisplayNodes()
    if picture.pixels.ndim == 2:
        low, high = shown_range(picture.pixels)
        display = volumeNode.GetDisplayNode()
        display.AutoWindowLevelOff()
        display.SetWindowLevelMinMax(low, max(high, low + 1))
    return volumeNode


def isPicture(volumeNode: slicer.vtkMRMLVolumeNode) -> bool:
    """Whether a volume may be a still, film or loop: neither labels nor a diffusion volume, and not empty."""
    if not volumeNode.IsA("vtkMRMLScalarVolumeNode") or volumeNode.IsA("vtkMRMLLabelMapVolumeNode"):
        return False
    return volumeNode.GetImageData() is not None and not volumeNode.GetHideFromEditors()


def pictureOf(volumeNode: slicer.vtkMRMLVolumeNode | None, kind: PictureKind, frame: int | None = None) -> Picture:
    """The still or film that a volume shows in one frame, with what its file says about scale and origin.

    Args:
        frame: slice index from 0; needed when there are several.

    Raises:
        BadInput: no volume, no such frame, or a picture that the module cannot use.
    """
    if volumeNode is None:
        raise BadInput(f"No {kind.noun} is selected.", f"Choose or load {kind.example}.")
    if _record(volumeNode).get("only"):
        index = 0  # cut from a loop, it keeps its number there
    else:
        index = kind.pick_frame(max(1, numberOfFrames(volumeNode)), frame, volumeNode.GetName())
    pixels = pictureFromVolume(volumeNode, index)
    origin = _remembered(volumeNode, index) or _statedElsewhere(volumeNode, kind, index, pixels)
    return made_picture(pixels, origin, kind)


def displayOf(volumeNode: slicer.vtkMRMLVolumeNode, kind: PictureKind) -> np.ndarray:
    """(H, W) uint8: the picture for drawing on."""
    return to_display(pictureOf(volumeNode, kind).grey())


def setScale(volumeNode: slicer.vtkMRMLVolumeNode, scale: Scale) -> None:
    """Calibrate a picture: its spacing becomes the scale, and where the scale comes from stays with the node."""
    setSpacingOfPicture(volumeNode, (scale.mm_per_px_x, scale.mm_per_px_y))
    volumeNode.SetAttribute(SCALE_ATTRIBUTE, json.dumps(scale.to_dict()))


def scaleSet(volumeNode: slicer.vtkMRMLVolumeNode) -> Scale | None:
    """The scale set in this scene; None when none was."""
    text = volumeNode.GetAttribute(SCALE_ATTRIBUTE)
    return Scale.from_dict(json.loads(text)) if text else None


def scaleOf(volumeNode: slicer.vtkMRMLVolumeNode, picture: Picture, points: np.ndarray | None = None) -> Scale | None:
    """The scale set in this scene, else the one the picture states under the points (n, 2); None when unknown.

    A spacing that was changed by other means than ours counts as it is, and says so.

    Raises:
        BadInput: the picture's statements contradict one another there.
    """
    known = scaleSet(volumeNode)
    x, y = volumeNode.GetSpacing()[:2]
    expected = (known.mm_per_px_x, known.mm_per_px_y) if known is not None else _record(volumeNode).get("spacing")
    if expected is not None and not np.allclose((x, y), expected, rtol=_SAME_SPACING, atol=0):
        plane = (known or picture.scale or Scale(x, y, "")).plane
        return Scale(float(x), float(y), "spacing of the volume", False, _CHANGED_SPACING, plane=plane)
    return known or scale_for(picture, points)


def dicomFileOf(volumeNode: slicer.vtkMRMLVolumeNode, picture: Picture) -> Path | None:
    """The DICOM file that a picture came from, for what belongs to its patient and study; None where it has gone.

    Raises:
        BadInput: another picture lies in its place by now.
    """
    path = sourceFile(volumeNode)
    if picture.dicom is None or path is None:
        return None
    from DeepMedLib.dicom import open_dicom, quiet_pydicom

    dataset = open_dicom(path, with_pixels=False)
    with quiet_pydicom():
        uid = str(dataset.get("SOPInstanceUID", "") or "")
    if uid != picture.dicom.sop_instance_uid:
        raise BadInput(
            "The DICOM file behind the picture is another one by now.", "Put the original back, or load it again."
        )
    return path


def _record(volumeNode: slicer.vtkMRMLVolumeNode) -> dict[str, Any]:
    text = volumeNode.GetAttribute(PICTURE_ATTRIBUTE)
    record: dict[str, Any] = json.loads(text) if text else {}
    return record


def _remember(volumeNode: slicer.vtkMRMLVolumeNode, origin: Origin, isOnly: bool) -> None:
    """Keep what a file says about one frame; a frame cut from a loop is the only one of its volume."""
    record = _record(volumeNode) or {"only": isOnly, "spacing": list(volumeNode.GetSpacing()[:2]), "frames": {}}
    record["frames"][str(origin.frame)] = origin.to_dict()
    volumeNode.SetAttribute(PICTURE_ATTRIBUTE, json.dumps(record))


def _remembered(volumeNode: slicer.vtkMRMLVolumeNode, index: int) -> Origin | None:
    record = _record(volumeNode)
    if not record:
        return None
    frames = record["frames"]
    found = next(iter(frames.values())) if record["only"] else frames.get(str(index))
    return Origin.from_dict(found) if found else None


def _statedElsewhere(volumeNode: slicer.vtkMRMLVolumeNode, kind: PictureKind, index: int, pixels: np.ndarray) -> Origin:
    """Of a volume that we did not read: what the header of its DICOM file says, else its own spacing."""
    count = max(1, numberOfFrames(volumeNode))
    scale, aspect, notes = volume_scale(spacingOfPicture(volumeNode), kind)
    x, y = volumeNode.GetSpacing()[:2]
    aspect = aspect if scale is not None else float(y / x)
    own = Origin(volumeNode.GetName(), index, count, scale=scale, aspect=aspect, notes=notes)
    path = sourceFile(volumeNode)
    if path is None or not begins_as_dicom(path):
        return own
    origin = dicom_origin(path, kind, index if count > 1 else None)
    if not _isOfFile(volumeNode, origin, path, kind, pixels):
        return replace(own, notes=(*own.notes, _CHANGED_FILE))
    _remember(volumeNode, origin, isOnly=False)
    return origin


def _isOfFile(
    volumeNode: slicer.vtkMRMLVolumeNode, origin: Origin, path: Path, kind: PictureKind, pixels: np.ndarray
) -> bool:
    """Whether a volume shows what its DICOM file holds: by its instance UID and size, else by every pixel."""
    uids = (volumeNode.GetAttribute("DICOM.instanceUIDs") or "").split()
    if uids and origin.dicom is not None and origin.dicom.sop_instance_uid not in uids:
        return False
    try:
        found = read_picture(path, kind, origin.frame if origin.frame_count > 1 else None).pixels
    except DeepMedError:
        return False
    shown = as_shown(pixels, origin.name)
    if found.shape[:2] != shown.shape[:2]:
        return False
    return bool(uids) or _looksEqual(found, shown)


def _looksEqual(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal but for brightness and contrast, either way round: readers differ in slope, window and white."""
    first, second = (to_display(picture.mean(2) if picture.ndim == 3 else picture).ravel() for picture in (a, b))
    if first.std() == 0 or second.std() == 0:
        return bool(first.std() == second.std())
    return abs(float(np.corrcoef(first, second)[0, 1])) > 0.99
