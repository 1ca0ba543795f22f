"""What can be done with a shell and its map: fusion with CT or MR, and what-if."""

from __future__ import annotations

from typing import Any

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.gui.errors import errorsShown


class FurtherSteps:
    """Two collapsed sections below the result.

    Args:
        layout: of the panel.
        panel: the module's Widget.
    """

    def __init__(self, layout: Any, panel: Any) -> None:
        self._panel = panel
        form = self._section(layout, _("Fusion with CT or MR"))
        self.target = _selector(["vtkMRMLModelNode", "vtkMRMLSegmentationNode"])
        self.target.toolTip = _(
            "Model or segmentation of the same chamber; of a segmentation the first segment counts."
        )
        self.shellMarks, self.imageMarks = (_selector(["vtkMRMLMarkupsFiducialNode"]) for _side in range(2))
        self.shellMarks.toolTip = _(
            "Three or more landmarks on the shell; may be left out where both lie near already."
        )
        self.imageMarks.toolTip = _("The same places in the image, in the same order.")
        self.scaleBox = qt.QCheckBox(_("Let lengths change, too"))
        self.fuseButton, self.fuseLabel = qt.QPushButton(_("Register shell")), qt.QLabel()
        self.fuseButton.toolTip = _("Landmarks, then surface on surface; shell, map and ablation sites follow.")
        form.addRow(_("Surface in the image:"), self.target)
        form.addRow(_("Landmarks on the shell:"), self.shellMarks)
        form.addRow(_("Landmarks in the image:"), self.imageMarks)
        for widget in (self.scaleBox, self.fuseButton, self.fuseLabel):
            form.addRow(widget)
        form = self._section(layout, _("What if"))
        self.site = _selector(["vtkMRMLMarkupsFiducialNode"])
        self.site.toolTip = _("Pacing site: one point or more on the shell.")
        self.line = _selector(["vtkMRMLMarkupsCurveNode", "vtkMRMLMarkupsClosedCurveNode"])
        self.line.toolTip = _("Optional: a line of block, drawn on the shell.")
        self.predictButton, self.predictLabel = qt.QPushButton(_("Predict activation")), qt.QLabel()
        self.predictButton.toolTip = _("An eikonal wave with the measured velocities; a model, not a measurement.")
        form.addRow(_("Pacing site:"), self.site)
        form.addRow(_("Line of block:"), self.line)
        form.addRow(self.predictButton)
        form.addRow(self.predictLabel)
        form = self._section(layout, _("Fibers"))
        self.fiberButton, self.fiberLabel = qt.QPushButton(_("Fibers from all maps of this shell")), qt.QLabel()
        self.fiberButton.toolTip = _(
            "Direction and anisotropy from two or more maps that were paced from different sites."
        )
        form.addRow(self.fiberButton)
        form.addRow(self.fiberLabel)
        self.fiberButton.connect("clicked(bool)", self.onFibers)
        for label in (self.fuseLabel, self.predictLabel, self.fiberLabel):
            label.wordWrap = True
        self.fuseButton.connect("clicked(bool)", self.onFuse)
        self.predictButton.connect("clicked(bool)", self.onPredict)

    def _section(self, layout: Any, title: str) -> Any:
        section = ctk.ctkCollapsibleButton()
        section.text, section.collapsed = title, True
        layout.addWidget(section)
        return qt.QFormLayout(section)

    def onFuse(self, _checked: bool = False) -> None:
        """Register the chosen shell."""
        with errorsShown(_("The shell was not registered."), waitCursor=True):
            fusion = self._panel.logic.fuse(
                self._panel._parameterNode.shell,
                self.target.currentNode(),
                self.shellMarks.currentNode(),
                self.imageMarks.currentNode(),
                bool(self.scaleBox.checked),
            )[1]
            self.fuseLabel.text = " ".join([*(remark.text for remark in fusion.remarks), fusion.sentence()])

    def onPredict(self, _checked: bool = False) -> None:
        """Predict activation on the map that is shown."""
        with errorsShown(_("Nothing was predicted."), waitCursor=True):
            line = self.line.currentNode()
            told = self._panel.logic.predict(
                self._panel.resultPanel.nodes, self.site.currentNode(), [] if line is None else [line]
            )[1]
            self.predictLabel.text = told

    def onFibers(self, _checked: bool = False) -> None:
        """Fibers from the maps of the chosen shell."""
        with errorsShown(_("No fibers were found."), waitCursor=True):
            logic, shell = self._panel.logic, self._panel._parameterNode.shell
            maps = [nodes for nodes in logic.results.inScene() if shell is not None and nodes.volume is shell]
            self.fiberLabel.text = logic.fibersOf(maps)[1]


def _selector(kinds: list[str]) -> Any:
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = kinds
    selector.noneEnabled = True
    selector.addEnabled = selector.removeEnabled = False
    selector.setMRMLScene(slicer.mrmlScene)
    selector.setCurrentNode(None)
    return selector
