"""Reads what Qt's loader must not see in a .ui file: connections, and properties of classes made in Python."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deepmed_headless.standins.qt.python_qt import stand_in_properties
from deepmed_headless.standins.qt.qt_names import qt_class


@dataclass(frozen=True)
class UiConnection:
    """One <connection>."""

    sender: str
    signal: str
    receiver: str
    slot: str


@dataclass
class UiFile:
    """A .ui file split into what Qt's loader reads and what is applied afterwards."""

    text: bytes
    connections: list[UiConnection] = field(default_factory=list)
    properties: list[tuple[str, str, Any]] = field(default_factory=list)  # object name, property, value


def read_ui(text: bytes, class_of: Callable[[str], type]) -> UiFile:
    """Splits the text of a .ui file.

    Args:
        text: the file's content.
        class_of: the Python class for a widget class name; raises RuntimeError where there is none.

    Raises:
        RuntimeError: a class is unknown, or a property is none of its widget's class.
    """
    root = ElementTree.fromstring(text)
    parsed = UiFile(b"")
    for connections in root.findall("connections"):
        for entry in connections.findall("connection"):
            parts = [entry.findtext(tag, "") for tag in ("sender", "signal", "receiver", "slot")]
            parsed.connections.append(UiConnection(*parts))
        root.remove(connections)
    for widget in root.iter("widget"):
        class_name = widget.get("class", "")
        kind = class_of(class_name)
        own = stand_in_properties(kind)
        for element in widget.findall("property"):
            name = element.get("name", "")
            if name in own:
                parsed.properties.append((widget.get("name", ""), name, _value(element[0], kind)))
                widget.remove(element)
            elif element.get("stdset") != "0" and not hasattr(kind, name):
                raise RuntimeError(f"{class_name} {widget.get('name')} has no property {name!r}.")
    parsed.text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return parsed


def _value(element: ElementTree.Element, kind: Any) -> Any:
    from PySide6 import QtGui

    text = element.text or ""
    simple: dict[str, Callable[[str], Any]] = {
        "bool": lambda value: value == "true",
        "number": int,
        "double": float,
        "float": float,
        "string": str,
        "cstring": str,
    }
    if element.tag in simple:
        return simple[element.tag](text)
    if element.tag == "stringlist":
        return [entry.text or "" for entry in element.findall("string")]
    if element.tag == "color":
        return QtGui.QColor(*(int(element.findtext(tag, "0")) for tag in ("red", "green", "blue")))
    if element.tag in ("enum", "set"):
        values = [_enumerator(part, kind) for part in text.split("|")]
        total = values[0]
        for value in values[1:]:
            total |= value
        return total
    raise RuntimeError(f"A property of type <{element.tag}> is not supported headless.")


def _enumerator(text: str, kind: Any) -> Any:
    scope, _, leaf = text.strip().rpartition("::")
    owner = qt_class("Qt") if scope.startswith("Qt") else kind
    if scope.startswith("Q") and not scope.startswith("Qt"):
        owner = qt_class(scope.split("::")[0])
    return getattr(owner, leaf)
