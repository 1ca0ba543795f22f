"""ctkCollapsibleGroupBox: a group box whose contents can be hidden."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.ctk.collapsing import Collapsing
from deepmed_headless.standins.qt.python_qt import wrap

_GroupBox: Any = wrap(QtWidgets.QGroupBox)


class ctkCollapsibleGroupBox(Collapsing, _GroupBox):
    """Group box with a check mark in its title; `checked` is the opposite of `collapsed`."""

    _is_stand_in = True
    collapsedHeight = remembered("collapsedHeight", 14, "Height left when collapsed.")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.setCheckable(True)
        self.toggled.connect(self.expand)

    def expand(self, open_: bool) -> None:
        """Shows or hides the contents."""
        if open_:
            self._show_children()
        else:
            self._hide_children()
