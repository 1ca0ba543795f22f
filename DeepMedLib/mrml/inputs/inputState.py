"""Whether an input (volume, table, model) is still what a result was computed from: its place, size and values."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.volumes import ijkToRas

ATTRIBUTE = "DeepMed.InputState"
_DIGITS = 5  # of mm: what a scene file rounds is no change
_SAVED_DIGITS = 6  # of a table's numbers; vtkDelimitedTextWriter writes no more
_HALFWAY = 1e-6
_REMEMBERED = 16  # volumes whose hash is kept
_hashes: dict[int, str] = {}  # by VTK's time of the last change, which no two states of voxels share


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

    Every voxel counts. A volume is hashed once for each time that VTK calls it modified, some 1 s for each GB.
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
    if volumeNode.IsA("vtkMRMLTableNode"):
        return _stateOfTable(volumeNode)
    if volumeNode.IsA("vtkMRMLModelNode"):
        return _stateOfModel(volumeNode)
    image = volumeNode.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None:
        return {"size": [], "values": "", "matrix": None}
    try:
        matrix = np.round(ijkToRas(volumeNode), _DIGITS) + 0.0
    except BadInput:
        matrix = None
    return {
        "size": list(image.GetDimensions()),
        "values": _hashOf(volumeNode),
        "matrix": None if matrix is None else matrix.tolist(),
    }


def _hashOf(volumeNode: slicer.vtkMRMLVolumeNode) -> str:
    time = volumeNode.GetImageData().GetMTime()
    if time not in _hashes:
        while len(_hashes) >= _REMEMBERED:
            del _hashes[next(iter(_hashes))]  # the oldest
        voxels = np.ascontiguousarray(slicer.util.arrayFromVolume(volumeNode))
        _hashes[time] = hashlib.blake2b(voxels.data, digest_size=16).hexdigest()
    return _hashes[time]


def _stateOfTable(tableNode: slicer.vtkMRMLTableNode) -> dict[str, object]:
    table, found = tableNode.GetTable(), hashlib.blake2b(digest_size=16)
    for index in range(table.GetNumberOfColumns()):
        column = table.GetColumn(index)
        found.update((column.GetName() or "").encode())
        if column.IsA("vtkDataArray"):
            for part in _asSaved(np.asarray(vtk_to_numpy(column), float)):
                found.update(np.ascontiguousarray(part).data)
    return {"size": [table.GetNumberOfRows(), table.GetNumberOfColumns()], "values": found.hexdigest(), "matrix": []}


def _stateOfModel(modelNode: slicer.vtkMRMLModelNode) -> dict[str, object]:
    """Vertices, triangles and the arrays at the vertices; where it lies does not matter: the map moves along."""
    surface, found = modelNode.GetPolyData(), hashlib.blake2b(digest_size=16)
    if surface is None or surface.GetPoints() is None:
        return {"size": [], "values": "", "matrix": None}
    held = surface.GetPointData()
    arrays = [surface.GetPoints().GetData(), surface.GetPolys().GetConnectivityArray()]
    arrays += [held.GetArray(index) for index in range(held.GetNumberOfArrays()) if held.GetArray(index) is not None]
    for array in arrays:
        found.update((array.GetName() or "").encode())
        found.update(np.ascontiguousarray(vtk_to_numpy(array)).data)
    return {
        "size": [surface.GetNumberOfPoints(), surface.GetNumberOfPolys()],
        "values": found.hexdigest(),
        "matrix": [],
    }


def _asSaved(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) mantissa and exponent of numbers with the digits that a saved scene keeps of a table.

    A number that was saved and read again has the same two.
    """
    known = np.isfinite(values) & (values != 0)
    exponent = np.zeros(values.shape, np.int32)
    exponent[known] = np.floor(np.log10(np.abs(values[known])))
    shift = _SAVED_DIGITS - 1 - exponent
    power = 10.0 ** np.minimum(np.abs(shift), 300)
    exact = np.where(known, np.where(shift >= 0, values * power, values / power), 0)
    mantissa = np.where(known, np.rint(exact), values)
    # Halfway between two mantissas the product's own rounding decides: there the text of the file does.
    for index in np.flatnonzero(np.abs(exact - np.floor(exact) - 0.5) < _HALFWAY):
        digits, power_of_ten = f"{values[index]:.{_SAVED_DIGITS - 1}e}".split("e")
        mantissa[index], exponent[index] = float(digits.replace(".", "")), int(power_of_ten)
    full = known & (np.abs(mantissa) >= 10**_SAVED_DIGITS)  # 9.999999 became 10.0000
    mantissa[full] /= 10
    exponent[full] += 1
    mantissa[np.isnan(values)] = np.nan  # one of the many patterns of bits
    return mantissa + 0.0, exponent
