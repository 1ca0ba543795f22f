"""Pictures in the scene: loading a file with its scale, and the picture that a volume shows."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import slicer

from DeepMedLib.dicom import SUFFIXES
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.sourceFiles import rememberFile, sourceFile
from DeepMedLib.mrml.transaction import sceneTransaction
from DeepMedLib.mrml.volumes import (
    numberOfFrames,
    pictureFromVolume,
    setSpacingOfPicture,
    spacingOfPicture,
    volumeFromPicture,
)
from FetalBiometryLib.examination.cine import sampled_frames
from FetalBiometryLib.picture.files import Picture, frame_count, list_pictures, picture_from_array, read_picture
from FetalBiometryLib.picture.scale import Scale, scale_for

SCALE_ATTRIBUTE = "DeepMed.Scale"
FRAME_ATTRIBUTE = "DeepMed.SourceFrame"

_lastRead: dict[tuple[Path, int, int, int], Picture] = {}


def loadPicture(path: str | Path, frame: int | None = None) -> slicer.vtkMRMLVolumeNode:
    """Read one still into a volume node that shows it at its true size where the file states one.

    Raises:
        BadInput: see `FetalBiometryLib.picture.files.read_picture`; the scene stays as it was.
    """
    picture = read_picture(path, frame)
    try:
        scale = scale_for(picture)
    except BadInput:
        scale = None  # regions that differ: which one counts is known once the head is found
    spacing = (scale.mm_per_px_x, scale.mm_per_px_y) if scale is not None and scale.confirmed else None
    with sceneTransaction():
        volumeNode = volumeFromPicture(picture.pixels, spacing, Path(path).name)
        rememberFile(volumeNode, path)
        volumeNode.SetAttribute(FRAME_ATTRIBUTE, str(picture.frame))
        volumeNode.CreateDefaultDisplayNodes()
    return volumeNode


def loadFolder(folder: str | Path) -> tuple[list[slicer.vtkMRMLVolumeNode], list[tuple[str, str]]]:
    """All pictures of a folder, or of the folders below it; of a cine loop some evenly spaced frames.

    Returns:
        the volumes, and files that could not be measured with the reason.

    Raises:
        BadInput: the folder holds no picture.
    """
    try:
        paths = list_pictures(folder)
    except BadInput:
        paths = list_pictures(folder, recursive=True)
    loaded, refused = [], []
    for path in paths:
        try:
            count = frame_count(path)
            for frame in sampled_frames(count):
                loaded.append(loadPicture(path, frame if count > 1 else None))
        except BadInput as error:
            refused.append((path.name, str(error)))
    return loaded, refused


def isPicture(volumeNode: slicer.vtkMRMLVolumeNode) -> bool:
    """Whether a volume may be an ultrasound still or loop: neither labels nor a diffusion volume, and not empty."""
    if not volumeNode.IsA("vtkMRMLScalarVolumeNode") or volumeNode.IsA("vtkMRMLLabelMapVolumeNode"):
        return False
    return volumeNode.GetImageData() is not None and not volumeNode.GetHideFromEditors()


def pictureOf(volumeNode: slicer.vtkMRMLVolumeNode | None, frame: int = 0) -> Picture:
    """The still that a volume shows in one frame, with what its file says about scale and origin.

    Raises:
        BadInput: no volume, no such frame, or a picture that cannot be measured.
    """
    if volumeNode is None:
        raise BadInput("No picture is selected.", "Choose or load an ultrasound picture.")
    ours = volumeNode.GetAttribute(FRAME_ATTRIBUTE)
    # A frame that we cut from a cine loop is the only one of its volume, but keeps its number in the file.
    number, index = (frame, frame) if ours is None else (int(ours), 0)
    pixels = pictureFromVolume(volumeNode, index)
    path = sourceFile(volumeNode)
    if path is not None and (ours is not None or path.suffix.lower() in (*SUFFIXES, "")):
        picture = _read(path, number)
        if picture.pixels.shape[:2] == pixels.shape[:2]:
            return picture
    many = numberOfFrames(volumeNode) > 1 or number > 0
    return picture_from_array(
        pixels, name=volumeNode.GetName(), frame=number if many else None, spacing_mm=spacingOfPicture(volumeNode)
    )


def _read(path: Path, frame: int) -> Picture:
    """As `read_picture`; the last one is kept, for one picture is asked for several times while it is measured."""
    state = path.stat()
    key = (path, frame, state.st_mtime_ns, state.st_size)
    if key not in _lastRead:
        picture = read_picture(path, frame)
        _lastRead.clear()
        _lastRead[key] = picture
    return _lastRead[key]


def setScale(volumeNode: slicer.vtkMRMLVolumeNode, scale: Scale) -> None:
    """Calibrate a picture: its spacing becomes the scale, and where the scale comes from stays with the node."""
    setSpacingOfPicture(volumeNode, (scale.mm_per_px_x, scale.mm_per_px_y))
    volumeNode.SetAttribute(SCALE_ATTRIBUTE, json.dumps(asdict(scale)))


def scaleOf(volumeNode: slicer.vtkMRMLVolumeNode, picture: Picture, points: np.ndarray | None = None) -> Scale | None:
    """The scale set in this scene, else the one the picture states under the points (n, 2); None when unknown.

    Raises:
        BadInput: the picture's statements contradict one another there.
    """
    text = volumeNode.GetAttribute(SCALE_ATTRIBUTE)
    return Scale(**json.loads(text)) if text else scale_for(picture, points)
