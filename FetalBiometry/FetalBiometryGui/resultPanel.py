"""The Result section: numbers that follow the dragged axes, the cues in words, and the report."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.mrml.markups import MarkupsObserver
from FetalBiometryMrml.headNodes import HeadNodes, changeHead, readHead, refreshHead


class ResultPanel:
    """Shows one head and keeps its numbers in step with its axis lines.

    Args:
        ui: the panel's widgets.
        exportReport: writes the report of a head into a folder and returns the files.
    """

    def __init__(self, ui: Any, exportReport: Callable[[HeadNodes, Path], list[Path]]) -> None:
        self.ui = ui
        self.nodes: HeadNodes | None = None
        self._exportReport = exportReport
        self._observer: MarkupsObserver | None = None
        ui.reportButton.connect("clicked(bool)", self.onReport)
        self.show(None)

    def show(self, curveNode: slicer.vtkMRMLMarkupsClosedCurveNode | None) -> None:
        """Show the head of a curve; None, or a curve that is no head, empties the section."""
        self.close()
        self.nodes = readHead(curveNode)
        if self.nodes is not None:
            lines = [line for line in (self.nodes.ofd, self.nodes.bpd) if line is not None]
            self._observer = MarkupsObserver(lines, self._onDragged)
        self._refresh()

    def close(self) -> None:
        """Stop following; on scene close and when the module is left for good."""
        if self._observer is not None:
            self._observer.stop()
        self._observer = None
        self.nodes = None

    def change(self, **changes: Any) -> None:
        """Change scale or options of the shown head, e.g. ``change(scale=...)``."""
        if self.nodes is not None and self._observer is not None:
            with self._observer.paused():
                self.nodes = changeHead(self.nodes, replace(self.nodes.result, **changes))
            self._refresh()

    def _onDragged(self, _node: slicer.vtkMRMLMarkupsNode) -> None:
        if self.nodes is not None:
            self.nodes = refreshHead(self.nodes)
            self._refresh()

    def _refresh(self) -> None:
        nodes = self.nodes
        self.ui.resultsTable.setMRMLTableNode(nodes.table if nodes is not None else None)
        self.ui.reportButton.enabled = nodes is not None
        if nodes is None:
            self.ui.reportButton.toolTip = _("Measure a head first.")
            self.ui.qualityLabel.text = ""
            self.ui.summaryLabel.text = _("No head is measured yet.")
            return
        self.ui.reportButton.toolTip = _("Save the report as HTML and PDF, and as DICOM SR when the picture is DICOM.")
        result = nodes.result
        rows = [f"<b>{m.name}</b>&nbsp; {m.text()}" for m in result.measurements()]
        self.ui.summaryLabel.text = "<br>".join(rows) or _("No number is given; drag the lines to measure by hand.")
        sentences = result.warnings() + ([] if result.edited else result.quality_sentences())
        if result.edited:
            sentences.append(_("The axes were placed by hand; no uncertainty is stated for them."))
        self.ui.qualityLabel.text = "\n".join(sentences)

    def onReport(self, _checked: bool = False) -> None:
        """Ask for a folder and write the report there."""
        if self.nodes is None:
            return
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for the report"))
        if not folder:
            return
        with slicer.util.tryWithErrorDisplay(_("The report was not written."), waitCursor=True):
            files = self._exportReport(self.nodes, Path(folder))
            logging.info(f"Fetal biometry: report written to {folder}")
            slicer.util.showStatusMessage(_("Report written: {files}").format(files=", ".join(f.name for f in files)))
