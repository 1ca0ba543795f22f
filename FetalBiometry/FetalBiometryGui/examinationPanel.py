"""The Examination section: which pictures belong to it, former visits, one button, growth charts and the report."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.applyCancel import ApplyCancel
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.exportFiles import exportReport
from DeepMedLib.jobs.job import Job
from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs.pictureNodes import isPicture
from DeepMedLib.mrml.logic.optionParameters import optionValues
from FetalBiometryLib.examination.flags import ABSENT, PRESENT
from FetalBiometryLib.examination.options import ExaminationOptions, settings_of
from FetalBiometryLib.options import AUTO, OPTIONS
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryMrml.examinationNodes import ExaminationNodes, addPicture, refreshExamination
from FetalBiometryMrml.planeNodes import PlaneNodes, changePlane, readPlane
from FetalBiometryMrml.samples import loadExamination


class ExaminationPanel:
    """Measures, shows and keeps one examination.

    Args:
        ui: the panel's widgets.
        logic: the module's Logic.
        parameters: gives the scene's parameters.
        onMeasured: called with a fresh examination.
        showChart: shows a growth chart beside the pictures.
    """

    def __init__(
        self,
        ui: Any,
        logic: Any,
        parameters: Callable[[], Any],
        onMeasured: Callable[[ExaminationNodes], None],
        showChart: Callable[[slicer.vtkMRMLPlotChartNode], None],
    ) -> None:
        self.ui = ui
        self.nodes: ExaminationNodes | None = None
        self._isFollowing = False
        self._logic = logic
        self._parameters = parameters
        self._onMeasured = onMeasured
        self._showChart = showChart
        self._filling = False
        self._preparation: Any = None
        self._settings: tuple[MeasureOptions, ExaminationOptions] | None = None  # that the numbers follow
        self._files = {"visits": ui.visitsPathLineEdit, "growthTable": ui.growthTablePathLineEdit}
        self.applyCancel = ApplyCancel(
            ui.examinationButton,
            ui.examinationProgressBar,
            ui.examinationStatusLabel,
            self._makeJob,
            self._onComputed,
            applyText=_("Measure examination"),
            applyToolTip=_("Measure all checked pictures, and combine them to one age and one weight."),
        )
        ui.picturesList.setMaximumHeight(150)
        ui.loadFolderButton.connect("clicked(bool)", self.onLoadFolder)
        ui.sampleExaminationButton.connect("clicked(bool)", self.onSample)
        ui.picturesList.connect("itemChanged(QListWidgetItem*)", self._onItem)
        for edit in self._files.values():
            edit.connect("currentPathChanged(QString)", self._onFile)
        ui.examinationCollapsibleButton.connect("contentsCollapsed(bool)", self._onCollapsed)
        ui.chartsButton.connect("clicked(bool)", self.onCharts)
        ui.examinationReportButton.connect("clicked(bool)", self.onReport)
        self.show(None)
        self._checkReady()

    def close(self) -> None:
        """Stop a running job and forget the examination: the scene or the panel is going away."""
        self.applyCancel.stop()
        self.show(None)
        self.ui.picturesList.clear()
        self._checkReady()

    # --- measuring

    def _checkReady(self) -> None:
        reason = "" if self.chosen() else _("Check the pictures of the examination first.")
        self.applyCancel.setReady(reason)

    def _makeJob(self) -> Job:
        asked = {**self._values(), "plane": AUTO}  # each picture has its own
        self._preparation = self._logic.prepareExamination(self.chosen(), **asked)
        self._jobSettings = settings_of(asked)
        return self._logic.makeJob(self._preparation)

    def _onComputed(self, computed: TaskResult) -> None:
        nodes = self._logic.finishExamination(self._preparation, computed)
        self.show(nodes)
        self._settings = self._jobSettings
        self._onMeasured(nodes)
        self.onSettings()  # of what was changed meanwhile

    # --- choosing pictures

    def refreshPictures(self, check: Sequence[slicer.vtkMRMLVolumeNode] = ()) -> None:
        """List the scene's pictures anew; checks stay, and those of ``check`` are set."""
        checked = {node.GetID() for node in (*self.chosen(), *check)}
        volumes = [node for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode") if isPicture(node)]
        self._filling = True
        self.ui.picturesList.clear()
        for node in volumes:
            item = qt.QListWidgetItem(node.GetName())
            item.setData(qt.Qt.UserRole, node.GetID())
            item.setCheckState(qt.Qt.Checked if node.GetID() in checked else qt.Qt.Unchecked)
            self.ui.picturesList.addItem(item)
        self._filling = False
        self._checkReady()

    def chosen(self) -> list[slicer.vtkMRMLVolumeNode]:
        """The checked pictures that are still in the scene."""
        items = [self.ui.picturesList.item(row) for row in range(self.ui.picturesList.count)]
        ids = [item.data(qt.Qt.UserRole) for item in items if item.checkState() == qt.Qt.Checked]
        return [node for node in map(slicer.mrmlScene.GetNodeByID, ids) if node is not None]

    def _onItem(self, _item: Any) -> None:
        if not self._filling:
            self._checkReady()

    def _onCollapsed(self, collapsed: bool) -> None:
        if not collapsed:
            self.refreshPictures()

    def onLoadFolder(self, _checked: bool = False) -> None:
        """Load and check all pictures of a folder."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Pictures of one examination"))
        if not folder:
            return
        with errorsShown(_("The folder was not loaded."), waitCursor=True):
            loaded, refused = self._logic.loadFolder(folder)
            self.refreshPictures(loaded)
            text = _("{count} pictures loaded.").format(count=len(loaded))
            self.ui.examinationStatusLabel.text = "\n".join([text, *(f"{name}: {why}" for name, why in refused)])

    def onSample(self, _checked: bool = False) -> None:
        """Load and check the generated examination."""
        with errorsShown(_("The phantoms were not made."), waitCursor=True):
            self.refreshPictures(loadExamination())

    # --- settings

    def _values(self) -> dict[str, Any]:
        return optionValues(OPTIONS, self._parameters())

    def _onFile(self, _path: str = "") -> None:
        """A table was chosen: the scene keeps which, and `onSettings` follows."""
        for name, edit in self._files.items():
            if getattr(self._parameters(), name) != edit.currentPath:
                setattr(self._parameters(), name, edit.currentPath)

    def follow(self, table: slicer.vtkMRMLTableNode | None) -> None:
        """Show what the scene's parameters say: the examination, and the files of its tables."""
        for name, edit in self._files.items():
            if edit.currentPath != getattr(self._parameters(), name):
                edit.currentPath = getattr(self._parameters(), name)
        if table is not (self.nodes.handle if self.nodes is not None else None):
            try:
                self.show(self._logic.readExamination(table))
            except BadInput as error:
                self.show(None)
                self.ui.examinationTable.setMRMLTableNode(table)  # what it said when it was saved
                self.ui.examinationStatusLabel.text = str(error)
        self.onSettings()

    def onSettings(self) -> None:
        """Follow a setting, file of visits or growth table that was changed."""
        if self.nodes is None or self._isFollowing:  # charts that are drawn anew add and remove nodes, which ask again
            return
        self._isFollowing = True
        try:
            settings = settings_of(self._values())
            if settings != self._settings:
                pictures = [self._withOptions(picture, settings[0]) for picture in self.nodes.pictures]
                self.nodes = refreshExamination(replace(self.nodes, pictures=pictures), settings[1])
                self._settings = settings
                self._refresh()
        except BadInput as error:
            self.ui.examinationStatusLabel.text = str(error)
        finally:
            self._isFollowing = False

    @staticmethod
    def _withOptions(picture: PlaneNodes, options: MeasureOptions) -> PlaneNodes:
        """A picture with the panel's settings; the shown one has them already."""
        current = readPlane(picture.table) or picture
        if current.result.options == options:
            return current
        return changePlane(current, replace(current.result, options=options))

    def onResult(self, picture: PlaneNodes) -> None:
        """Follow a dragged, accepted or newly drawn result of one of the examination's pictures."""
        if self.nodes is not None and any(picture.volume is known.volume for known in self.nodes.pictures):
            self.nodes = refreshExamination(addPicture(self.nodes, picture), withCharts=False)
            self._refresh()

    # --- result

    def show(self, nodes: ExaminationNodes | None) -> None:
        """Show an examination; None empties the section."""
        self.nodes = nodes
        try:  # what came with a scene stays as it was measured until somebody changes a setting
            self._settings = settings_of(self._values())
        except BadInput:
            self._settings = None
        self._refresh()

    def _refresh(self) -> None:
        nodes, ui = self.nodes, self.ui
        ui.examinationTable.setMRMLTableNode(nodes.table if nodes is not None else None)
        ui.examinationReportButton.enabled = nodes is not None
        ui.chartsButton.enabled = nodes is not None and bool(nodes.charts)
        if nodes is None:
            ui.examinationSummaryLabel.text = ""
            ui.examinationReportButton.toolTip = _("Measure an examination first.")
            ui.chartsButton.toolTip = _("Measure an examination first.")
            return
        ui.examinationReportButton.toolTip = _("Save the report as HTML and PDF, and as DICOM SR of DICOM pictures.")
        ui.chartsButton.toolTip = (
            _("Show the growth charts beside the pictures.")
            if nodes.charts
            else _("Growth charts need the gestational age, or former visits.")
        )
        ui.examinationSummaryLabel.text = summaryText(nodes)

    def onCharts(self, _checked: bool = False) -> None:
        """Show the first growth chart in a layout with a plot; the plot's own selector has the others."""
        if self.nodes is None or not self.nodes.charts:
            return
        self.nodes = refreshExamination(self.nodes)  # lines may have been dragged since they were drawn
        self._showChart(next(iter(self.nodes.charts.values())))

    def onReport(self, _checked: bool = False) -> None:
        """Ask for a folder and write the report there."""
        nodes = self.nodes
        if nodes is not None:
            exportReport(lambda folder: self._logic.exportReport(nodes, folder))


def summaryText(nodes: ExaminationNodes) -> str:
    """Age, weight and means in bold, then flags and warnings, as rich text."""
    result = nodes.result
    shown = {"BPD", "HC", "AC", "FL", "CTR", "HeadThoraxRatio"}
    numbers = [m for m in (result.weight_measurement(), result.age_measurement()) if m is not None]
    numbers += [m for m in result.measurements() if m.name in shown or m.name == "EFW_centile"]
    rows = [f"<b>{html.escape(m.label or m.name)}</b>&nbsp; {html.escape(m.text(_digits(m.unit)))}" for m in numbers]
    present = [flag.label for flag in result.flags() if flag.state == PRESENT]
    open_flags = [flag.label for flag in result.flags() if flag.state not in (PRESENT, ABSENT)]
    if present:
        rows.append("<b>" + html.escape(_("Flags: {flags}").format(flags=", ".join(present))) + "</b>")
    if open_flags:
        rows.append(html.escape(_("Not judged: {flags}").format(flags=", ".join(open_flags))))
    rows += [html.escape(sentence) for sentence in result.warnings()]
    rows += [html.escape(f"{name}: {reason}") for name, reason in result.skipped]
    return "<br>".join(rows)


def _digits(unit: str) -> int:
    return {"": 2, "g": 0, "centile": 0}.get(unit, 1)
