"""qMRMLWidget: a widget that knows the scene and tells others about it."""

from __future__ import annotations

from typing import Any

from deepmed_headless.standins.base import StandInWidget
from deepmed_headless.standins.signals import Signal


class qMRMLWidget(StandInWidget):
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

    def mrmlScene(self) -> Any:
        """The scene, or None."""
        return self._scene

    def _on_scene_changed(self) -> None:
        """For subclasses."""
