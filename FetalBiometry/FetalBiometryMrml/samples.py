"""Sample pictures: phantoms generated on this computer, with known truth and no download."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import slicer

from DeepMedLib.mrml.volumes import volumeFromPicture
from DeepMedLib.provenance import Provenance
from FetalBiometryLib.head import HeadFinding
from FetalBiometryLib.head_result import HeadOptions, head_result
from FetalBiometryLib.phantom import head_phantom
from FetalBiometryLib.scale import Scale
from FetalBiometryMrml.headNodes import HeadNodes, writeHead
from FetalBiometryMrml.pictureNodes import setScale

SEED = 7
NAME = "FetalHeadPhantom"


def loadPhantom(seed: int = SEED) -> slicer.vtkMRMLVolumeNode:
    """A head still with its pixel size set; its true circumference is kept as an attribute."""
    phantom = head_phantom(seed)
    node = volumeFromPicture(phantom.picture, (phantom.spacing_mm, phantom.spacing_mm), NAME)
    setScale(node, Scale(phantom.spacing_mm, phantom.spacing_mm, "generated phantom", True))
    node.SetAttribute("DeepMed.TrueHC", f"{phantom.skull.perimeter * phantom.spacing_mm:.2f} mm")
    node.CreateDefaultDisplayNodes()
    return node


def registerSampleData(iconsFolder: str) -> None:
    """Add the tile to the Sample Data module."""
    import SampleData

    title = "Fetal ultrasound"
    if hasattr(SampleData.SampleDataLogic, "registerCustomSampleDataCategory"):
        SampleData.SampleDataLogic.registerCustomSampleDataCategory("FetalBiometry", title=title)
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category="FetalBiometry",
        sampleName=NAME,
        thumbnailFileName=str(Path(iconsFolder) / "FetalBiometryHeadPhantom.png"),
        uris=[],
        fileNames=[],
        nodeNames=[],
        customDownloader=lambda source: _show(loadPhantom()),
    )


def _show(node: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLVolumeNode:
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


def trueHead(node: slicer.vtkMRMLVolumeNode, seed: int = SEED) -> HeadNodes:
    """The phantom's true ellipse as an editable head: to learn dragging, and to test it without a network."""
    phantom = head_phantom(seed)
    finding = HeadFinding(phantom.skull, {"HC": 0.0, "BPD": 0.0, "OFD": 0.0}, None, False, "")
    height, width = phantom.picture.shape
    scale = Scale(phantom.spacing_mm, phantom.spacing_mm, "generated phantom", True)
    provenance = asdict(Provenance("phantom truth", "", "", "", ""))
    result = head_result(NAME, 0, 1, (width, height), finding, scale, HeadOptions(), provenance)
    return writeHead(node, result, (phantom.skull.mask(height, width) > 0).astype("uint8"))
