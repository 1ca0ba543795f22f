"""A prediction in the scene: activation from a pacing site, around lines of block, beside the measured map."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.nodes.markups import curvePoints
from EPMappingLib.exports.shells import from_poly_data
from EPMappingLib.fusion.registration import moved
from EPMappingLib.maps.measured import faces_within
from EPMappingLib.report.colors import colors_of, span_of
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import poly_data
from EPMappingLib.velocity.conduction import conduction
from EPMappingLib.whatif.prediction import Agreement, Prediction, agreement, filled_speeds, predict
from EPMappingMrml.fusionNodes import toWorld
from EPMappingMrml.mapNodes import COLOR, LAT, EpNodes

ROLE, PREDICTED, ATTRIBUTE = "predicted", "Predicted_ms", "DeepMed.EP.Agreement"


def predicted(
    nodes: EpNodes, site: slicer.vtkMRMLMarkupsNode, lines: Sequence[slicer.vtkMRMLMarkupsCurveNode]
) -> tuple[Surface, np.ndarray, Prediction]:
    """Shell, measured and predicted activation.

    :param site: fiducials of the pacing site or sites.
    :param lines: curves of block.
    :raises BadInput: the map has gone or no velocity, or there is no site on the shell.
    """
    model = nodes.get("map")
    if model is None:
        raise BadInput("The map of this result has gone.", "Make it anew.")
    surface, _ = from_poly_data(model.GetPolyData(), model.GetName())
    lat = np.array(vtk_to_numpy(model.GetPolyData().GetPointData().GetArray(LAT)), float)
    if not np.isfinite(lat).any():
        raise BadInput("This map holds no activation to take velocities from.", "Choose one with activation times.")
    back = np.linalg.inv(toWorld(model))
    places = moved(curvePoints(site), back)
    if not len(places):
        raise BadInput("The pacing site has no point.", "Place a point on the shell.")
    drawn = tuple(points for line in lines if len(points := moved(curvePoints(line), back)) > 1)
    speeds = filled_speeds(surface, conduction(surface, lat, faces_within(surface, np.isfinite(lat))))
    return surface, lat, predict(surface, speeds, places, drawn)


def told(found: Prediction, compared: Agreement | None) -> str:
    """A prediction in words."""
    words = (
        f"Predicted: the wave takes {found.total_ms:.0f} ms; a model with the measured velocities, not a measurement."
    )
    if compared is None:
        return words
    return (
        f"{words} Against the measured map, the mean difference taken off: {compared.rmse_ms:.1f} ms (root mean "
        f"square), correlation {compared.correlation:.2f}, {compared.vertices} vertices. They can agree only "
        "where the site is that of the measured beat."
    )


def makeNode(
    nodes: EpNodes, surface: Surface, lat: np.ndarray, found: Prediction
) -> tuple[slicer.vtkMRMLModelNode, Agreement | None]:
    """The prediction as a model of the result, in place of an earlier one, and how it agrees with the measured map."""
    data = poly_data(surface)
    arrays = {PREDICTED: found.arrival_ms, COLOR: colors_of(found.arrival_ms, span_of(found.arrival_ms))}
    for title, values in arrays.items():
        array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
        array.SetName(title)
        data.GetPointData().AddArray(array)
    node = nodes.get(ROLE)
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", f"{nodes.result.shell} predicted")
        node.CreateDefaultDisplayNodes()
        node.SetAndObserveTransformNodeID(nodes.get("map").GetTransformNodeID())
        nodes.nodes[ROLE] = node
    node.SetAndObservePolyData(data)
    display = node.GetDisplayNode()
    display.SetActiveScalar(COLOR, vtk.vtkAssignAttribute.POINT_DATA)
    display.SetScalarVisibility(True)
    display.SetScalarRangeFlag(slicer.vtkMRMLDisplayNode.UseDirectMapping)
    both = np.isfinite(lat) & np.isfinite(found.arrival_ms)
    compared = agreement(lat, found.arrival_ms, np.isfinite(lat)) if both.sum() >= 3 else None
    node.SetAttribute(ATTRIBUTE, json.dumps(None if compared is None else asdict(compared)))
    return node, compared
