"""Reports of an examination: HTML, PDF, pictures of the best planes and, for DICOM pictures, one structured report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from DeepMedLib.mrml.inputs.pictureNodes import dicomFileOf, pictureOf
from DeepMedLib.mrml.results.documents import writeDocuments
from DeepMedLib.mrml.results.resultFiles import writePicturesAndTables, writeReport
from DeepMedLib.picture.picture import Picture
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.report.contact_sheet import contact_sheet
from FetalBiometryLib.report.examination_report import examination_report
from FetalBiometryMrml.examinationNodes import ExaminationNodes
from FetalBiometryMrml.planeExport import overlayOf


def exportExamination(nodes: ExaminationNodes, folder: Path) -> list[Path]:
    """Write report.html and report.pdf, and report.dcm where pictures came from DICOM.

    Raises:
        DeepMedError: a package is missing or the folder cannot be written.
    """
    best = nodes.result.best
    overlays = {p.result.plane: overlayOf(p) for p in nodes.pictures if best.get(p.result.plane) is p.result}
    pictures = [(p, pictureOf(p.volume, ULTRASOUND, p.result.frame)) for p in nodes.pictures if p.result.vouched]
    measured = [(p.result, picture, dicomFileOf(p.volume, picture)) for p, picture in pictures]
    return writeExaminationFiles(nodes.result, overlays, measured, folder)


def exportFiles(nodes: ExaminationNodes, folder: Path) -> list[Path]:
    """Write the reports, overlay.png with the best pictures side by side, and the tables as CSV.

    Raises:
        DeepMedError: see `exportExamination`.
    """
    sheet = contact_sheet([overlayOf(picture) for picture in nodes.bestPictures()])
    return exportExamination(nodes, folder) + writePicturesAndTables(nodes.result, {"overlay": sheet}, folder)


def writeExaminationFiles(
    result: ExaminationResult,
    overlays: Mapping[str, np.ndarray],
    measured: Sequence[tuple[PictureResult, Picture, Path | None]],
    folder: Path,
) -> list[Path]:
    """The reports from plain values.

    Args:
        overlays: plane -> (H, W, 3) uint8 of its best picture.
        measured: each vouched result with its picture and the file it was read from.

    Raises:
        DeepMedError: see `exportExamination`.
    """
    files = writeReport(examination_report(result, overlays), folder)
    dicom = [(found, picture, path) for found, picture, path in measured if picture.dicom is not None and path]
    if not dicom:
        return files
    from FetalBiometryLib.structured_report.examination_sr import write_examination_sr
    from FetalBiometryLib.structured_report.picture_sr import result_entries

    entries = [entry for found, picture, _ in dicom for entry in result_entries(found, picture)]
    sources = list(dict.fromkeys(path for _, _, path in dicom))
    path = folder / "report.dcm"
    return files + writeDocuments(path.name, lambda: [write_examination_sr(path, sources, {"": (result, entries)})])
