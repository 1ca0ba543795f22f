"""What CTK's widgets with contents that can be hidden have in common."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import direct_children


class Collapsing:
    """Beside a checkable Qt class: `collapsed` is the opposite of `checked`, and hides the children that were shown."""

    _is_stand_in = True
    isChecked: Any
    setChecked: Any

    @property
    def collapsed(self) -> bool:
        """True while the contents are hidden."""
        return not self.isChecked()

    @collapsed.setter
    def collapsed(self, value: bool) -> None:
        self.setChecked(not value)

    def setCollapsed(self, value: bool) -> None:
        """Hides or shows the contents."""
        self.collapsed = value

    def _show_children(self) -> None:
        hidden: list[QtWidgets.QWidget] = self.__dict__.pop("_hidden_by_collapse", [])
        for child in hidden:
            child.show()

    def _hide_children(self) -> None:
        hidden = self.__dict__.setdefault("_hidden_by_collapse", [])
        for child in direct_children(self):  # type: ignore[arg-type]
            if not child.isHidden():
                hidden.append(child)
                child.hide()
