"""qMRMLWidget and qSlicerWidget: widgets that know the scene and tell others about it."""

from __future__ import annotations

from typing import Any

from deepmed_headless.standins.base import StandInWidget
from deepmed_headless.standins.qt.signals import Signal


class qSlicerWidget(StandInWidget):
    """Hands its scene on by a signal; nothing reaches the children without a connection, as in Slicer."""

    _is_stand_in = True
    mrmlSceneChanged = Signal("vtkMRMLScene*")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._scene: Any = None

    def setMRMLScene(self, scene: Any) -> None:
        """Sets the scene and tells whoever is connected."""
        if scene is self._scene:
            return
        self._scene = scene
        self._on_scene_changed()
        self.mrmlSceneChanged.emit(scene)

    def _on_scene_changed(self) -> None:
        """For subclasses."""


class qMRMLWidget(qSlicerWidget):
    """A qSlicerWidget that can be asked for its scene."""

    _is_stand_in = True

    def mrmlScene(self) -> Any:
        """The scene, or None."""
        return self._scene
