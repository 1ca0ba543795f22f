"""Lungs and airways of a reading as DICOM, beside its other files."""

from __future__ import annotations

from pathlib import Path

from DeepMedLib.ct.regions.verdicts import CUT, OWN
from DeepMedLib.dicom.segments import MORPHOLOGY, Writer
from DeepMedLib.mrml.nodes.lungSegments import LUNG_SEGMENTS
from DeepMedLib.mrml.results.dicomSegments import dicomSegment, exportDicomSegments
from ScanCoverageMrml.coverageNodes import CoverageNodes


def exportDicom(nodes: CoverageNodes, folder: Path) -> list[Path]:
    """Write segmentation.dcm and report.dcm where the scan came from DICOM and lungs were asked for.

    Raises:
        DiskRefused: a file cannot be written.
    """
    result = nodes.result
    if nodes.volume is None or nodes.get("masks") is None:
        return []
    volumes = {item.label.lower(): item for item in result.measurements()}
    verdicts = {verdict.name.lower(): verdict for verdict in result.verdicts if verdict.kind == OWN}
    segments = {}
    for spec in LUNG_SEGMENTS:
        volume, verdict = volumes[spec.name.lower()], verdicts[spec.name.lower()]
        segments[spec.id] = dicomSegment(spec, measurements=(volume,), is_cut=verdict.state == CUT)
    return exportDicomSegments(
        folder,
        nodes.get("masks"),
        nodes.volume,
        segments,
        Writer("ScanCoverage", MORPHOLOGY, "0", "LUNGS", ("LUNG_VOLUMES", "Lungs and airways in CT")),
        result.warnings(),
    )
