"""qMRMLSliderWidget: a slider that takes its unit from the scene."""

from __future__ import annotations

from typing import Any

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.ctk.ctk_slider_widget import ctkSliderWidget


class qMRMLSliderWidget(ctkSliderWidget):
    """ctkSliderWidget with a quantity, such as "length"."""

    _is_stand_in = True
    unitAwareProperties = remembered("unitAwareProperties", 0x2F, "What follows the unit.")
    orientation = remembered("orientation", 1, "Direction of the slider.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._quantity = ""

    def mrmlScene(self) -> Any:
        """The scene, or None."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Sets the scene, whose unit nodes give the suffix."""
        self._scene = scene
        self._take_unit()

    @property
    def quantity(self) -> str:
        """Name of the quantity, "" for none."""
        return self._quantity

    @quantity.setter
    def quantity(self, value: str) -> None:
        self._quantity = value
        self._take_unit()

    def setQuantity(self, value: str) -> None:
        """Sets the quantity."""
        self.quantity = value

    def _take_unit(self) -> None:
        if self._scene is None or not self._quantity:
            return
        selection = self._scene.GetNodeByID("vtkMRMLSelectionNodeSingleton")
        unit = selection.GetUnitNode(self._quantity) if selection is not None else None
        if unit is not None:
            self.suffix = unit.GetSuffix() or ""
