"""What the stand-ins have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from PySide6 import QtCore, QtWidgets

from deepmed_headless.standins.qt.python_qt import wrap

_Layout = TypeVar("_Layout", bound=QtWidgets.QBoxLayout)
Widget: Any = wrap(QtWidgets.QWidget)


class StandInWidget(Widget):
    """Base of stand-ins that are plain widgets with others inside."""

    _is_stand_in = True


def remembered(name: str, default: Any, doc: str) -> property:
    """A property that keeps its value and has no effect headless."""
    key = "_" + name

    def getter(self: Any) -> Any:
        return self.__dict__.get(key, default)

    def setter(self: Any, value: Any) -> None:
        self.__dict__[key] = value

    return property(getter, setter, doc=f"{doc} Remembered only.")


def row_layout(widget: QtWidgets.QWidget, *parts: QtWidgets.QWidget) -> QtWidgets.QHBoxLayout:
    """Lays `parts` out side by side in `widget`, without margins."""
    return _laid_out(widget, QtWidgets.QHBoxLayout(), parts)


def column_layout(widget: QtWidgets.QWidget, *parts: QtWidgets.QWidget) -> QtWidgets.QVBoxLayout:
    """Lays `parts` out below each other in `widget`, without margins."""
    return _laid_out(widget, QtWidgets.QVBoxLayout(), parts)


def _laid_out(widget: QtWidgets.QWidget, layout: _Layout, parts: Sequence[QtWidgets.QWidget]) -> _Layout:
    QtWidgets.QWidget.setLayout(widget, layout)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for part in parts:
        layout.addWidget(part)
    return layout


def direct_children(widget: QtWidgets.QWidget) -> list[QtWidgets.QWidget]:
    """The widgets directly in `widget`."""
    return [child for child in QtCore.QObject.children(widget) if isinstance(child, QtWidgets.QWidget)]
