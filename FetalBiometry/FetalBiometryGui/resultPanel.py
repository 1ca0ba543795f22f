"""The Result section: numbers that follow the dragged lines, the cues in words, and the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from DeepMedLib.gui.exportFiles import exportReport
from DeepMedLib.mrml.nodes.markups import MarkupsObserver
from FetalBiometryMrml.planeNodes import RESULTS, PlaneNodes, changePlane, readPlane, refreshPlane


class ResultPanel:
    """Shows one measured picture and keeps its numbers in step with its lines.

    Args:
        ui: the panel's widgets.
        exportReport: writes the report of a result into a folder and returns the files.
        onChanged: called with a result that a person changed.
    """

    def __init__(
        self,
        ui: Any,
        exportReport: Callable[[PlaneNodes, Path], list[Path]],
        onChanged: Callable[[PlaneNodes], None],
    ) -> None:
        self.ui = ui
        self.nodes: PlaneNodes | None = None
        self._exportReport = exportReport
        self._onChanged = onChanged
        self._observer: MarkupsObserver | None = None
        ui.reportButton.connect("clicked(bool)", self.onReport)
        ui.acceptButton.connect("clicked(bool)", self.onAccept)
        self.show(None)

    def show(self, node: slicer.vtkMRMLNode | None) -> None:
        """Show the result of a table; None, or a table that is no result, empties the section."""
        self.close()
        self.nodes = readPlane(node)
        if self.nodes is not None:
            self._observer = MarkupsObserver(list(self.nodes.lines.values()), self._onDragged)
            self.nodes = refreshPlane(self.nodes)  # somebody may have changed it while it was not shown
            RESULTS.showOnly(self.nodes)
        self.refresh()

    def close(self) -> None:
        """Stop following; on scene close and when the module is left for good."""
        if self._observer is not None:
            self._observer.stop()
        self._observer = None
        self.nodes = None

    def change(self, **changes: Any) -> None:
        """Change scale or options of the shown result, e.g. ``change(scale=...)``."""
        if self.nodes is not None and self._observer is not None:
            with self._observer.paused():
                self.nodes = changePlane(self.nodes, replace(self.nodes.result, **changes))
            self.refresh()
            self._onChanged(self.nodes)

    def _onDragged(self, _node: slicer.vtkMRMLMarkupsNode) -> None:
        if self.nodes is not None:
            self.nodes = refreshPlane(self.nodes)
            self.refresh()
            self._onChanged(self.nodes)

    def onAccept(self, _checked: bool = False) -> None:
        """Take the shown proposal as it is."""
        self.change(accepted=True)

    def refresh(self) -> None:
        """Say what is measured, and what is to be known of it now."""
        nodes = self.nodes
        self.ui.resultsTable.setMRMLTableNode(nodes.table if nodes is not None else None)
        self.ui.reportButton.enabled = nodes is not None
        self.ui.acceptButton.enabled = _canAccept(nodes)
        if nodes is None:
            self.ui.reportButton.toolTip = _("Measure a picture first.")
            self.ui.qualityLabel.text = ""
            self.ui.summaryLabel.text = _("Nothing is measured yet.")
            return
        self.ui.reportButton.toolTip = _("Save the report as HTML and PDF, and as DICOM SR when the picture is DICOM.")
        result = nodes.result
        rows = [f"<b>{m.label or m.name}</b>&nbsp; {m.text(_digits(m.unit))}" for m in result.measurements()]
        rows = rows or [_("No number is given; drag the lines to measure by hand.")]
        self.ui.summaryLabel.text = "<br>".join([f"<i>{result.shape.title}</i>", *rows])
        by_person = result.edited or result.accepted
        change = nodes.change()
        sentences = ([change] if change else []) + result.warnings() + ([] if by_person else result.quality_sentences())
        if result.edited:
            sentences.append(_("No uncertainty is stated for lines placed by hand."))
        self.ui.qualityLabel.text = "\n".join(sentences)

    def onReport(self, _checked: bool = False) -> None:
        """Ask for a folder and write the report there."""
        nodes = self.nodes
        if nodes is not None:
            exportReport(lambda folder: self._exportReport(nodes, folder))


def _canAccept(nodes: PlaneNodes | None) -> bool:
    """A proposal of the model can be taken as it is; lines put there for a person to place cannot."""
    return nodes is not None and not nodes.result.by_hand and not nodes.result.vouched


def _digits(unit: str) -> int:
    """A ratio near 0.3 needs more digits than a length in mm."""
    return 2 if unit == "" else 1
