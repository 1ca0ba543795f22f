"""Tiles of the Sample Data module whose data are generated, not downloaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import slicer


def registerSample(
    moduleName: str, title: str, sampleName: str, thumbnail: str | Path, show: Callable[[], slicer.vtkMRMLNode]
) -> None:
    """Add a tile.

    Args:
        moduleName: the module's name, which is the category.
        title: what the category is called, where this Slicer can say it.
        sampleName: what the tile says.
        thumbnail: its picture.
        show: makes the data, shows them and returns the node.
    """
    import SampleData

    if hasattr(SampleData.SampleDataLogic, "registerCustomSampleDataCategory"):
        SampleData.SampleDataLogic.registerCustomSampleDataCategory(moduleName, title=title)
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=moduleName,
        sampleName=sampleName,
        thumbnailFileName=str(thumbnail),
        uris=[],
        fileNames=[],
        nodeNames=[],
        customDownloader=lambda source: show(),
    )
