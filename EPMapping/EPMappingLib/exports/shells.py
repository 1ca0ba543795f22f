"""Shells as VTK, VTP, PLY, STL and OBJ files with whatever arrays they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.axes import to_ras
from EPMappingLib.exports.study import ChamberMap, known
from EPMappingLib.surface.mesh import Surface

_READERS = {
    ".vtp": vtk.vtkXMLPolyDataReader,
    ".vtk": vtk.vtkPolyDataReader,
    ".ply": vtk.vtkPLYReader,
    ".stl": vtk.vtkSTLReader,
    ".obj": vtk.vtkOBJReader,
}
SUFFIXES = tuple(_READERS)


def read_shell(path: Path, axes: str) -> ChamberMap:
    """A shell with the arrays at its vertices; those at its triangles are not read.

    Args:
        axes: how its coordinates lie, see `exports.axes`; a file that says so itself (as Slicer's do) is believed.

    Raises:
        BadInput: it cannot be read, or holds no triangles.
    """
    data = read_poly_data(path)
    surface, arrays = from_poly_data(data, path.name)
    return ChamberMap(
        path.stem, Surface(to_ras(surface.vertices, _told_axes(data, path) or axes), surface.faces), arrays
    )


def read_poly_data(path: Path) -> vtk.vtkPolyData:
    """The file as VTK reads it; strips and polygons become triangles.

    Raises:
        BadInput: it cannot be read.
    """
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Check the path.")
    reader = _READERS[path.suffix.lower()]()
    reader.SetFileName(str(path))
    if isinstance(reader, vtk.vtkPolyDataReader):
        reader.ReadAllScalarsOn()
        reader.ReadAllFieldsOn()
    failed: list[Any] = []
    reader.AddObserver(vtk.vtkCommand.ErrorEvent, lambda _caller, event: failed.append(event))
    reader.Update()
    data = reader.GetOutput()
    if failed or data is None or not data.GetNumberOfPoints():
        raise BadInput(f"{path.name} holds no surface that can be read.", "Save the shell as .vtp, .vtk, .ply or .stl.")
    triangles = vtk.vtkTriangleFilter()
    triangles.PassLinesOff()
    triangles.PassVertsOff()
    triangles.SetInputData(data)
    triangles.Update()
    return triangles.GetOutput()


def from_poly_data(data: vtk.vtkPolyData, name: str) -> tuple[Surface, dict[str, np.ndarray]]:
    """The triangles of a surface in its own axes, and the arrays of one number at each vertex.

    Raises:
        BadInput: it holds no triangles.
    """
    if not data.GetNumberOfPolys():
        raise BadInput(f"{name} holds no triangles.", "Save the shell as a surface, not as points or a volume mesh.")
    points = np.array(vtk_to_numpy(data.GetPoints().GetData()), float)
    faces = np.array(vtk_to_numpy(data.GetPolys().GetConnectivityArray()), int)
    if len(faces) != 3 * data.GetNumberOfPolys():
        raise BadInput(f"{name} has other faces than triangles.", "Triangulate it first.")
    arrays = {}
    held = data.GetPointData()
    for index in range(held.GetNumberOfArrays()):
        array = held.GetArray(index)
        if array is not None and array.GetNumberOfComponents() == 1 and array.GetName():
            arrays[array.GetName()] = known(vtk_to_numpy(array))
    return Surface(points, faces.reshape(-1, 3)), arrays


def _told_axes(data: vtk.vtkPolyData, path: Path) -> str:
    """What Slicer writes into the files of its models: "SPACE=RAS" or "SPACE=LPS", as comment or as a field."""
    field = data.GetFieldData().GetAbstractArray("SPACE")
    if field is not None and field.GetNumberOfValues():
        told = str(field.GetVariantValue(0).ToString())
        return told if told in ("RAS", "LPS") else ""
    with path.open("rb") as stream:
        head = stream.read(512)
    return next((axes for axes in ("RAS", "LPS") if f"SPACE={axes}".encode() in head), "")
