"""The panel's section for corrections by points, and for surfaces in 3D."""

from __future__ import annotations

from typing import Any

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.placing import startPlacing
from PancreasSegLib.organs import ORGANS
from PancreasSegMrml.organCorrection import pointsOf


class CorrectionSection:
    """Organ, lists of points inside and outside of it, and the buttons.

    Args:
        panel: the Widget whose result is corrected.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self.section = ctk.ctkCollapsibleButton()
        self.section.text, self.section.collapsed = _("Correct an organ"), True
        form = qt.QFormLayout(self.section)
        self.organ = qt.QComboBox()
        for organ in ORGANS:
            self.organ.addItem(organ.name)
        self.inside = _pointSelector(_("Points inside the organ that the outline left out."))
        self.outside = _pointSelector(_("Points outside of the organ that the outline took in."))
        self.correct = qt.QPushButton(_("Correct"))
        self.correct.toolTip = _("Redo the organ about the points; nothing farther than 30 mm from them changes.")
        self.surfaces = qt.QPushButton(_("Show in 3D"))
        self.surfaces.toolTip = _("Make closed surfaces of the organs and show them in the 3D views.")
        for label, widget in (
            (_("Organ:"), self.organ),
            (_("Points inside:"), self.inside),
            (_("Points outside:"), self.outside),
        ):
            form.addRow(label, widget)
        form.addRow(self.correct)
        form.addRow(self.surfaces)
        self.correct.connect("clicked(bool)", self.onCorrect)
        self.surfaces.connect("clicked(bool)", self.onSurfaces)
        panel.layout.addWidget(self.section)

    def onCorrect(self, _checked: bool = False) -> None:
        """Redo the organ, and show the result anew."""
        nodes = self._panel.resultPanel.nodes
        if nodes is None:
            return
        with errorsShown(_("The organ was not corrected.")):
            lists = (self.inside.currentNode(), self.outside.currentNode())
            if lists[0] is not None and lists[0] is lists[1]:
                raise BadInput(
                    _("One list of points is chosen as inside and as outside of the organ."),
                    _("Choose another list, or none, for one of them."),
                )
            inside, outside = (pointsOf(points) for points in lists)
            self._panel.logic.correct(nodes, ORGANS[self.organ.currentIndex].key, inside, outside)
            self._panel.resultPanel.show(nodes.handle)

    def onSurfaces(self, _checked: bool = False) -> None:
        """Show the organs as surfaces."""
        nodes = self._panel.resultPanel.nodes
        if nodes is not None:
            self._panel.logic.showSurfaces(nodes)


def _pointSelector(toolTip: str) -> Any:
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLMarkupsFiducialNode"]
    selector.noneEnabled = selector.addEnabled = selector.renameEnabled = True
    selector.toolTip = toolTip
    selector.setMRMLScene(slicer.mrmlScene)
    selector.connect("nodeAddedByUser(vtkMRMLNode*)", lambda points: startPlacing(points, persistent=True))
    return selector
