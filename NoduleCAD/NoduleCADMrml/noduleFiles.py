"""Files that only this module writes: LUNA16's list of marks, and DICOM where the scan came from DICOM."""

from __future__ import annotations

from pathlib import Path

from DeepMedLib.dicom.segments import ARTIFICIAL_INTELLIGENCE, Writer
from DeepMedLib.mrml.results.dicomSegments import dicomSegment, exportDicomSegments
from DeepMedLib.report.files import write_whole
from NoduleCADLib.mark import REJECTED
from NoduleCADLib.report.luna_csv import luna_csv
from NoduleCADMrml.noduleNodes import NoduleNodes, segmentOf


def exportMarks(nodes: NoduleNodes, folder: Path) -> list[Path]:
    """Write marks.csv: all marks of the scan, not only those shown.

    Raises:
        DiskRefused: the file cannot be written.
    """
    return [write_whole(folder / "marks.csv", luna_csv(nodes.result.scan, nodes.result.marks).encode())]


def exportDicom(nodes: NoduleNodes, folder: Path) -> list[Path]:
    """Write segmentation.dcm and report.dcm of the marks shown that were not rejected.

    Raises:
        DiskRefused: a file cannot be written.
    """
    result = nodes.result
    if nodes.volume is None or nodes.volume.GetScene() is None:
        return []
    segments = {
        mark.key: dicomSegment(
            segmentOf(mark),
            measurements=mark.measurements(),
            remarks=(f"Score {mark.score:.2f}, {mark.decision or 'not judged'}, {mark.kind}, {mark.location}.",),
        )
        for mark in result.shown()
        if mark.outlined and mark.decision != REJECTED
    }
    writer = Writer(
        "NoduleCAD",
        ARTIFICIAL_INTELLIGENCE,
        result.provenance.get("sha256", "")[:16],
        "LUNG_NODULES",
        ("NODULE_MARKS", "Lung nodule marks in CT"),
    )
    return exportDicomSegments(folder, nodes.get("outlines"), nodes.volume, segments, writer, result.warnings())
