"""Which widget can show which type of parameter, as in Slicer, and how it is read, written and observed."""

from __future__ import annotations

import enum
import pathlib
import types
import typing
from collections.abc import Callable
from typing import Any

from deepmed_headless.parameter_node.limits import (
    Choice,
    Decimals,
    FloatRange,
    Maximum,
    Minimum,
    RangeBounds,
    SingleStep,
    WithinRange,
)
from deepmed_headless.parameter_node.serializers import is_node_class

Annotations = tuple[Any, ...]


class Connector:
    """Couples a widget with a parameter.

    Args:
        widget: the widget.
        signal: name of its signal that tells of a change, "" for a widget that only shows.
        read: gives the widget's value.
        write: puts a value into the widget.
    """

    def __init__(self, widget: Any, signal: str, read: Callable[[], Any], write: Callable[[Any], None]) -> None:
        self.widget = widget
        self.read = read
        self.write = write
        self._signal = signal
        self._slot: Callable[[], None] | None = None

    def connect(self, slot: Callable[[], None]) -> None:
        """Calls `slot` when the user changes the widget."""
        if self._signal:
            self._slot = slot
            getattr(self.widget, self._signal).connect(slot)

    def disconnect(self) -> None:
        """Ends that."""
        if self._slot is not None:
            getattr(self.widget, self._signal).disconnect(self._slot)
            self._slot = None


def connector_for(widget: Any, kind: Any, annotations: Annotations) -> Connector:
    """The connector of a widget and a type.

    Args:
        widget: a widget whose class is exactly one of Qt's, CTK's or Slicer's.
        kind: the parameter's type, annotations taken off.
        annotations: the annotations.

    Raises:
        RuntimeError: Slicer has no connector for the pair, or the widget needs limits or choices that are missing.
    """
    name = type(widget).__name__ if "_is_stand_in" in type(widget).__dict__ else ""
    for names, fits, make in _CONNECTORS:
        if name in names and fits(kind):
            return make(widget, kind, annotations)
    raise RuntimeError(f"Unable to create GUI connector from datatype '{kind}' to widget type '{type(widget)}'")


def _attribute_connector(attribute: str, signal: str) -> Callable[[Any, Any, Annotations], Connector]:
    def make(widget: Any, kind: Any, annotations: Annotations) -> Connector:
        return Connector(
            widget, signal, lambda: getattr(widget, attribute), lambda value: setattr(widget, attribute, value)
        )

    return make


def _find(annotations: Annotations, kind: type) -> Any:
    return next((entry for entry in annotations if isinstance(entry, kind)), None)


def _number(widget: Any, kind: Any, annotations: Annotations) -> Connector:
    limits = _find(annotations, WithinRange)
    lowest, highest = _find(annotations, Minimum), _find(annotations, Maximum)
    bounded = limits is not None or (lowest is not None and highest is not None)
    if type(widget).__name__ in ("QSlider", "ctkSliderWidget", "qMRMLSliderWidget") and not bounded:
        raise RuntimeError("A slider needs a parameter with limits: annotate it with WithinRange.")
    decimals, step = _find(annotations, Decimals), _find(annotations, SingleStep)
    if decimals is not None:
        widget.decimals = decimals.value
    if step is not None:
        widget.singleStep = step.value
    unlimited = (-(2**31), 2**31 - 1) if kind is int else (float("-inf"), float("inf"))
    minimum = limits.minimum if limits else (lowest.minimum if lowest else unlimited[0])
    maximum = limits.maximum if limits else (highest.maximum if highest else unlimited[1])
    widget.minimum, widget.maximum = kind(minimum), kind(maximum)
    return _attribute_connector("value", "valueChanged")(widget, kind, annotations)


def _items(widget: Any, entries: list[tuple[str, Any]]) -> Connector:
    widget.clear()
    for label, _ in entries:
        widget.addItem(label)
    values = [value for _, value in entries]

    def write(value: Any) -> None:
        widget.currentIndex = values.index(value)

    return Connector(widget, "currentIndexChanged", lambda: values[widget.currentIndex], write)


def _choices(widget: Any, kind: Any, annotations: Annotations) -> Connector:
    choice = _find(annotations, Choice)
    if choice is None:
        raise RuntimeError("A QComboBox needs a parameter annotated with Choice.")
    return _items(widget, [(str(value), value) for value in choice.choices])


def _enumeration(widget: Any, kind: Any, annotations: Annotations) -> Connector:
    label = getattr(kind, "label", lambda member: member.name)
    return _items(widget, [(label(member), member) for member in kind])


def _path(attribute: str, signal: str) -> Callable[[Any, Any, Annotations], Connector]:
    def make(widget: Any, kind: Any, annotations: Annotations) -> Connector:
        return Connector(
            widget,
            signal,
            lambda: kind(getattr(widget, attribute)),
            lambda value: setattr(widget, attribute, str(value)),
        )

    return make


def _long_text(widget: Any, kind: Any, annotations: Annotations) -> Connector:
    def write(value: str) -> None:
        if widget.toPlainText() != value:  # setting it again would move the cursor
            widget.setPlainText(value)

    return Connector(widget, "textChanged", widget.toPlainText, write)


def _node(widget: Any, kind: Any, annotations: Annotations) -> Connector:
    # Slicer asks an object of each class for its name: an abstract class raises here.
    widget.nodeTypes = [node_class().GetClassName() for node_class in _node_classes(kind)]
    return Connector(widget, "currentNodeChanged", widget.currentNode, widget.setCurrentNode)


def _range(widget: Any, kind: Any, annotations: Annotations) -> Connector:
    bounds = _find(annotations, RangeBounds)
    if bounds is None:
        raise RuntimeError("A ctkRangeWidget needs a parameter annotated with RangeBounds.")
    widget.setRange(bounds.minimum, bounds.maximum)
    return Connector(
        widget,
        "valuesChanged",
        lambda: FloatRange(widget.minimumValue, widget.maximumValue),
        lambda value: widget.setValues(value.minimum, value.maximum),
    )


def _is(*kinds: Any) -> Callable[[Any], bool]:
    return lambda kind: kind in kinds


def _node_classes(kind: Any) -> list[Any]:
    """The classes of a node parameter: one class, or a union of two or more with None; empty for any other type."""
    if is_node_class(kind):
        return [kind]
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return []
    classes = [member for member in typing.get_args(kind) if member is not type(None)]
    return classes if len(classes) > 1 and all(is_node_class(member) for member in classes) else []


def _is_node(kind: Any) -> bool:
    return bool(_node_classes(kind))


def _is_path(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, pathlib.PurePath)


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


_CONNECTORS: tuple[tuple[tuple[str, ...], Callable[[Any], bool], Callable[[Any, Any, Annotations], Connector]], ...] = (
    (("QCheckBox", "QPushButton", "ctkCheckablePushButton"), _is(bool), _attribute_connector("checked", "toggled")),
    (("QSlider", "QSpinBox"), _is(int), _number),
    (("QDoubleSpinBox", "ctkSliderWidget", "qMRMLSliderWidget"), _is(float), _number),
    (("QComboBox",), _is(int, float, str, bool), _choices),
    (("QComboBox",), _is_enum, _enumeration),
    (("QLineEdit",), _is(str), _attribute_connector("text", "textChanged")),
    (("QLabel",), _is(str), _attribute_connector("text", "")),
    (("QTextEdit",), _is(str), _long_text),
    (("ctkPathLineEdit",), _is_path, _path("currentPath", "currentPathChanged")),
    (("ctkDirectoryButton",), _is_path, _path("directory", "directoryChanged")),
    (("ctkRangeWidget",), _is(FloatRange), _range),
    (("qMRMLNodeComboBox",), _is_node, _node),
)
