"""Axial slices as 8-bit pictures: read from files into the scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import slicer

from DeepMedLib.mrml.inputs.pictureNodes import addPicture
from DeepMedLib.mrml.inputs.sourceFiles import rememberFile
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.picture.files import read_picture
from DeepMedLib.picture.kind import PictureKind

SLICE = PictureKind(
    noun="slice picture",
    what="an axial CT slice as a picture",
    example="an axial CT slice as PNG or JPEG",
    modalities=("CT",),
    smallest_side=64,
    largest_pixels=16_000_000,
    smallest_mm=0.1,
    largest_mm=5.0,
)


def loadSlice(path: str | Path) -> slicer.vtkMRMLScalarVolumeNode:
    """Load an axial slice picture; a colored one becomes gray.

    Raises:
        BadInput: it cannot be read, or is none; the scene stays as it was.
    """
    picture = read_picture(path, SLICE)
    with sceneTransaction():
        volumeNode = addPicture(replace(picture, pixels=grayOf(picture.pixels)))
        rememberFile(volumeNode, path)
    return volumeNode


def grayOf(pixels: np.ndarray) -> np.ndarray:
    """(H, W) of a picture (H, W) or (H, W, 3 or 4)."""
    if pixels.ndim == 2:
        return pixels
    return np.asarray(np.rint(pixels[..., :3].mean(axis=2)).astype(pixels.dtype))


def isFlat(volumeNode: slicer.vtkMRMLVolumeNode) -> bool:
    """Whether a volume is one picture."""
    image = volumeNode.GetImageData()
    return image is not None and image.GetDimensions()[2] == 1
