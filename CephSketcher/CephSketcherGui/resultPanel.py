"""The Result section: points to check, what the measures say, and a table that follows every drag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from CephSketcherGui.history import History
from CephSketcherGui.measuresView import MeasuresView
from CephSketcherLib.analysis.interpretation import Reading
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint
from CephSketcherLib.tracing.result import CephResult
from CephSketcherMrml.cephNodes import RESULTS, CephNodes, markupsOf
from CephSketcherMrml.pointNodes import indexOf
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.exportFiles import exportFiles, exportReport
from DeepMedLib.gui.fittedText import showText
from DeepMedLib.mrml.nodes.markups import MarkupsObserver
from DeepMedLib.remark import Gravity

_STEP_MILLISECONDS = 30
_REST_MILLISECONDS = 150


class ResultPanel:
    """Shows one tracing and keeps outlines and measures in step with what the user does to it.

    While a point is dragged, what follows it goes along; when the hand rests, everything is made anew.

    Args:
        ui: the panel's widgets.
        logic: CephSketcherLogic.
        onChanged: called when the shown tracing may have changed.
    """

    def __init__(self, ui: Any, logic: Any, onChanged: Callable[[], None]) -> None:
        self.ui = ui
        self._onChanged = onChanged
        self.nodes: CephNodes | None = None
        self._logic = logic
        self._observer: MarkupsObserver | None = None
        self._observations: list[tuple[Any, int]] = []
        self._isWorking = False
        self._problem = ""
        self._dragged: slicer.vtkMRMLMarkupsNode | None = None
        self._history = History()
        self._table = MeasuresView(ui.measuresTable, ui.analysisComboBox)
        self._stepTimer = _timer(_STEP_MILLISECONDS, self.step)
        self._restTimer = _timer(_REST_MILLISECONDS, self.follow)
        ui.goToButton.connect("clicked(bool)", self.onGoTo)
        ui.confirmButton.connect("clicked(bool)", self.onConfirm)
        ui.undoButton.connect("clicked(bool)", self.onUndo)
        ui.namesCheckBox.connect("toggled(bool)", self.onNames)
        ui.reportButton.connect("clicked(bool)", self.onReport)
        ui.exportButton.connect("clicked(bool)", self.onExport)
        self.show(None)

    def show(self, handle: slicer.vtkMRMLNode | None) -> None:
        """Show a landmark list's tracing and hide the others; None, or a list that is none, empties the section."""
        self.close()
        self.nodes = self._logic.readResult(handle)
        if self.nodes is not None:
            RESULTS.showOnly(self.nodes)
            self._observe()
            self.onNames()
            self.follow()  # what was done while nobody watched
            self._history.clear()
        self._refresh()

    def close(self) -> None:
        """Stop following; on scene close and when the module is left for good."""
        for timer in (self._stepTimer, self._restTimer):
            timer.stop()
        self._unobserve()
        self._history.clear()
        self._dragged = self.nodes = None

    def change(self, **changes: Any) -> None:
        """Change scale or options of the shown tracing, e.g. ``change(scale=...)``."""
        if self.nodes is not None:
            with self._working(_("The measures were not made anew.")):
                self.nodes = self._logic.remeasure(self.nodes, **changes)
            self._refresh()

    def step(self) -> None:
        """Let outlines and values go along with the point that is dragged."""
        if self.nodes is None or self._dragged is None:
            return
        with self._working(_("The tracing could not follow.")):
            shown = self._logic.step(self.nodes, self._dragged)
            if shown is not None:
                self._table.show(shown.measures)

    def follow(self) -> None:
        """Take up what was done to points, curves and film since the last time, now."""
        for timer in (self._stepTimer, self._restTimer):
            timer.stop()
        if self.nodes is None:
            return
        before, count = self.nodes.result, len(self.nodes.nodes)
        with self._working(_("The tracing could not follow.")):
            self.nodes = self._logic.follow(self.nodes)
            self._history.remember(before, self.nodes.result)
        if len(self.nodes.nodes) != count:
            self._observe()
            self.onNames()
        self._refresh()

    @contextmanager
    def _working(self, problem: str) -> Iterator[None]:
        """What happens inside is ours, no person's doing; what fails is said below the readings."""
        former, self._isWorking = self._isWorking, True
        self._problem = ""
        try:
            with errorsShown(problem, show=self._say):
                yield
        finally:
            self._isWorking = former

    def _say(self, problem: str) -> None:
        self._problem = problem

    def _observe(self) -> None:
        self._unobserve()
        nodes = self.nodes
        if nodes is None:
            return
        markups = markupsOf(nodes)
        self._observer = MarkupsObserver(markups, self._onDragged, self._onReleased)
        kind = slicer.vtkMRMLMarkupsNode
        for node in markups:
            for event in (kind.PointRemovedEvent, kind.PointPositionUndefinedEvent, kind.PointPositionDefinedEvent):
                self._observations.append((node, node.AddObserver(event, self._onEdited)))
        volume = nodes.volume
        if volume is not None:
            for event in (volume.TransformModifiedEvent, volume.ImageDataModifiedEvent, "ModifiedEvent"):
                self._observations.append((volume, volume.AddObserver(event, self._onEdited)))

    def _unobserve(self) -> None:
        if self._observer is not None:
            self._observer.stop()
        self._observer = None
        for node, tag in self._observations:
            node.RemoveObserver(tag)
        self._observations = []

    def _onDragged(self, node: slicer.vtkMRMLMarkupsNode) -> None:
        if self._isWorking:
            return
        self._dragged = node
        if not self._stepTimer.active:
            self._stepTimer.start()
        self._restTimer.start()

    def _onReleased(self, node: slicer.vtkMRMLMarkupsNode) -> None:
        if not self._isWorking:
            self.follow()
            self._history.end()

    def _onEdited(self, caller: Any, event: Any) -> None:
        if not self._isWorking:
            self._restTimer.start()

    def _refresh(self) -> None:
        ui, result = self.ui, self.nodes.result if self.nodes is not None else None
        first = result.check_first() if result is not None else []
        ui.checkComboBox.clear()
        if result is not None:
            ui.checkComboBox.addItems([_point(point, result) for point in first])
        if result is not None and not first:
            ui.checkComboBox.addItem(_("nothing is left to check"))
        for widget in (ui.checkComboBox, ui.goToButton, ui.confirmButton):
            widget.enabled = bool(first)
        for button in (ui.reportButton, ui.exportButton):
            button.enabled = self.nodes is not None and self.nodes.volume is not None
            button.toolTip = self._tips()[button.name] if result is not None else _("Trace a film first.")
        ui.undoButton.enabled = len(self._history) > 0
        ui.namesCheckBox.enabled = result is not None
        self._table.show(result.measures if result is not None else ())
        if result is None:
            showText(ui.readingText, _("No film is traced yet."))
            showText(ui.warningText, "")
            return
        showText(ui.readingText, "<br>".join(_sentence(reading) for reading in result.readings))
        told = [text for text in (self._problem, self.nodes.change() if self.nodes is not None else "") if text]
        lines = [f"<b>{escape(text)}</b>" for text in told]
        for remark in result.remarks:
            lines.append(f"<b>{escape(remark.text)}</b>" if remark.gravity is Gravity.GRAVE else escape(remark.text))
        showText(ui.warningText, "<br>".join(lines))
        self._onChanged()

    def _tips(self) -> dict[str, str]:
        return {
            "reportButton": _("Save report.html and report.pdf with tracing, polygon chart and tables."),
            "exportButton": _("Save report, tables as CSV, points and outlines as markups, and the overlay."),
        }

    def _chosenPoint(self) -> str | None:
        first = self.nodes.result.check_first() if self.nodes is not None else []
        index = self.ui.checkComboBox.currentIndex
        return first[index].symbol if 0 <= index < len(first) else None

    def onGoTo(self, _checked: bool = False) -> None:
        """Center the slice views on the chosen landmark."""
        symbol = self._chosenPoint()
        if self.nodes is None or self.nodes.handle is None or symbol is None:
            return
        index = indexOf(self.nodes.handle, symbol)
        if index is not None:
            position = self.nodes.handle.GetNthControlPointPositionWorld(index)
            slicer.modules.markups.logic().JumpSlicesToLocation(position[0], position[1], position[2], True)

    def onConfirm(self, _checked: bool = False) -> None:
        """Keep the chosen landmark where it is."""
        symbol = self._chosenPoint()
        if self.nodes is None or symbol is None:
            return
        before, count = self.nodes.result, len(self.nodes.nodes)
        with self._working(_("The point was not confirmed.")):
            self.nodes = self._logic.confirm(self.nodes, symbol)
            self._history.remember(before, self.nodes.result)
            self._history.end()
        if len(self.nodes.nodes) != count:
            self._observe()
        self._refresh()

    def onUndo(self, _checked: bool = False) -> None:
        """Take back the last drag, deletion or placing of a point."""
        self.follow()
        former = self._history.back()
        if self.nodes is not None and former is not None:
            with self._working(_("The change was not taken back.")):
                self.nodes = self._logic.restore(self.nodes, former)
            self._refresh()

    def onNames(self, _checked: bool = False) -> None:
        """Show or hide the symbols beside the points."""
        if self.nodes is not None:
            for node in (self.nodes.get("landmarks"), self.nodes.get("derived")):
                if node is not None:
                    node.GetDisplayNode().SetPointLabelsVisibility(self.ui.namesCheckBox.checked)

    def onReport(self, _checked: bool = False) -> None:
        """Ask for a folder and write the report there."""
        self.follow()
        nodes = self.nodes
        if nodes is not None:
            exportReport(lambda folder: self._logic.exportReport(nodes, folder))

    def onExport(self, _checked: bool = False) -> None:
        """Ask for a folder and write report, tables and markups there."""
        self.follow()
        nodes = self.nodes
        if nodes is not None:
            title, problem = _("Folder for the files"), _("The files were not written.")
            exportFiles(title, problem, lambda folder: self._logic.exportFiles(nodes, folder))


def _timer(milliseconds: int, slot: Any) -> Any:
    timer = qt.QTimer()
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.connect("timeout()", slot)
    return timer


def _point(point: LandmarkPoint, result: CephResult) -> str:
    """A point to be checked, with its uncertainty in mm where the film has a scale."""
    if point.symbol in result.unplaced:
        return f"{point.symbol}{_(' (to be placed)')}"
    mm = result.sd_mm(point)
    if mm is not None:
        return f"{point.symbol} (± {mm:.1f} mm)"
    return point.symbol if point.sd is None else f"{point.symbol} (± {point.sd:.0f} px)"


def _sentence(reading: Reading) -> str:
    """A reading with its verdict in bold; one without a verdict as it is."""
    text = escape(reading.sentence)
    verdict = escape(reading.verdict)
    return text.replace(verdict, f"<b>{verdict}</b>", 1) if verdict else text
