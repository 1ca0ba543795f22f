"""ctkCollapsibleGroupBox: a group box whose contents can be hidden."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import direct_children, remembered
from deepmed_headless.standins.qt.python_qt import wrap

_GroupBox: Any = wrap(QtWidgets.QGroupBox)


class ctkCollapsibleGroupBox(_GroupBox):
    """Group box with a check mark in its title; `checked` is the opposite of `collapsed`."""

    _is_stand_in = True
    collapsedHeight = remembered("collapsedHeight", 14, "Height left when collapsed.")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._hidden_by_collapse: list[QtWidgets.QWidget] = []
        self.setCheckable(True)
        self.toggled.connect(self.expand)

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

    def expand(self, open_: bool) -> None:
        """Shows or hides the contents."""
        if open_:
            children, self._hidden_by_collapse = self._hidden_by_collapse, []
            for child in children:
                child.show()
        else:
            for child in direct_children(self):
                if not child.isHidden():
                    self._hidden_by_collapse.append(child)
                    child.hide()
