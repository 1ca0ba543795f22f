"""X-rays as volumes that stand where their detector stood, with their geometry."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import slicer

from DeepMedLib.dicom import begins_as_dicom
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.pictureNodes import addPicture, loadPicture, pictureOf
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.picture.picture import Origin, Picture
from DeepMedLib.remark import Gravity, Remark
from Registration2D3DLib.geometry.files import from_dicom
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.geometry.xray import XRAY

GEOMETRY_ATTRIBUTE = "DeepMed.XrayGeometry"
"""JSON of `View.to_dict`, and ``notes``, what it rests on."""


def loadXray(path: str | Path, view: View | None = None, frame: int | None = None) -> slicer.vtkMRMLVolumeNode:
    """Load an X-ray and stand it where its detector stood.

    :param view: its geometry; without one that of its DICOM header is taken where there is one.
    :param frame: index from 0, where there are several.
    :raises BadInput: it cannot be read, or the geometry is for another picture; the scene stays as it was.
    """
    with sceneTransaction():
        node = loadPicture(path, XRAY, frame)
        notes: tuple[str, ...] = ()
        if view is None and begins_as_dicom(Path(path)):
            try:
                view, notes = from_dicom(path)
            except BadInput:
                view = None  # the panel says that the geometry is missing when it is needed
        if view is not None:
            setGeometry(node, view, notes)
    return node


def xrayFromArray(pixels: np.ndarray, view: View, name: str) -> slicer.vtkMRMLVolumeNode:
    """An X-ray that was computed, with its geometry."""
    node = addPicture(Picture(pixels, Origin(name)))
    setGeometry(node, view)
    return node


def setGeometry(node: slicer.vtkMRMLVolumeNode, view: View, notes: tuple[str, ...] = ()) -> None:
    """Give an X-ray its geometry and stand it where its detector stood.

    :raises BadInput: the geometry is for a picture of another size.
    """
    columns, rows, _slices = node.GetImageData().GetDimensions()
    if (view.width, view.height) != (columns, rows):
        raise BadInput(
            f"{node.GetName()} has {columns} x {rows} pixels, its geometry {view.width} x {view.height}.",
            "Give the geometry of this picture.",
        )
    node.SetAttribute(GEOMETRY_ATTRIBUTE, json.dumps(view.to_dict() | {"notes": list(notes)}))
    stand(node, view, np.zeros(3))


def stand(node: slicer.vtkMRMLVolumeNode, view: View, center: np.ndarray) -> None:
    """Place a picture of a view's size on its detector; a distance that is not known is chosen beyond the object."""
    columns, rows, _slices = node.GetImageData().GetDimensions()
    plane = view.resized(columns, rows).plane(center)
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(plane))


def geometryOf(node: slicer.vtkMRMLVolumeNode) -> View:
    """The geometry of an X-ray.

    :raises BadInput: it has none.
    """
    text = node.GetAttribute(GEOMETRY_ATTRIBUTE)
    if not text:
        raise BadInput(
            f"{node.GetName()} has no geometry.",
            "Load its geometry.json or calibration file (button Geometry, or --geometry).",
        )
    return View.from_dict(json.loads(text))


def remarksOf(node: slicer.vtkMRMLVolumeNode) -> list[Remark]:
    """What the geometry rests on."""
    text = node.GetAttribute(GEOMETRY_ATTRIBUTE)
    return [Remark(note, Gravity.WARNING) for note in json.loads(text).get("notes", [])] if text else []


def grayOf(node: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """(h, w) float32 pixels of an X-ray.

    :raises BadInput: it is no picture.
    """
    return np.asarray(pictureOf(node, XRAY).grey(), np.float32)
