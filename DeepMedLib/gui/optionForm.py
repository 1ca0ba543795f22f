"""A module's options as a form: the widgets follow from the declarations and are bound to the parameter node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import qt

from DeepMedLib.options import Option

PROPERTY = "SlicerParameterName"


def addOptions(layout: qt.QFormLayout, options: Iterable[Option]) -> dict[str, Any]:
    """Add a row for each option; returns the widgets by the name of their parameter.

    The widgets name their parameter as those of a .ui file do: give all of them to ``connectGui``.
    """
    made = {}
    for option in options:
        widget = _widget(option)
        widget.toolTip = option.help
        widget.setProperty(PROPERTY, option.parameter)
        made[option.parameter] = widget
        if option.kind is bool:
            widget.text = option.title
            layout.addRow(widget)
        else:
            layout.addRow(f"{option.title}:", widget)
    return made


def widgetOf(ui: Any, parameter: str) -> Any:
    """The widget that shows a parameter, or None."""
    return next((widget for widget in vars(ui).values() if widget.property(PROPERTY) == parameter), None)


def _widget(option: Option) -> Any:
    if option.kind is bool:
        return qt.QCheckBox()
    if option.choices:
        return qt.QComboBox()  # the parameter's choices fill it
    if option.kind is str:
        return qt.QLineEdit()
    number = qt.QSpinBox() if option.kind is int else qt.QDoubleSpinBox()
    number.suffix = f" {option.unit}" if option.unit else ""
    number.specialValueText = option.unknown
    number.keyboardTracking = False  # 28 is not 2 first
    if option.kind is float:
        number.singleStep = 0.1
    return number
