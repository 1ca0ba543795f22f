"""The sample scan: a trunk generated on this computer, with known truth and no download."""

from __future__ import annotations

from pathlib import Path

import slicer

from DeepMedLib.mrml.volumes import volumeFromArray

SEED = 3
NAME = "TrunkCTPhantom"


def phantom(seed: int = SEED):
    """The generated trunk itself, with its truth."""
    from DeepMedLib.ct.ct_phantom import trunk_phantom

    return trunk_phantom(seed)


def loadPhantom(seed: int = SEED) -> slicer.vtkMRMLScalarVolumeNode:
    """A generated trunk from the lung apices to the pelvis, in Hounsfield units."""
    made = phantom(seed)
    node = volumeFromArray(made.values, made.grid, NAME)
    node.CreateDefaultDisplayNodes()
    display = node.GetScalarVolumeDisplayNode()
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(400.0, 40.0)
    return node


def showPhantom() -> slicer.vtkMRMLScalarVolumeNode:
    """Load the phantom and show it in the slice views."""
    node = loadPhantom()
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


def registerSampleData(iconsFolder: str) -> None:
    """Add the tile to the Sample Data module."""
    import SampleData

    title = "CT phantoms"
    if hasattr(SampleData.SampleDataLogic, "registerCustomSampleDataCategory"):
        SampleData.SampleDataLogic.registerCustomSampleDataCategory("ScanCoverage", title=title)
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category="ScanCoverage",
        sampleName=NAME,
        thumbnailFileName=str(Path(iconsFolder) / "ScanCoverageTrunkPhantom.png"),
        uris=[],
        fileNames=[],
        nodeNames=[],
        customDownloader=lambda source: showPhantom(),
    )
