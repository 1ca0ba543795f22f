"""Whether a volume is still what a result was computed from: its place, its size and its values."""

from __future__ import annotations

import json
import zlib

import numpy as np
import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.volumes import ijkToRas

ATTRIBUTE = "DeepMed.InputState"
_DIGITS = 5  # of mm: what a scene file rounds is no change
_STEPS = (2, 5, 5)  # every so many slices, rows and columns are compared


def rememberInput(handle: slicer.vtkMRMLNode, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """Note on a result's handle what its input is like now."""
    handle.SetAttribute(ATTRIBUTE, json.dumps(_stateOf(volumeNode)))


def rememberPlace(handle: slicer.vtkMRMLNode, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """Note that a result has followed its input to its place and size of now; values count as when it was computed."""
    text = handle.GetAttribute(ATTRIBUTE)
    if text:
        handle.SetAttribute(ATTRIBUTE, json.dumps(json.loads(text) | {"matrix": _stateOf(volumeNode)["matrix"]}))


def changeOfInput(handle: slicer.vtkMRMLNode, volumeNode: slicer.vtkMRMLVolumeNode | None) -> str:
    """What was done to the input since the result was computed, as one sentence with the remedy; "" for nothing.

    Values are compared on a grid of samples: a filter, another frame or another file is noticed, a single voxel may not
    be.
    """
    text = handle.GetAttribute(ATTRIBUTE)
    if not text or volumeNode is None:
        return ""
    before, now = json.loads(text), _stateOf(volumeNode)
    if now["size"] != before["size"] or now["values"] != before["values"]:
        return "The values of the input were changed after this was computed: compute it again."
    if now["matrix"] is None:
        return "The input lies under a transform that bends space: harden it and compute again."
    if now["matrix"] != before["matrix"]:
        return "The input was moved, turned or scaled after this was computed: compute it again."
    return ""


def _stateOf(volumeNode: slicer.vtkMRMLVolumeNode) -> dict[str, object]:
    image = volumeNode.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None:
        return {"size": [], "values": 0, "matrix": None}
    array = slicer.util.arrayFromVolume(volumeNode)
    samples = np.ascontiguousarray(array[:: _STEPS[0], :: _STEPS[1], :: _STEPS[2]])
    try:
        matrix = np.round(ijkToRas(volumeNode), _DIGITS) + 0.0
    except BadInput:
        matrix = None
    return {
        "size": list(image.GetDimensions()),
        "values": zlib.crc32(samples.tobytes()),
        "matrix": None if matrix is None else matrix.tolist(),
    }
