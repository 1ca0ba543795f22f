"""Files of a tracing: report, tables, markups, and the film with the tracing drawn on it."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import slicer

from CephSketcherLib.film.lateral_film import LATERAL_FILM
from CephSketcherLib.report.csv_text import measures_csv
from CephSketcherLib.report.overlay import ceph_overlay
from CephSketcherLib.tracing.result import CephResult
from CephSketcherMrml.cephNodes import CephNodes
from DeepMedLib.errors import DeepMedError
from DeepMedLib.mrml.pictureNodes import displayOf
from DeepMedLib.report.files import write_whole

LANDMARK_COLUMNS = ("name", "x_px", "y_px", "sd_mm", "sd_px", "confidence", "check_first", "edited", "source")


def overlayOf(nodes: CephNodes) -> np.ndarray:
    """(H, W, 3) uint8: the film with the tracing."""
    return ceph_overlay(displayOf(nodes.volume, LATERAL_FILM), nodes.result)


def exportReport(nodes: CephNodes, folder: Path) -> list[Path]:
    """Write report.html and report.pdf.

    Raises:
        DeepMedError: a package is missing or the folder cannot be written.
    """
    from CephSketcherLib.report.reports import ceph_report
    from DeepMedLib.report.html import write_html
    from DeepMedLib.report.pdf import write_pdf

    report = ceph_report(nodes.result, overlayOf(nodes))
    html, pdf = folder / "report.html", folder / "report.pdf"
    write_html(report, html)
    write_pdf(report, pdf)
    return [html, pdf]


def exportFiles(nodes: CephNodes, folder: Path) -> list[Path]:
    """Write landmarks.csv, measurements.csv, landmarks.mrk.json, outlines.mrk.json and overlay.png.

    Raises:
        DeepMedError: the folder cannot be written.
    """
    from DeepMedLib.report.png import encode_png

    folder = Path(folder).absolute()  # MRML takes a relative name as relative to the scene's folder
    written = [write_whole(folder / "overlay.png", encode_png(overlayOf(nodes)))]
    if nodes.landmarks is None:
        return written
    written.append(write_whole(folder / "landmarks.csv", landmarksCsv(nodes.result).encode()))
    written.append(write_whole(folder / "measurements.csv", measures_csv(nodes.result.measures).encode()))
    written.append(folder / "landmarks.mrk.json")
    _save(nodes.landmarks, written[-1])
    if nodes.curves:
        written.append(folder / "outlines.mrk.json")
        _saveTogether(list(nodes.curves.values()), written[-1])
    return written


def landmarksCsv(result: CephResult) -> str:
    """All landmarks in the film's own pixels; what is not known is an empty field."""
    rows = [
        (
            point.symbol,
            point.x,
            point.y,
            result.sd_mm(point),
            point.sd,
            None if point.edited else point.confidence,
            int(point.flagged),
            int(point.edited),
            point.source,
        )
        for point in result.points
    ]
    return _csv(LANDMARK_COLUMNS, rows)


def _csv(columns: tuple[str, ...], rows: list[tuple]) -> str:  # type: ignore[type-arg]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if v is None else f"{v:.6g}" if isinstance(v, float) else str(v) for v in row])
    return stream.getvalue()


def _save(node: slicer.vtkMRMLMarkupsNode, path: Path) -> None:
    if not slicer.util.saveNode(node, str(path), {}):
        raise DeepMedError(f"{path.name} could not be written.", "Check the space on the disk and the permissions.")


def _saveTogether(nodes: list[slicer.vtkMRMLMarkupsNode], path: Path) -> None:
    """Several markups as one file, which Slicer reads as several nodes."""
    records = []
    with tempfile.TemporaryDirectory() as scratch:
        for index, node in enumerate(nodes):
            part = Path(scratch) / f"{index}.mrk.json"
            storage = node.CreateDefaultStorageNode()  # not the node's own: its file name must not point to scratch
            storage.UnRegister(None)
            storage.SetFileName(str(part))
            if not storage.WriteData(node):
                raise DeepMedError(f"{path.name} could not be written.", "Check the space on the disk.")
            records.append(json.loads(part.read_text(encoding="utf-8")))
    whole = dict(records[0])
    whole["markups"] = [
        {**markup, "name": node.GetName()} if "name" not in markup else markup
        for node, record in zip(nodes, records, strict=True)
        for markup in record["markups"]
    ]
    write_whole(path, json.dumps(whole, indent=4).encode())
