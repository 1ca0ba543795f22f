"""The picture and the reports of a scan that was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.volumes import gridFromVolume
from ScanCoverageLib.axial import axial_stack
from ScanCoverageLib.coverage_picture import LARGEST, coronal_view, coverage_picture, telling_picture
from ScanCoverageLib.coverage_report import coverage_report
from ScanCoverageMrml.coverageNodes import CoverageNodes

_SHOWN = 12  # slices of the picture of telling patches


def pictureOf(nodes: CoverageNodes, largest: int = LARGEST) -> np.ndarray | None:
    """(H, W, 3) uint8: the coronal view, ``largest`` pixels high or wide, with the colored bar.

    None when the volume has gone.
    """
    volumeNode = nodes.volume
    if volumeNode is None or volumeNode.GetScene() is None or volumeNode.GetImageData() is None:
        return None
    array, grid = slicer.util.arrayFromVolume(volumeNode), gridFromVolume(volumeNode)
    stack = axial_stack(array, grid, pixel_mm=1.2)  # finer than the network needs: this is looked at by people
    view, _mm = coronal_view(stack, largest)
    unread = "not judged" if nodes.result.abstained else "no body"
    return coverage_picture(view, list(nodes.result.slices), unread)


def tellingOf(nodes: CoverageNodes, models: Path, device: str = "auto") -> np.ndarray:
    """(H, W, 3) uint8: slices of the scan with the patches that told; runs the network in this process.

    Raises:
        DeepMedError: the model cannot be loaded.
    """
    from ScanCoverageLib.slice_inference import look_at_slices
    from ScanCoverageLib.slice_model import load_recognizer

    stack = axial_stack(slicer.util.arrayFromVolume(nodes.volume), gridFromVolume(nodes.volume))
    chosen = np.unique(np.linspace(0, len(stack.slices) - 1, _SHOWN).round().astype(int))
    answers = look_at_slices(load_recognizer(models, device), [stack.slices[i] for i in chosen], stack.aspect)
    seen = answers.seen
    return telling_picture(answers.pictures[seen], answers.telling[seen], answers.position[seen])


def exportReport(nodes: CoverageNodes, folder: Path, models: Path | None = None) -> list[Path]:
    """Write report.html and report.pdf; with ``models`` also telling.png.

    Raises:
        DeepMedError: the volume has gone, a package is missing, or the folder cannot be written.
    """
    from DeepMedLib.report.html import write_html
    from DeepMedLib.report.pdf import write_pdf
    from DeepMedLib.report.png import encode_png

    picture = pictureOf(nodes)
    if picture is None:
        raise BadInput("The scan of this result has gone.", "Load it again and read it anew.")
    telling = None if models is None else tellingOf(nodes, models)
    report = coverage_report(nodes.result, picture, telling)
    files = [folder / "report.html", folder / "report.pdf"]
    write_html(report, files[0])
    write_pdf(report, files[1])
    if telling is not None:
        files.append(folder / "telling.png")
        files[-1].write_bytes(encode_png(np.ascontiguousarray(telling)))
    return files
