"""Lungs of a reading, with their densitometry, as DICOM beside its other files."""

from __future__ import annotations

from pathlib import Path

from DeepMedLib.dicom.segments import MORPHOLOGY, Writer
from DeepMedLib.mrml.results.dicomSegments import dicomSegment, exportDicomSegments
from LungTextureMrml.textureNodes import LUNGS, TextureNodes


def exportDicom(nodes: TextureNodes, folder: Path) -> list[Path]:
    """Write segmentation.dcm and report.dcm where the scan came from DICOM.

    Raises:
        DiskRefused: a file cannot be written.
    """
    result = nodes.result
    if nodes.volume is None or nodes.volume.GetScene() is None or nodes.get("lungs") is None:
        return []
    volumes = {item.name: item for item in result.measurements()}
    segments = {
        spec.id: dicomSegment(spec, measurements=(volumes[f"{spec.id}_ml"],), is_cut=bool(result.cut))
        for spec in LUNGS
        if f"{spec.id}_ml" in volumes
    }
    writer = Writer("LungTexture", MORPHOLOGY, "0", "LUNGS", ("LUNG_TEXTURE", "Lungs in CT"))
    return exportDicomSegments(folder, nodes.get("lungs"), nodes.volume, segments, writer, result.warnings())
