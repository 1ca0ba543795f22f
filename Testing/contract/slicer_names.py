"""Reads the list of names that a running 3D Slicer offers, and what module files and .ui files use of them."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# The list drops a leading "b" of a few slots.
_CUT = {"rowse": "browse", "ackward": "backward", "ackwardAvailable": "backwardAvailable"}
_SIGNATURE = re.compile(r"(\w+)\(((?:[^()]|\([^()]*\))*)\)")


def normalised(signature: str) -> str:
    """A signature without const, reference signs and blanks."""
    return signature.replace("const ", "").replace("&", "").replace(" ", "")


@dataclass
class SlicerClass:
    """One widget class: its properties, and the signatures of its signals, slots and other methods."""

    name: str
    properties: set[str] = field(default_factory=set)
    signals: set[str] = field(default_factory=set)
    slots: set[str] = field(default_factory=set)
    invokable: set[str] = field(default_factory=set)

    def members(self) -> set[str]:
        """All names that Python can use, setters of properties included."""
        methods = {signature.partition("(")[0] for signature in self.signals | self.slots | self.invokable}
        return self.properties | methods | {"set" + name[:1].upper() + name[1:] for name in self.properties}


class SlicerNames:
    """The list, by class and by topic."""

    def __init__(self, text: str) -> None:
        self.classes: dict[str, SlicerClass] = {}
        self.topics: dict[str, set[str]] = {}
        current = ""
        for line in text.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if not line.startswith(" "):
                current = line.strip()
                if not current.endswith(":"):
                    self.classes[current] = SlicerClass(current)
                continue
            if current.endswith(":"):
                self.topics.setdefault(current, set()).update(line.split())
            else:
                self._read_class_line(self.classes[current], line.strip())

    def _read_class_line(self, kind: SlicerClass, line: str) -> None:
        topic, _, rest = line.partition(": ")
        if topic == "properties":
            kind.properties.update(entry.partition(":")[0] for entry in rest.split())
        elif topic in ("signals", "slots", "invokable"):
            found = {f"{_CUT.get(name, name)}({normalised(types)})" for name, types in _SIGNATURE.findall(rest)}
            getattr(kind, topic).update(found)

    def topic(self, beginning: str) -> set[str]:
        """Names of a topic such as "slicer.app (" or "slicer.util:"."""
        return next(names for title, names in self.topics.items() if title.startswith(beginning))


@dataclass(frozen=True)
class UiWidget:
    """One widget of a .ui file."""

    name: str
    class_name: str
    properties: tuple[str, ...]  # dynamic ones left out


@dataclass(frozen=True)
class UiConnection:
    """One connection of a .ui file."""

    sender: str
    signal: str
    receiver: str
    slot: str


def read_ui_file(path: Path) -> tuple[dict[str, UiWidget], list[UiConnection]]:
    """Widgets by name, and connections, of a .ui file."""
    root = ElementTree.parse(path).getroot()
    widgets = {}
    for element in root.iter("widget"):
        properties = [entry.get("name", "") for entry in element.findall("property") if entry.get("stdset") != "0"]
        name = element.get("name", "")
        widgets[name] = UiWidget(name, element.get("class", ""), tuple(properties))
    connections = [
        UiConnection(*(entry.findtext(tag, "") for tag in ("sender", "signal", "receiver", "slot")))
        for entry in root.iter("connection")
    ]
    return widgets, connections


@dataclass(frozen=True)
class Use:
    """A dotted name in a source file, with calls left out: `slicer.app.layoutManager().layout` has four parts."""

    parts: tuple[str, ...]
    line: int


def dotted(node: ast.AST) -> tuple[str, ...]:
    """Parts of a dotted expression; calls inside are skipped over; empty where it does not start with a name."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return (*before, node.attr) if before else ()
    return ()


def uses(tree: ast.AST) -> Iterator[Use]:
    """Every dotted name in a syntax tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            parts = dotted(node)
            if parts:
                yield Use(parts, node.lineno)


@dataclass(frozen=True)
class Connect:
    """A call `x.connect("signal(types)", slot)`."""

    receiver: tuple[str, ...]
    signature: str
    line: int


def connects(tree: ast.AST) -> Iterator[Connect]:
    """Every connect or disconnect with a signature in a syntax tree."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        first = node.args[0]
        if node.func.attr in ("connect", "disconnect") and isinstance(first, ast.Constant):
            if isinstance(first.value, str) and "(" in first.value:
                yield Connect(dotted(node.func.value), normalised(first.value), node.lineno)
