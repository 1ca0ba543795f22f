"""ctkFittedTextBrowser: text as high as its contents."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

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

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        QtWidgets.QWidget.setSizePolicy(self, policy)
        QtWidgets.QTextEdit.document(self).contentsChanged.connect(lambda: QtWidgets.QWidget.updateGeometry(self))

    def heightForWidth(self, width: int) -> int:
        """The height of the text in lines of this width."""
        document = QtWidgets.QTextEdit.document(self).clone()
        document.setTextWidth(width - 2 * QtWidgets.QFrame.frameWidth(self))
        return round(document.size().height()) + 2 * QtWidgets.QFrame.frameWidth(self)

    def sizeHint(self) -> QtCore.QSize:
        """As high as the text."""
        width = QtWidgets.QWidget.width(self)
        return QtCore.QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QtCore.QSize:
        """As high as the text, and as narrow as one likes."""
        return QtCore.QSize(20, self.sizeHint().height())

    def resizeEvent(self, event: Any) -> None:
        """Another width makes other lines."""
        super().resizeEvent(event)
        QtWidgets.QWidget.updateGeometry(self)

    def setCollapsibleText(self, text: str) -> None:
        """Sets the whole text."""
        self.setText(text)

    def setCollapsibleHtml(self, text: str) -> None:
        """Sets the whole text."""
        self.setHtml(text)

    def collapsibleText(self) -> str:
        """The whole text."""
        return str(self.toPlainText())
