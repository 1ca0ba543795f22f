"""Fibers in the scene: what two or more maps of one shell, paced from different sites, say of the tissue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.results.transaction import sceneTransaction
from EPMappingLib.exports.shells import from_poly_data
from EPMappingLib.maps.measured import faces_within
from EPMappingLib.surface.projection import poly_data
from EPMappingLib.velocity.conduction import conduction
from EPMappingLib.velocity.fibers import Fibers, fibers
from EPMappingMrml.mapNodes import LAT, EpNodes

FIBER, ALONG, ACROSS = "Fiber", "CV_along_m_per_s", "CV_across_m_per_s"


def fiberModel(maps: Sequence[EpNodes]) -> tuple[slicer.vtkMRMLModelNode, Fibers]:
    """A model with the direction of the fibers and the velocities along and across them at each triangle.

    :param maps: of one shell, paced from different sites.
    :raises BadInput: fewer than two with activation, or not of the same shell; the scene stays as it was.
    """
    models = [model for nodes in maps if nodes.result.sites and (model := nodes.get("map")) is not None]
    if len(models) < 2:
        raise BadInput("Fibers need two maps of activation.", "Map the shell paced from two or more sites.")
    surfaces = [from_poly_data(model.GetPolyData(), model.GetName())[0] for model in models]
    first = surfaces[0]
    for surface in surfaces[1:]:
        if not np.array_equal(surface.faces, first.faces) or not np.allclose(surface.vertices, first.vertices):
            raise BadInput("The maps lie on different shells.", "Choose maps of one shell.")
    waves = []
    for model in models:
        lat = np.array(vtk_to_numpy(model.GetPolyData().GetPointData().GetArray(LAT)), float)
        waves.append(conduction(first, lat, faces_within(first, np.isfinite(lat))))
    found = fibers(first, waves)
    if not found.known.any():
        raise BadInput("The waves come from too few directions to tell fibers.", "Pace from sites farther apart.")
    data = poly_data(first)
    for title, values in ((FIBER, found.directions), (ALONG, found.along), (ACROSS, found.across)):
        array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
        array.SetName(title)
        data.GetCellData().AddArray(array)
    with sceneTransaction():
        name = slicer.mrmlScene.GenerateUniqueName(f"{maps[0].result.shell} fibers")
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", name)
        node.SetAndObservePolyData(data)
        node.CreateDefaultDisplayNodes()
        node.GetDisplayNode().SetActiveScalar(ALONG, vtk.vtkAssignAttribute.CELL_DATA)
        node.GetDisplayNode().SetScalarVisibility(True)
        node.SetAndObserveTransformNodeID(models[0].GetTransformNodeID())
    return node, found


def told(found: Fibers, maps: int) -> str:
    """The fibers in words."""
    known = found.known
    low, ratio, high = np.quantile(found.ratio[known], (0.25, 0.5, 0.75))
    return (
        f"Fibers from {maps} maps at {100 * known.mean():.0f} % of the triangles: along "
        f"{np.median(found.along[known]):.2f} m/s, across {np.median(found.across[known]):.2f} m/s (medians), ratio "
        f"{ratio:.2f} (quartiles {low:.2f} to {high:.2f})."
    )
