"""Reports of a measured head: HTML, PDF and, for DICOM pictures, a structured report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from FetalBiometryLib.head_report import head_report
from FetalBiometryLib.overlay import head_overlay
from FetalBiometryMrml.headNodes import HeadNodes
from FetalBiometryMrml.pictureNodes import pictureOf, sourceFile


def overlayOf(nodes: HeadNodes) -> np.ndarray:
    """(H, W, 3) uint8: the picture with outline and calipers."""
    return head_overlay(pictureOf(nodes.volume, nodes.result.frame).grey(), nodes.result)


def exportReport(nodes: HeadNodes, folder: Path) -> list[Path]:
    """Write report.html and report.pdf, and report.dcm when the picture came from DICOM.

    Raises:
        DeepMedError: a package is missing or the folder cannot be written.
    """
    from DeepMedLib.report.html import write_html
    from DeepMedLib.report.pdf import write_pdf

    report = head_report(nodes.result, overlayOf(nodes))
    html, pdf = folder / "report.html", folder / "report.pdf"
    write_html(report, html)
    write_pdf(report, pdf)
    picture = pictureOf(nodes.volume, nodes.result.frame)
    if picture.dicom is None or not nodes.result.vouched:
        return [html, pdf]
    from FetalBiometryLib.head_sr import head_entries
    from FetalBiometryLib.structured_report import write_sr

    source = sourceFile(nodes.volume)
    if source is None:
        raise BadInput("The DICOM file behind the picture has gone.", "Put it back, or report without DICOM.")
    sr = folder / "report.dcm"
    write_sr(sr, [source], head_entries(nodes.result, picture), nodes.result.warnings())
    return [html, pdf, sr]
