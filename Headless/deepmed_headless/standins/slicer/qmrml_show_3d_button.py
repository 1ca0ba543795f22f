"""qMRMLSegmentationShow3DButton: shows a segmentation's surfaces."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.qt.python_qt import wrap

_PushButton: Any = wrap(QtWidgets.QPushButton)


class qMRMLSegmentationShow3DButton(_PushButton):
    """Checked while the closed surfaces exist and are visible."""

    _is_stand_in = True
    locked = remembered("locked", False, "Whether the button does nothing.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self.text = "Show 3D"
        self.setCheckable(True)
        self.enabled = False
        self.toggled.connect(self._on_toggled)

    def segmentationNode(self) -> Any:
        """The segmentation, or None."""
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        """Sets the segmentation."""
        self._node = node
        self.enabled = node is not None
        self.blockSignals(True)
        self.setChecked(node is not None and node.GetSegmentation().ContainsRepresentation("Closed surface"))
        self.blockSignals(False)

    def setLocked(self, value: bool) -> None:
        """Makes the button do nothing."""
        self.locked = value

    def _on_toggled(self, show: bool) -> None:
        if self._node is None or self.locked:
            return
        if show:
            self._node.CreateDefaultDisplayNodes()
            self._node.CreateClosedSurfaceRepresentation()
            self._node.GetDisplayNode().SetVisibility3D(True)
        else:
            self._node.RemoveClosedSurfaceRepresentation()
