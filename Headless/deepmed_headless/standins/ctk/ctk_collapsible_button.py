"""ctkCollapsibleButton: a section with a header that hides or shows what lies below it."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.ctk.collapsing import Collapsing
from deepmed_headless.standins.qt.python_qt import wrap
from deepmed_headless.standins.qt.signals import Signal

_Button: Any = wrap(QtWidgets.QAbstractButton)
_HEADER = 22


class ctkCollapsibleButton(Collapsing, _Button):
    """Section of a module panel; `checked` is the opposite of `collapsed`."""

    _is_stand_in = True
    contentsCollapsed = Signal("bool")

    collapsedHeight = remembered("collapsedHeight", 10, "Height left when collapsed.")
    flat = remembered("flat", False, "No raised border.")
    contentsFrameShape = remembered("contentsFrameShape", 0, "Frame around the contents.")
    contentsFrameShadow = remembered("contentsFrameShadow", 16, "Shadow of the frame.")
    contentsLineWidth = remembered("contentsLineWidth", 1, "Line width of the frame.")
    contentsMidLineWidth = remembered("contentsMidLineWidth", 0, "Middle line width of the frame.")
    buttonTextAlignment = remembered("buttonTextAlignment", 0x81, "Alignment of the title.")
    indicatorAlignment = remembered("indicatorAlignment", 0x81, "Alignment of the arrow.")

    def __init__(self, *arguments: Any) -> None:
        parents = [argument for argument in arguments if isinstance(argument, QtWidgets.QWidget)]
        titles = [argument for argument in arguments if isinstance(argument, str)]
        super().__init__(*parents)
        if titles:
            self.setText(titles[0])
        self.setCheckable(True)
        self.setChecked(True)
        self.setContentsMargins(0, _HEADER, 0, 0)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Preferred)
        self.toggled.connect(self._on_toggled)

    def collapse(self, value: bool) -> None:
        """Hides or shows the contents."""
        self.collapsed = value

    def _on_toggled(self, open_: bool) -> None:
        if open_:
            self._show_children()
        else:
            self._hide_children()
        self.contentsCollapsed.emit(not open_)

    def event(self, event: QtCore.QEvent) -> bool:
        """Hides a child that comes while collapsed; child widgets are complete once polished."""
        if event.type() == QtCore.QEvent.Type.ChildPolished and self.collapsed:
            self._hide_children()
        return bool(super().event(event))

    def hitButton(self, position: QtCore.QPoint) -> bool:
        """Only the header can be clicked."""
        return position.y() < _HEADER

    def sizeHint(self) -> QtCore.QSize:
        """Header and, where open, contents."""
        layout = QtWidgets.QWidget.layout(self)
        if layout is None or not self.isChecked():
            return QtCore.QSize(200, _HEADER)
        return layout.totalSizeHint()

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        """Draws the header: arrow and title."""
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        header = QtCore.QRect(0, 0, QtWidgets.QWidget.width(self), _HEADER)
        option.rect = header
        option.state |= QtWidgets.QStyle.StateFlag.State_Raised
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButtonBevel, option)
        arrow = (
            QtWidgets.QStyle.PrimitiveElement.PE_IndicatorArrowDown
            if self.isChecked()
            else QtWidgets.QStyle.PrimitiveElement.PE_IndicatorArrowRight
        )
        option.rect = QtCore.QRect(6, (_HEADER - 10) // 2, 10, 10)
        painter.drawPrimitive(arrow, option)
        left = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
        painter.drawText(header.adjusted(22, 0, 0, 0), left, QtWidgets.QAbstractButton.text(self))
