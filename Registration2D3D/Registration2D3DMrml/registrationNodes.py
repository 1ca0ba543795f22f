"""A registration in the scene: the pose above its object, sources, and DRRs on the detectors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer

from DeepMedLib.geometry import transform_points
from DeepMedLib.mrml.inputs.volumes import volumeFromPicture
from DeepMedLib.mrml.nodes.tables import tableNode
from DeepMedLib.mrml.nodes.transforms import linearTransformNode
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from Registration2D3DLib.registration_result import RegistrationResult
from Registration2D3DLib.report.pictures import blend, checkerboard, edges, shown
from Registration2D3DMrml.xrayNodes import geometryOf, grayOf, stand

RESULTS = ResultKind("Registration2D3D", RegistrationResult, handle="registration", folder="registration")
RegistrationNodes = ResultNodes[RegistrationResult]
_LARGEST = 768


def makeNodes(
    xrays: list[slicer.vtkMRMLVolumeNode],
    objectNode: slicer.vtkMRMLTransformableNode,
    result: RegistrationResult,
    drrs: Mapping[str, np.ndarray],
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh registration, by role; none but the table where it failed."""
    name = f"{objectNode.GetName()} on {xrays[0].GetName()}"
    nodes: dict[str, slicer.vtkMRMLNode] = {"registration": tableNode(result.table("registration"), f"{name} verdict")}
    if result.matrix is None:
        return nodes
    matrix = np.array(result.matrix)
    center = transform_points(matrix, np.array(result.center))
    nodes["pose"] = linearTransformNode(matrix, f"{name} pose")
    sources = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", f"{name} sources")
    sources.CreateDefaultDisplayNodes()
    for number, xray in enumerate(xrays):
        view = geometryOf(xray)
        stand(xray, view, center)
        drr = volumeFromPicture(np.asarray(drrs[f"drr_{number}"]), None, f"{name} DRR {number + 1}")
        stand(drr, view, center)
        drr.CreateDefaultDisplayNodes()
        nodes[f"drr.{number}"] = drr
        sources.AddControlPoint(view.source.tolist(), f"source {number + 1}")
    sources.SetLocked(True)
    nodes["sources"] = sources
    objectNode.SetAndObserveTransformNodeID(nodes["pose"].GetID())
    return nodes


def _pair(nodes: RegistrationNodes, number: int, largest: int | None) -> tuple[np.ndarray, np.ndarray | None] | None:
    """(h, w) uint8 of an X-ray, dense parts bright, and of its DRR; None when the X-ray has gone."""
    xray = nodes.volume if number == 0 else nodes.inputs.get(f"xray.{number}")
    if xray is None or xray.GetScene() is None or xray.GetImageData() is None:
        return None
    pixels = grayOf(xray) * (-1 if nodes.result.dark else 1)
    scale = min(1.0, (largest or _LARGEST) / max(pixels.shape))
    shape = (max(1, round(scale * pixels.shape[0])), max(1, round(scale * pixels.shape[1])))
    drr = nodes.get(f"drr.{number}")
    return shown(pixels, shape), None if drr is None else shown(slicer.util.arrayFromVolume(drr)[0], shape)


def pictureOf(nodes: RegistrationNodes, largest: int | None) -> np.ndarray | None:
    """(h, w, 3) uint8: each X-ray beside itself with the edges of its DRR, one below another; None without one."""
    rows = []
    for number in range(len(nodes.result.views)):
        pair = _pair(nodes, number, None if largest is None else largest // 2)
        if pair is None:
            break
        xray, drr = pair
        plain = np.repeat(xray[..., None], 3, 2)
        rows.append(plain if drr is None else np.hstack([plain, edges(xray, drr)]))
    if not rows:
        return None
    width = min(row.shape[1] for row in rows)
    return np.vstack([row[:, :width] for row in rows])


def morePictures(nodes: RegistrationNodes) -> dict[str, np.ndarray]:
    """DRR, blend and checkerboard of the first X-ray, where there is a pose."""
    pair = _pair(nodes, 0, None)
    if pair is None or pair[1] is None:
        return {}
    xray, drr = pair
    assert drr is not None
    return {
        "drr": np.repeat(drr[..., None], 3, 2),
        "blend": blend(xray, drr),
        "checkerboard": checkerboard(xray, drr),
    }
