"""Files that only this module writes: label volumes with our ids, and DICOM where the scan came from DICOM."""

from __future__ import annotations

import io
from pathlib import Path

from DeepMedLib.dicom.segments import ARTIFICIAL_INTELLIGENCE, Writer
from DeepMedLib.disk import writing
from DeepMedLib.geometry import to_sitk
from DeepMedLib.mrml.inputs.volumes import gridFromVolume
from DeepMedLib.mrml.results.dicomSegments import dicomSegment, exportDicomSegments
from DeepMedLib.report.files import write_whole
from PancreasSegLib.organs_result import SliceResult
from PancreasSegMrml.organNodes import OrganNodes, labelsOf, segmentsOf

_PROCEDURE = ("ORGAN_VOLUMES", "Abdominal organs in CT")


def exportLabels(nodes: OrganNodes, folder: Path) -> list[Path]:
    """Write labels.nii.gz on the scan's grid, or labels.png as a slice picture lies.

    Raises:
        DiskRefused: the file cannot be written.
    """
    labels = labelsOf(nodes)
    if labels is None:
        return []
    if isinstance(nodes.result, SliceResult):
        from PIL import Image

        stream = io.BytesIO()
        Image.fromarray(labels[0]).save(stream, "PNG")
        return [write_whole(folder / "labels.png", stream.getvalue())]
    import SimpleITK as sitk

    path = folder / "labels.nii.gz"
    with writing(path):
        sitk.WriteImage(to_sitk(labels, gridFromVolume(nodes.volume)), str(path), useCompression=True)
    return [path]


def exportDicom(nodes: OrganNodes, folder: Path) -> list[Path]:
    """Write segmentation.dcm and report.dcm of the organs of a CT that came from DICOM.

    Raises:
        DiskRefused: a file cannot be written.
    """
    result = nodes.result
    if isinstance(result, SliceResult) or nodes.volume is None or nodes.volume.GetScene() is None:
        return []
    specs = {spec.id: spec for spec in segmentsOf(result)}
    segments = {
        organ.key: dicomSegment(
            specs[organ.key],
            measurements=(organ.measurement(),),
            is_cut=organ.state == "cut",
            remarks=organ.doubts,
        )
        for organ in result.found()
    }
    writer = Writer(
        "PancreasSeg",
        ARTIFICIAL_INTELLIGENCE,
        result.provenance.get("sha256", "")[:16],
        "ABDOMINAL_ORGANS",
        _PROCEDURE,
    )
    return exportDicomSegments(folder, nodes.get("segmentation"), nodes.volume, segments, writer, result.warnings())
