"""Reports of a measured picture: HTML, PDF and, for DICOM pictures, a structured report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.pictureNodes import dicomFileOf, pictureOf
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.report.overlay import result_overlay
from FetalBiometryLib.report.picture_report import picture_report
from FetalBiometryMrml.planeNodes import PlaneNodes


def overlayOf(nodes: PlaneNodes) -> np.ndarray:
    """(H, W, 3) uint8: the picture with outlines and calipers."""
    return result_overlay(pictureOf(nodes.volume, ULTRASOUND, nodes.result.frame).grey(), nodes.result)


def exportReport(nodes: PlaneNodes, folder: Path, overlay: np.ndarray | None = None) -> list[Path]:
    """Write report.html and report.pdf, and report.dcm when the picture came from DICOM.

    Args:
        overlay: as `overlayOf`, where it is there already.

    Raises:
        DeepMedError: a package is missing or the folder cannot be written.
    """
    from DeepMedLib.report.html import write_html
    from DeepMedLib.report.pdf import write_pdf

    folder.mkdir(parents=True, exist_ok=True)
    report = picture_report(nodes.result, overlayOf(nodes) if overlay is None else overlay)
    html, pdf = folder / "report.html", folder / "report.pdf"
    write_html(report, html)
    write_pdf(report, pdf)
    picture = pictureOf(nodes.volume, ULTRASOUND, nodes.result.frame)
    if picture.dicom is None or not nodes.result.vouched:
        return [html, pdf]
    from FetalBiometryLib.structured_report.picture_sr import result_entries
    from FetalBiometryLib.structured_report.writer import write_sr

    source = dicomFileOf(nodes.volume, picture)
    if source is None:
        raise BadInput("The DICOM file behind the picture has gone.", "Put it back, or report without DICOM.")
    sr = folder / "report.dcm"
    write_sr(sr, [source], result_entries(nodes.result, picture), nodes.result.warnings())
    return [html, pdf, sr]
