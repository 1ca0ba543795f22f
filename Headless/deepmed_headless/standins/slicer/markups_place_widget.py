"""qSlicerMarkupsPlaceWidget: starts and stops placing of control points."""

from __future__ import annotations

from typing import Any

from PySide6 import QtGui, QtWidgets

from deepmed_headless.standins.base import remembered, row_layout
from deepmed_headless.standins.qt.python_qt import wrap
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.qmrml_widget import qSlicerWidget
from deepmed_headless.standins.slicer.vtk_observation import Observations

_ToolButton: Any = wrap(QtWidgets.QToolButton)


class qSlicerMarkupsPlaceWidget(qSlicerWidget):
    """Place and delete buttons on the scene's real selection and interaction nodes."""

    _is_stand_in = True
    ShowPlaceMultipleMarkupsOption, HidePlaceMultipleMarkupsOption = 0, 1
    ForcePlaceSingleMarkup, ForcePlaceMultipleMarkups = 2, 3

    activeMarkupsPlaceModeChanged = Signal("bool")
    activeMarkupsFiducialPlaceModeChanged = Signal("bool")

    placeMultipleMarkups = remembered("placeMultipleMarkups", 0, "Whether placing goes on.")
    deleteAllControlPointsOptionVisible = remembered("deleteAllControlPointsOptionVisible", True, "Menu entry.")
    unsetLastControlPointOptionVisible = remembered("unsetLastControlPointOptionVisible", False, "Menu entry.")
    unsetAllControlPointsOptionVisible = remembered("unsetAllControlPointsOptionVisible", False, "Menu entry.")
    placeModePersistency = remembered("placeModePersistency", False, "Whether placing goes on.")
    nodeColor = remembered("nodeColor", None, "Color of the node.")
    defaultNodeColor = remembered("defaultNodeColor", QtGui.QColor(0, 255, 0), "Color of new nodes.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._placing = False
        self._observers = Observations(self)
        self._place, self._delete = _ToolButton(), _ToolButton()
        self._place.text, self._delete.text = "Place", "Delete"
        self._place.setCheckable(True)
        row_layout(self, self._place, self._delete).addStretch()
        self._place.clicked.connect(self.setPlaceModeEnabled)
        self._delete.clicked.connect(lambda checked: self.deleteLastPoint())
        self._update()

    def _on_scene_changed(self) -> None:
        self._observers.clear()
        interaction = self.interactionNode()
        if interaction is not None:
            self._observers.add(interaction, interaction.InteractionModeChangedEvent, qSlicerMarkupsPlaceWidget._update)
        self._update()

    def interactionNode(self) -> Any:
        """The scene's interaction node, or None."""
        return self._scene.GetNodeByID("vtkMRMLInteractionNodeSingleton") if self._scene is not None else None

    def selectionNode(self) -> Any:
        """The scene's selection node, or None."""
        return self._scene.GetNodeByID("vtkMRMLSelectionNodeSingleton") if self._scene is not None else None

    def currentNode(self) -> Any:
        """The markups node, or None."""
        return self._node

    currentMarkupsNode = currentNode
    currentMarkupsFiducialNode = currentNode

    def setCurrentNode(self, node: Any) -> None:
        """Sets the markups node; placing stops."""
        if self._placing and node is not self._node:
            self.setPlaceModeEnabled(False)
        self._node = node
        self._update()

    @property
    def currentNodeActive(self) -> bool:
        """Whether the node is the one that placing fills."""
        selection = self.selectionNode()
        return bool(
            selection is not None and self._node is not None and selection.GetActivePlaceNodeID() == self._node.GetID()
        )

    @currentNodeActive.setter
    def currentNodeActive(self, value: bool) -> None:
        selection = self.selectionNode()
        if selection is None or self._node is None:
            return
        if value:
            selection.SetReferenceActivePlaceNodeClassName(self._node.GetClassName())
        selection.SetActivePlaceNodeID(self._node.GetID() if value else None)

    def setCurrentNodeActive(self, value: bool) -> None:
        """Makes the node the one that placing fills."""
        self.currentNodeActive = value

    @property
    def placeModeEnabled(self) -> bool:
        """Whether the next click places a point of the node."""
        interaction = self.interactionNode()
        return bool(
            interaction is not None
            and self.currentNodeActive
            and interaction.GetCurrentInteractionMode() == interaction.Place
        )

    @placeModeEnabled.setter
    def placeModeEnabled(self, value: bool) -> None:
        interaction = self.interactionNode()
        if interaction is None or self._node is None:
            return
        if value:
            self.currentNodeActive = True
            interaction.SetPlaceModePersistence(
                self.placeMultipleMarkups == self.ForcePlaceMultipleMarkups or self.placeModePersistency
            )
            interaction.SetCurrentInteractionMode(interaction.Place)
        elif self.placeModeEnabled:
            interaction.SetCurrentInteractionMode(interaction.ViewTransform)
        self._update()

    def setPlaceModeEnabled(self, value: bool) -> None:
        """Starts or stops placing."""
        self.placeModeEnabled = value

    def _update(self) -> None:
        self._place.enabled = self._delete.enabled = self._node is not None
        placing = self.placeModeEnabled
        self._place.setChecked(placing)
        if placing != self._placing:
            self._placing = placing
            self.activeMarkupsPlaceModeChanged.emit(placing)
            self.activeMarkupsFiducialPlaceModeChanged.emit(placing)

    @property
    def buttonsVisible(self) -> bool:
        """Whether the buttons are shown."""
        return not self._place.isHidden()

    @buttonsVisible.setter
    def buttonsVisible(self, value: bool) -> None:
        self._place.setVisible(value)
        self._delete.setVisible(value)

    def setButtonsVisible(self, value: bool) -> None:
        """Shows the buttons."""
        self.buttonsVisible = value

    def setPlaceMultipleMarkups(self, value: int) -> None:
        """Sets whether placing goes on after a point."""
        self.placeMultipleMarkups = value

    def setDeleteAllControlPointsOptionVisible(self, value: bool) -> None:
        """Shows the menu entry."""
        self.deleteAllControlPointsOptionVisible = value

    def deleteLastPoint(self) -> None:
        """Removes the last control point."""
        if self._node is not None and self._node.GetNumberOfControlPoints():
            self._node.RemoveNthControlPoint(self._node.GetNumberOfControlPoints() - 1)

    def deleteAllPoints(self) -> None:
        """Removes all control points."""
        if self._node is not None:
            self._node.RemoveAllControlPoints()

    def placeButton(self) -> Any:
        """The place button."""
        return self._place

    def deleteButton(self) -> Any:
        """The delete button."""
        return self._delete
