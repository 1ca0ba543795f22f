"""Sample pictures: phantoms generated on this computer, with known truth and no download."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import slicer

from DeepMedLib.mrml.inputs.pictureNodes import setScale
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.mrml.inputs.volumes import volumeFromPicture
from DeepMedLib.picture.scale import Scale
from DeepMedLib.provenance import Provenance
from FetalBiometryLib.phantom.examination import PhantomPicture, examination_phantom
from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.picture.ultrasound import picture_from_array
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryMrml.planeNodes import PlaneNodes, writePlane

SEED = 7
EXAMINATION_SEED = 25
NAME = "FetalHeadPhantom"
EXAMINATION_NAME = "FetalExaminationPhantoms"
TRUTH_ATTRIBUTE = "DeepMed.Truth"


def loadPhantom(seed: int = SEED) -> slicer.vtkMRMLVolumeNode:
    """A head still with its pixel size set; its true circumference is kept as an attribute."""
    phantom = head_phantom(seed)
    node = _volume(phantom.picture, phantom.spacing_mm, NAME)
    node.SetAttribute("DeepMed.TrueHC", f"{phantom.skull.perimeter * phantom.spacing_mm:.2f} mm")
    return node


def loadExamination(seed: int = EXAMINATION_SEED) -> list[slicer.vtkMRMLVolumeNode]:
    """Head, abdomen, femur and thorax of one fetus with their pixel sizes set."""
    return [loadPhantomPicture(phantom) for phantom in examination_phantom(seed)]


def loadPhantomPicture(phantom: PhantomPicture) -> slicer.vtkMRMLVolumeNode:
    """One picture of `examination_phantom`; its truth is kept as an attribute."""
    node = _volume(phantom.picture, phantom.spacing_mm, f"Fetal{phantom.plane.capitalize()}Phantom")
    node.SetAttribute(TRUTH_ATTRIBUTE, json.dumps(dict(phantom.truth)))
    return node


def trueValues(node: slicer.vtkMRMLVolumeNode) -> Mapping[str, float]:
    """Name of a measure -> its true value in mm, mm2, degrees or as a ratio."""
    values: dict[str, float] = json.loads(node.GetAttribute(TRUTH_ATTRIBUTE) or "{}")
    return values


def _volume(picture: np.ndarray, spacing: float, name: str) -> slicer.vtkMRMLVolumeNode:
    node = volumeFromPicture(picture, (spacing, spacing), slicer.mrmlScene.GenerateUniqueName(name))
    setScale(node, Scale(spacing, spacing, "generated phantom", True))
    node.CreateDefaultDisplayNodes()
    return node


def registerSampleData(iconsFolder: str) -> None:
    """Add the tiles to the Sample Data module."""
    title, thumbnail = "Fetal ultrasound", Path(iconsFolder) / "FetalBiometryHeadPhantom.png"
    registerSample("FetalBiometry", title, NAME, thumbnail, lambda: _show([loadPhantom()]))
    registerSample("FetalBiometry", title, EXAMINATION_NAME, thumbnail, lambda: _show(loadExamination()))


def _show(nodes: list[slicer.vtkMRMLVolumeNode]) -> slicer.vtkMRMLVolumeNode:
    slicer.util.setSliceViewerLayers(background=nodes[0], fit=True)
    return nodes[0]


def trueHead(node: slicer.vtkMRMLVolumeNode, seed: int = SEED) -> PlaneNodes:
    """The phantom's true ellipse as an editable head: to learn dragging, and to test it without a network."""
    phantom = head_phantom(seed)
    sds = {"HC": 0.0, "BPD": 0.0, "OFD": 0.0}
    finding = Finding("head", {"HC": phantom.skull}, {}, sds, {}, (), False, "")
    height, width = phantom.picture.shape
    scale = Scale(phantom.spacing_mm, phantom.spacing_mm, "generated phantom", True)
    provenance = asdict(Provenance("phantom truth", "", "", "", ""))
    picture = picture_from_array(phantom.picture, name=NAME)
    result = PictureResult.of(picture, finding, scale, MeasureOptions(), provenance)
    return writePlane(node, result, (phantom.skull.mask(height, width) > 0).astype("uint8"))
