"""Of a tracing: the film with the tracing drawn on it, a film that was made of a volume, and the report as DICOM."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from CephSketcherLib.film.lateral_film import LATERAL_FILM
from CephSketcherLib.report.overlay import ceph_overlay
from CephSketcherMrml.cephNodes import CephNodes
from CephSketcherMrml.projectionNodes import isProjection
from DeepMedLib.mrml.inputs.pictureNodes import dicomFileOf, displayOf, pictureOf
from DeepMedLib.mrml.results.documents import writeDocuments
from DeepMedLib.report.files import write_whole
from DeepMedLib.report.png import encode_png

LARGEST = 2400  # pixels of the overlay's longer side


def overlayOf(nodes: CephNodes, largest: int = LARGEST) -> np.ndarray | None:
    """(H, W, 3) uint8: the film with the tracing; None when the film has gone."""
    if nodes.volume is None or nodes.volume.GetScene() is None:
        return None
    return ceph_overlay(displayOf(nodes.volume, LATERAL_FILM), nodes.result, largest)


def exportFilm(nodes: CephNodes, folder: Path) -> list[Path]:
    """Write film.png where the film was made of a volume: no other file holds it."""
    if nodes.volume is None or not isProjection(nodes.volume):
        return []
    return [write_whole(folder / "film.png", encode_png(displayOf(nodes.volume, LATERAL_FILM)))]


def exportDicom(nodes: CephNodes, folder: Path) -> list[Path]:
    """Write report.dcm where the film came from DICOM and something was measured, see `writeDocuments`.

    Raises:
        DeepMedError: another film lies in the file's place by now, or the folder cannot be written.
    """
    source = dicomFileOf(nodes.volume, pictureOf(nodes.volume, LATERAL_FILM))
    if source is None or not nodes.result.measures:
        return []
    from CephSketcherLib.report.structured_report import write_structured_report

    path = folder / "report.dcm"
    return writeDocuments(path.name, lambda: [write_structured_report(nodes.result, source, path)])
