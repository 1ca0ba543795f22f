"""Rows of the panel about files: how their axes lie, points from CSV, and how far the points lie off the shell."""

from __future__ import annotations

from typing import Any

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.errors import DeepMedError
from DeepMedLib.gui.errors import errorsShown
from EPMappingLib.exports.axes import AXES
from EPMappingLib.exports.reading import AUTOMATIC
from EPMappingLib.surface.projection import project
from EPMappingMrml.studyNodes import pointsFromNode, shellFromNode


class StudyForm:
    """Adds the rows and keeps the distance up to date.

    Args:
        layout: the form of the panel's inputs.
        panel: the module's Widget.
    """

    def __init__(self, layout: qt.QFormLayout, panel: Any) -> None:
        self._panel, self._seen = panel, ("", "")
        self.axesBox = qt.QComboBox()
        for name in (AUTOMATIC, *AXES):
            self.axesBox.addItem(name)
        self.axesBox.toolTip = _(
            "How the coordinates of files lie, used when a file is loaded. auto: (-x, z, y) for CARTO exports, which "
            "the maker does not document, and LPS for all others. Confirm it by the distance below and by eye."
        )
        layout.addRow(_("Axes of files:"), self.axesBox)
        self.pointsButton = qt.QPushButton(_("Load points..."))
        self.pointsButton.toolTip = _("Load measured points from CSV: X, Y, Z in mm, activation, voltage.")
        self.pointsButton.connect("clicked(bool)", self.onLoadPoints)
        layout.addRow(self.pointsButton)
        self.distanceLabel = qt.QLabel()
        self.distanceLabel.wordWrap = True
        layout.addRow(_("Points to shell:"), self.distanceLabel)

    def axes(self) -> str:
        """The chosen convention."""
        return str(self.axesBox.currentText)

    def askForMap(self, names: list[str], first: str) -> str:
        """Which of a study's maps; the one with most values where the question is dismissed."""
        chosen = qt.QInputDialog.getItem(
            slicer.util.mainWindow(), _("EP Mapping"), _("Map of the study:"), names, names.index(first), False
        )
        return str(chosen) or first

    def onLoadPoints(self, _checked: bool = False) -> None:
        """Ask for a file of points and choose it."""
        path = qt.QFileDialog.getOpenFileName(
            slicer.util.mainWindow(), self.pointsButton.toolTip, "", _("Tables (*.csv *.tsv *.txt)")
        )
        if path:
            with errorsShown(_("The points were not loaded."), waitCursor=True):
                self._panel._parameterNode.points = self._panel.logic.loadPoints(path, self.axes())

    def show(self, parameterNode: Any) -> None:
        """Say how far the chosen points lie off the chosen shell."""
        shell, points = parameterNode.shell, parameterNode.points
        if (shell, points) != self._seen:
            self._seen = (shell, points)
            self.distanceLabel.text = _("no points") if shell is None or points is None else self._told(shell, points)
            self._listNames(shell, points)

    def _listNames(self, shell: Any, points: Any) -> None:
        """Let the fields for activation and voltage say which arrays or columns there are."""
        try:
            held = {} if shell is None else shellFromNode(shell)[1]
            held = held if points is None else pointsFromNode(points).columns
        except DeepMedError:
            held = {}
        for field in (self._panel.ui.lat, self._panel.ui.bipolar):
            field.toolTip = _("Name of the array or column; empty finds it by its name. There are: {names}.").format(
                names=", ".join(list(held)[:64]) or _("none")
            )

    def _told(self, shell: Any, points: Any) -> str:
        try:
            surface, positions = shellFromNode(shell)[0], pointsFromNode(points).positions
        except DeepMedError as error:
            return str(error)
        positions = positions[np.isfinite(positions).all(1)]
        if not len(positions):
            return _("no point has a position")
        here, turned = (
            float(np.median(project(surface, each).distances)) for each in (positions, positions * [-1, -1, 1])
        )
        return _("median {here:.1f} mm ({turned:.1f} mm if LPS and RAS were mixed up)").format(here=here, turned=turned)

    def lookAtShell(self) -> None:
        """Let the 3D view show what was loaded."""
        manager = slicer.app.layoutManager()
        widget = manager.threeDWidget(0) if manager is not None and manager.threeDViewCount else None
        if widget is not None:
            widget.threeDView().resetFocalPoint()
