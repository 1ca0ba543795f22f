"""A study in the scene: the shell as a model with its arrays, the points as a table, ablation sites as fiducials."""

from __future__ import annotations

import json

import numpy as np
import slicer
from vtk import vtkStringArray
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.nodes.markups import LabelledPoint, fiducialNode
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.remark import Remark
from EPMappingLib.exports.shells import from_poly_data
from EPMappingLib.exports.study import AblationSites, ChamberMap, PointTable, Study, known
from EPMappingLib.exports.tables import coordinate_columns
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import poly_data

REMARKS = "DeepMed.EP.Remarks"
POINTS, SITES = "DeepMed.EP.Points", "DeepMed.EP.AblationSites"
"""References of a shell to what came with it."""
_POSITION = ("R_mm", "A_mm", "S_mm")
_NAME = "name"
_SITE_COLOR = (0.6, 0.08, 0.12)


def shellOfStudy(study: Study, mapName: str = "") -> slicer.vtkMRMLModelNode:
    """The shell of one map, which refers to its points and to the study's ablation sites.

    :param mapName: which map; the one with most values where none is given.
    :raises BadInput: there is no such map; the scene stays as it was.
    """
    chosen = study.map(mapName)
    remarks = list(study.remarks)
    if len(study.maps) > 1:
        remarks.append(Remark(f"This is the map {chosen.name}.", remarks[0].gravity))
    with sceneTransaction():
        shell = shellNode(chosen, chosen.name)
        shell.SetAttribute(REMARKS, json.dumps([remark.to_dict() for remark in remarks]))
        if chosen.points is not None:
            shell.SetNodeReferenceID(POINTS, pointsNode(chosen.points, f"{chosen.name} points").GetID())
        if study.sites is not None:
            shell.SetNodeReferenceID(SITES, sitesNode(study.sites, f"{chosen.name} ablation sites").GetID())
    return shell


def shellNode(chosen: ChamberMap, name: str) -> slicer.vtkMRMLModelNode:
    """A new model with the shell and its arrays."""
    data = poly_data(chosen.surface)
    for title, values in chosen.arrays.items():
        array = numpy_to_vtk(np.ascontiguousarray(values, float), deep=True)
        array.SetName(title)
        data.GetPointData().AddArray(array)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", slicer.mrmlScene.GenerateUniqueName(name))
    node.SetAndObservePolyData(data)
    node.CreateDefaultDisplayNodes()
    return node


def shellFromNode(node: slicer.vtkMRMLModelNode) -> tuple[Surface, dict[str, np.ndarray]]:
    """The shell in the node's own frame (RAS mm), and the arrays at its vertices.

    :raises BadInput: the model holds no triangles.
    """
    data = node.GetPolyData()
    if data is None or not data.GetNumberOfPoints():
        raise BadInput(f"The model {node.GetName()} is empty.", "Load a shell.")
    return from_poly_data(data, node.GetName())


def remarksOf(node: slicer.vtkMRMLNode) -> list[Remark]:
    """What was said of a shell when it was read."""
    return [Remark.from_dict(each) for each in json.loads(node.GetAttribute(REMARKS) or "[]")]


def pointsNode(points: PointTable, name: str) -> slicer.vtkMRMLTableNode:
    """A new table with a row for each point: name, R, A, S in mm, and its values."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", slicer.mrmlScene.GenerateUniqueName(name))
    with slicer.util.NodeModify(node):
        node.SetUseColumnTitleAsColumnHeader(True)
        names = vtkStringArray()
        names.SetName(_NAME)
        for each in points.names:
            names.InsertNextValue(each)
        node.AddColumn(names)
        columns = {**dict(zip(_POSITION, points.positions.T, strict=True)), **points.columns}
        for title, values in columns.items():
            column = numpy_to_vtk(np.ascontiguousarray(values, float), deep=True)
            column.SetName(title)
            node.AddColumn(column)
    return node


def pointsFromNode(node: slicer.vtkMRMLTableNode) -> PointTable:
    """The points of a table, ours or any whose columns of coordinates are named R, A, S or X, Y, Z (RAS mm).

    :raises BadInput: it has no points, or no such columns.
    """
    table = node.GetTable()
    if not table.GetNumberOfRows():
        raise BadInput(f"The table {node.GetName()} holds no points.", "Load the points.")
    columns = [table.GetColumn(index) for index in range(table.GetNumberOfColumns())]
    titles = [column.GetName() or f"Column {number}" for number, column in enumerate(columns, 1)]
    places = coordinate_columns(titles, (), f"The table {node.GetName()}")
    positions = np.stack([_numbers(columns[at]) for at in places], axis=1)
    values = {
        title: numbers
        for at, title in enumerate(titles)
        if at not in places and np.isfinite(numbers := _numbers(columns[at])).any()
    }
    known_titles = {title for at, title in enumerate(titles) if at not in places and columns[at].IsA("vtkDataArray")}
    values |= {title: np.full(len(positions), np.nan) for title in known_titles - set(values)}
    names = table.GetColumnByName(_NAME)
    told = [names.GetVariantValue(row).ToString() if names is not None else "" for row in range(len(positions))]
    return PointTable(positions, values, tuple(name or str(number) for number, name in enumerate(told, 1)))


def _numbers(column: object) -> np.ndarray:
    """(N,) of a column of numbers or of words; NaN for what is none."""
    if column.IsA("vtkDataArray"):  # type: ignore[attr-defined]
        return known(vtk_to_numpy(column))
    words = [column.GetValue(row) for row in range(column.GetNumberOfTuples())]  # type: ignore[attr-defined]
    found = []
    for word in words:
        try:
            found.append(float(word))
        except ValueError:
            found.append(float("nan"))
    return known(np.array(found, float))


def sitesNode(sites: AblationSites, name: str) -> slicer.vtkMRMLMarkupsFiducialNode:
    """Ablation sites as fiducials without labels in the view."""
    points = [
        LabelledPoint(tuple(at), label, "") for at, label in zip(sites.positions.tolist(), sites.names, strict=True)
    ]
    node = fiducialNode(slicer.mrmlScene.GenerateUniqueName(name), points, color=_SITE_COLOR, locked=True)
    node.GetDisplayNode().SetPointLabelsVisibility(False)
    return node
