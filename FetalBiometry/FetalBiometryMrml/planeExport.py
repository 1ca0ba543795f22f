"""A measured picture outside the scene: the picture with what was found, and for DICOM pictures a structured report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.pictureNodes import dicomFileOf, pictureOf
from DeepMedLib.mrml.results.documents import writeDocuments
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.report.overlay import result_overlay
from FetalBiometryMrml.planeNodes import PlaneNodes


def overlayOf(nodes: PlaneNodes) -> np.ndarray:
    """(H, W, 3) uint8: the picture with outlines and calipers."""
    return result_overlay(pictureOf(nodes.volume, ULTRASOUND, nodes.result.frame).grey(), nodes.result)


def writeStructuredReport(nodes: PlaneNodes, folder: Path) -> list[Path]:
    """Write report.dcm when the picture came from DICOM and something was measured, see `writeDocuments`.

    Raises:
        DeepMedError: a package is missing or the folder cannot be written.
    """
    picture = pictureOf(nodes.volume, ULTRASOUND, nodes.result.frame)
    if picture.dicom is None or not nodes.result.vouched:
        return []
    from FetalBiometryLib.structured_report.picture_sr import result_entries
    from FetalBiometryLib.structured_report.writer import write_sr

    source = dicomFileOf(nodes.volume, picture)
    if source is None:
        raise BadInput("The DICOM file behind the picture has gone.", "Put it back, or report without DICOM.")
    path, entries = folder / "report.dcm", result_entries(nodes.result, picture)
    return writeDocuments(path.name, lambda: [write_sr(path, [source], entries, nodes.result.warnings())])
