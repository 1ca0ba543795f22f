"""The Result section: points to check, what the measures say, and a table that follows every drag."""

from __future__ import annotations

from html import escape
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from CephSketcherGui.measuresView import MeasuresView
from CephSketcherLib.analysis.interpretation import Reading
from CephSketcherMrml.cephNodes import CephNodes, movedByHand, readCeph
from DeepMedLib.gui.exportFiles import exportFiles, exportReport
from DeepMedLib.mrml.markups import MarkupsObserver
from DeepMedLib.mrml.pictureNodes import scaleSet

_FOLLOW_AFTER_MILLISECONDS = 150


class ResultPanel:
    """Shows one tracing and keeps outlines and measures in step with what the user drags.

    Args:
        ui: the panel's widgets.
        logic: CephSketcherLogic.
    """

    def __init__(self, ui: Any, logic: Any) -> None:
        self.ui = ui
        self.nodes: CephNodes | None = None
        self._logic = logic
        self._observer: MarkupsObserver | None = None
        self._touched: list[slicer.vtkMRMLMarkupsNode] = []
        self._table = MeasuresView(ui.measuresTable, ui.analysisComboBox)
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FOLLOW_AFTER_MILLISECONDS)
        self._timer.connect("timeout()", self.follow)
        ui.goToButton.connect("clicked(bool)", self.onGoTo)
        ui.confirmButton.connect("clicked(bool)", self.onConfirm)
        ui.reportButton.connect("clicked(bool)", self.onReport)
        ui.exportButton.connect("clicked(bool)", self.onExport)
        self.show(None)

    def show(self, landmarksNode: slicer.vtkMRMLMarkupsFiducialNode | None) -> None:
        """Show the tracing of a landmark list; None, or a list that is no tracing, empties the section."""
        self.close()
        self.nodes = readCeph(landmarksNode)
        self._observe()
        if self.nodes is not None:
            scale = scaleSet(self.nodes.volume)
            if scale is not None and scale != self.nodes.result.scale:  # set while another tracing was shown
                self.change(scale=scale)
            self._touched = self.nodes.markups()  # what was dragged while nobody watched
            self.follow()
        self._refresh()

    def close(self) -> None:
        """Stop following; on scene close and when the module is left for good."""
        self._timer.stop()
        self._touched = []
        if self._observer is not None:
            self._observer.stop()
        self._observer = None
        self.nodes = None

    def change(self, **changes: Any) -> None:
        """Change scale or options of the shown tracing, e.g. ``change(scale=...)``."""
        if self.nodes is not None and self._observer is not None:
            self.follow()
            with self._observer.paused(), slicer.util.tryWithErrorDisplay(_("The measures were not made anew.")):
                self.nodes = self._logic.remeasure(self.nodes, **changes)
            self._refresh()

    def follow(self) -> None:
        """Solve outlines and measures of what was dragged since the last time, now."""
        self._timer.stop()
        touched, self._touched = self._touched, []
        if self.nodes is None or self._observer is None or not touched:
            return
        count = len(self.nodes.markups())
        with self._observer.paused(), slicer.util.tryWithErrorDisplay(_("The tracing could not follow.")):
            result = self.nodes.result
            for node in touched:
                moved = movedByHand(self.nodes, node)
                if moved is not None:
                    self.nodes.result = moved
            if self.nodes.result is not result:
                self.nodes = self._logic.follow(self.nodes, self.nodes.result)
        if len(self.nodes.markups()) != count:  # curves appeared
            self._observe()
        self._refresh()

    def _observe(self) -> None:
        if self._observer is not None:
            self._observer.stop()
        self._observer = None
        if self.nodes is not None:
            self._observer = MarkupsObserver(self.nodes.markups(), self._onDragged, self._onReleased)

    def _onDragged(self, node: slicer.vtkMRMLMarkupsNode) -> None:
        """Solving takes a moment, so it waits until the hand rests."""
        if node not in self._touched:
            self._touched.append(node)
        self._timer.start()

    def _onReleased(self, node: slicer.vtkMRMLMarkupsNode) -> None:
        self._onDragged(node)
        self.follow()

    def _refresh(self) -> None:
        nodes = self.nodes
        ui = self.ui
        result = nodes.result if nodes is not None else None
        first = result.check_first() if result is not None else []
        ui.checkComboBox.clear()
        for point in first:
            waits = result is not None and point.symbol in result.unplaced
            sd = "" if point.sd is None else f" (± {point.sd:.0f} px)"
            ui.checkComboBox.addItem(f"{point.symbol}{_(' (to be placed)') if waits else sd}")
        if result is not None and not first:
            ui.checkComboBox.addItem(_("nothing is left to check"))
        for widget in (ui.checkComboBox, ui.goToButton, ui.confirmButton):
            widget.enabled = bool(first)
        for button in (ui.reportButton, ui.exportButton):
            button.enabled = nodes is not None
            button.toolTip = self._tips()[button.name] if nodes is not None else _("Trace a film first.")
        self._table.show(result.measures if result is not None else ())
        if result is None:
            ui.readingLabel.text = _("No film is traced yet.")
            ui.warningLabel.text = ""
            return
        ui.readingLabel.text = "<br>".join(_sentence(reading) for reading in result.readings)
        ui.warningLabel.text = "\n".join(result.warnings())

    def _tips(self) -> dict[str, str]:
        return {
            "reportButton": _("Save report.html and report.pdf with tracing, polygon chart and tables."),
            "exportButton": _(
                "Save landmarks.csv, measurements.csv, landmarks.mrk.json, outlines.mrk.json and overlay.png."
            ),
        }

    def _chosenPoint(self) -> str | None:
        first = self.nodes.result.check_first() if self.nodes is not None else []
        index = self.ui.checkComboBox.currentIndex
        return first[index].symbol if 0 <= index < len(first) else None

    def onGoTo(self, _checked: bool = False) -> None:
        """Center the slice views on the chosen landmark."""
        symbol = self._chosenPoint()
        if self.nodes is None or self.nodes.landmarks is None or symbol is None:
            return
        index = self.nodes.result.listed.symbols.index(symbol)
        position = self.nodes.landmarks.GetNthControlPointPositionWorld(index)
        slicer.modules.markups.logic().JumpSlicesToLocation(position[0], position[1], position[2], True)

    def onConfirm(self, _checked: bool = False) -> None:
        """Keep the chosen landmark where it is."""
        symbol = self._chosenPoint()
        if self.nodes is None or self._observer is None or symbol is None:
            return
        with self._observer.paused():
            self.nodes = self._logic.confirm(self.nodes, symbol)
        self._refresh()

    def onReport(self, _checked: bool = False) -> None:
        """Ask for a folder and write the report there."""
        self.follow()
        nodes = self.nodes
        if nodes is not None:
            exportReport(lambda folder: self._logic.exportReport(nodes, folder))

    def onExport(self, _checked: bool = False) -> None:
        """Ask for a folder and write tables and markups there."""
        self.follow()
        nodes = self.nodes
        if nodes is not None:
            title, problem = _("Folder for the files"), _("The files were not written.")
            exportFiles(title, problem, lambda folder: self._logic.exportFiles(nodes, folder))


def _sentence(reading: Reading) -> str:
    """A reading with its verdict in bold; one without a verdict as it is."""
    text = escape(reading.sentence)
    verdict = escape(reading.verdict)
    return text.replace(verdict, f"<b>{verdict}</b>", 1) if verdict else text
