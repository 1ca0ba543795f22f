"""The Result section that every module can have: the answer, what limits it, a picture, a table, report and files."""

from __future__ import annotations

import html
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.errors import DeepMedError
from DeepMedLib.gui.exportFiles import exportFiles, exportReport
from DeepMedLib.gui.fittedText import showText
from DeepMedLib.gui.tables import showTable
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic
from DeepMedLib.mrml.results.resultNodes import AnyNodes
from DeepMedLib.remark import Gravity
from DeepMedLib.report.png import encode_png

PICTURE_PIXELS = 460
"""Largest side of the picture in the panel: a module panel is some 500 wide."""


class ResultPanel:
    """Shows one result.

    Args:
        ui: the panel's widgets, those of ``panel.ui``.
        logic: the module's Logic, which draws and writes.
        empty: what stands there without a result.
    """

    def __init__(self, ui: Any, logic: ModuleLogic, empty: str) -> None:
        self.ui, self._logic, self._empty = ui, logic, empty
        self.nodes: AnyNodes | None = None
        ui.reportButton.connect("clicked(bool)", self.onReport)
        ui.filesButton.connect("clicked(bool)", self.onFiles)
        self.show(None)

    def show(self, handle: slicer.vtkMRMLNode | None) -> None:
        """Show the result of a node; None, or a node that carries no result, empties the section."""
        self.nodes = nodes = self._logic.readResult(handle)
        shown = nodes.handle if nodes is not None else None
        showTable(self.ui.resultTable, shown if shown is not None and shown.IsA("vtkMRMLTableNode") else None)
        self.ui.reportButton.enabled = self.ui.filesButton.enabled = nodes is not None and nodes.volume is not None
        showText(
            self.ui.headlineText, self._empty if nodes is None else f"<b>{html.escape(nodes.result.headline())}</b>"
        )
        showText(self.ui.remarksText, "" if nodes is None else "<br>".join(self._draw(nodes) + _remarks(nodes)))
        if nodes is None:
            self.ui.pictureLabel.clear()
            self.ui.pictureLabel.visible = False

    def _draw(self, nodes: AnyNodes) -> list[str]:
        """Show the picture; returns why there is none."""
        self.ui.pictureLabel.clear()
        self.ui.pictureLabel.visible = False
        try:
            picture = self._logic.pictureOf(nodes, PICTURE_PIXELS)
        except DeepMedError as error:  # the input was edited so that it cannot be drawn any more
            return [_grave(str(error))]
        if picture is None:
            return [_grave(_("The input of this result was removed from the scene."))]
        # By way of a file: the one path from an array to a pixmap that is the same in every build of Slicer.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture.png"
            path.write_bytes(encode_png(np.ascontiguousarray(picture)))
            self.ui.pictureLabel.setPixmap(qt.QPixmap(str(path)))
        self.ui.pictureLabel.visible = True
        return []

    def onReport(self, _checked: bool = False) -> None:
        """Ask for a folder and write the report there."""
        nodes = self.nodes
        if nodes is not None:
            exportReport(lambda folder: self._logic.exportReport(nodes, folder))

    def onFiles(self, _checked: bool = False) -> None:
        """Ask for a folder and write every file of the result there."""
        nodes = self.nodes
        if nodes is not None:
            exportFiles(
                _("Folder for the files"),
                _("The files were not written."),
                lambda folder: self._logic.exportFiles(nodes, folder),
            )


def _grave(sentence: str) -> str:
    return f"<b>{html.escape(sentence)}</b>"


def _remarks(nodes: AnyNodes) -> list[str]:
    remarks, change = nodes.result.remarks, nodes.change()
    changed = [_grave(change)] if change else []
    return changed + [_grave(r.text) if r.gravity is Gravity.GRAVE else html.escape(r.text) for r in remarks]
