"""The files of a result: pictures, report, tables, and its nodes as Slicer saves them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from DeepMedLib.disk import writing
from DeepMedLib.errors import DeepMedError
from DeepMedLib.mrml.results.resultNodes import AnyNodes
from DeepMedLib.report.files import write_whole
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import Result


def writeReport(report: Report, folder: Path) -> list[Path]:
    """Write report.html and report.pdf; the folder is made when absent.

    Raises:
        DeepMedError: a package is missing or the folder cannot be written.
    """
    from DeepMedLib.report.html import write_html
    from DeepMedLib.report.pdf import write_pdf

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    html, pdf = folder / "report.html", folder / "report.pdf"
    write_html(report, html)
    write_pdf(report, pdf)
    return [html, pdf]


def writeFiles(
    nodes: AnyNodes,
    pictures: Mapping[str, np.ndarray],
    files: Mapping[str, str],
    folder: Path,
) -> list[Path]:
    """Write pictures and tables, see `writePicturesAndTables`, and nodes.

    Args:
        files: file name of a role, or of a group of roles that share one markups file.

    Raises:
        DeepMedError: a file could not be written.
    """
    folder = folder.absolute()  # MRML takes a relative file name as relative to the scene's folder, not to ours
    written = writePicturesAndTables(nodes.result, pictures, folder)
    for role, name in files.items():
        node, group = nodes.get(role), list(nodes.group(role).values())
        if node is not None:
            written.append(saveNode(node, folder / name))
        elif group:
            written.append(saveTogether(group, folder / name))
    return written


def writePicturesAndTables(result: Result, pictures: Mapping[str, np.ndarray], folder: Path) -> list[Path]:
    """Write every picture as ``<name>.png`` and every table of a result as ``<name>.csv``.

    Args:
        pictures: (H, W, 3) uint8 by name.

    Raises:
        DeepMedError: a file could not be written.
    """
    from DeepMedLib.report.png import encode_png

    written = []
    for name, pixels in pictures.items():
        written.append(write_whole(folder / f"{name}.png", encode_png(np.ascontiguousarray(pixels))))
    for table in result.tables():
        if table.in_file:
            written.append(write_whole(folder / f"{table.name}.csv", table.csv().encode()))
    return written


def saveNode(node: slicer.vtkMRMLStorableNode, path: Path) -> Path:
    """Save a node under a file name; the node itself keeps the file that it came from.

    Raises:
        DeepMedError: it could not be written.
    """
    _write(node, path)
    return path


def saveTogether(nodes: list[Any], path: Path) -> Path:
    """Several markups as one file, which Slicer reads as several nodes.

    Raises:
        DeepMedError: the file could not be written.
    """
    records = []
    with tempfile.TemporaryDirectory() as scratch:
        for index, node in enumerate(nodes):
            part = Path(scratch) / f"{index}.mrk.json"
            _write(node, part)
            records.append(json.loads(part.read_text(encoding="utf-8")))
    markups = [
        {"name": node.GetName(), **markup}
        for node, record in zip(nodes, records, strict=True)
        for markup in record["markups"]
    ]
    return write_whole(path, json.dumps({**records[0], "markups": markups}, indent=4).encode())


def _write(node: Any, path: Path) -> None:
    storage = node.CreateDefaultStorageNode()
    storage.UnRegister(None)
    storage.SetFileName(str(path))
    if not storage.WriteData(node):
        raise DeepMedError(f"{path.name} could not be written.", "Check the space on the disk and the permissions.")
