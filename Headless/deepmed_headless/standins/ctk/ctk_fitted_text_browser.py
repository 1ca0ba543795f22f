"""ctkFittedTextBrowser: text as high as its contents."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.qt.python_qt import wrap

_TextBrowser: Any = wrap(QtWidgets.QTextBrowser)


class ctkFittedTextBrowser(_TextBrowser):
    """QTextBrowser with a text that can be folded."""

    _is_stand_in = True
    disableMouseScroll = remembered("disableMouseScroll", True, "Whether the wheel scrolls the panel.")
    collapsed = remembered("collapsed", True, "Whether only the beginning is shown.")
    showDetailsText = remembered("showDetailsText", "Show details...", "Text of the link that unfolds.")
    hideDetailsText = remembered("hideDetailsText", "Hide details", "Text of the link that folds.")

    def setCollapsibleText(self, text: str) -> None:
        """Sets the whole text."""
        self.setText(text)

    def setCollapsibleHtml(self, text: str) -> None:
        """Sets the whole text."""
        self.setHtml(text)

    def collapsibleText(self) -> str:
        """The whole text."""
        return str(self.toPlainText())
