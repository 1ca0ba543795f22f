"""How values are written into a vtkMRMLScriptedModuleNode: the same texts as Slicer's own, so that scenes exchange."""

from __future__ import annotations

import enum
import pathlib
import types
import typing
from collections.abc import Iterator, MutableSequence
from typing import Any

from deepmed_headless.parameter_node.limits import FloatRange

_PATHS = (pathlib.Path, pathlib.PosixPath, pathlib.PurePath, pathlib.PurePosixPath, pathlib.PureWindowsPath)


class Serializer:
    """Reads and writes one kind of value. The base handles values that are one text."""

    def __init__(self, kind: Any, default: Any) -> None:
        self.kind = kind
        self.default = default

    def check(self, value: Any) -> None:
        """Raises ValueError for None and TypeError for a value of another type."""
        if value is None:
            raise ValueError("Value must not be None")
        accepted = (int, float) if self.kind is float else self.kind
        if not isinstance(value, accepted):
            raise TypeError(f"Value must be of type {self.kind}, is {value!r} of type {type(value)}")

    def is_in(self, node: Any, key: str) -> bool:
        """Whether the node holds the field."""
        return bool(node.HasParameter(key))

    def read(self, node: Any, key: str) -> Any:
        """The value."""
        return self.kind(node.GetParameter(key))

    def write(self, node: Any, key: str, value: Any) -> None:
        """Writes a checked value."""
        node.SetParameter(key, str(value))


class BoolSerializer(Serializer):
    """'True' or 'False'."""

    def read(self, node: Any, key: str) -> bool:
        """The value."""
        return bool(node.GetParameter(key) == "True")

    def write(self, node: Any, key: str, value: Any) -> None:
        """Writes the value."""
        node.SetParameter(key, "True" if value else "False")


class EnumSerializer(Serializer):
    """The member's name."""

    def read(self, node: Any, key: str) -> Any:
        """The member."""
        return self.kind[node.GetParameter(key)]

    def write(self, node: Any, key: str, value: Any) -> None:
        """Writes the member's name."""
        node.SetParameter(key, value.name)


class NodeSerializer(Serializer):
    """A node reference of that role, and an empty text that marks the field as set."""

    def check(self, value: Any) -> None:
        """Raises TypeError for a node of another class."""
        if value is not None:
            super().check(value)

    def read(self, node: Any, key: str) -> Any:
        """The node, or None."""
        return node.GetNodeReference(key)

    def write(self, node: Any, key: str, value: Any) -> None:
        """Writes the reference."""
        node.SetParameter(key, "")
        node.SetNodeReferenceID(key, value.GetID() if value is not None else None)


class ListSerializer(Serializer):
    """'.len' and one field an element."""

    def __init__(self, element: Serializer) -> None:
        super().__init__((list, tuple, StoredList), ())
        self.element = element

    def check(self, value: Any) -> None:
        """Raises TypeError or ValueError where the list or an element is refused."""
        super().check(value)
        for entry in value:
            self.element.check(entry)

    def is_in(self, node: Any, key: str) -> bool:
        """Whether the node holds the list."""
        return bool(node.HasParameter(f"{key}.len"))

    def read(self, node: Any, key: str) -> StoredList:
        """A list that writes itself back when it is changed."""
        count = int(node.GetParameter(f"{key}.len"))
        return StoredList(self, node, key, [self.element.read(node, f"{key}.{index}") for index in range(count)])

    def write(self, node: Any, key: str, value: Any) -> None:
        """Writes all elements and drops those of a longer list before."""
        before = int(node.GetParameter(f"{key}.len") or 0)
        node.SetParameter(f"{key}.len", str(len(value)))
        for index, entry in enumerate(value):
            self.element.write(node, f"{key}.{index}", entry)
        for index in range(len(value), before):
            node.UnsetParameter(f"{key}.{index}")


class StoredList(MutableSequence[Any]):
    """A list in a parameter node; changing it changes the node."""

    def __init__(self, serializer: ListSerializer, node: Any, key: str, values: list[Any]) -> None:
        self._serializer, self._node, self._key, self._values = serializer, node, key, values

    def _save(self) -> None:
        self._serializer.check(self._values)
        self._serializer.write(self._node, self._key, self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __getitem__(self, index: Any) -> Any:
        return self._values[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._values[index] = value
        self._save()

    def __delitem__(self, index: Any) -> None:
        del self._values[index]
        self._save()

    def insert(self, index: int, value: Any) -> None:
        """Inserts an element."""
        self._values.insert(index, value)
        self._save()

    def __eq__(self, other: object) -> bool:
        return bool(self._values == (other._values if isinstance(other, StoredList) else other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._values)


class RangeSerializer(Serializer):
    """'.minimum' and '.maximum'."""

    def is_in(self, node: Any, key: str) -> bool:
        """Whether the node holds the range."""
        return bool(node.HasParameter(f"{key}.minimum"))

    def read(self, node: Any, key: str) -> FloatRange:
        """The range."""
        return FloatRange(float(node.GetParameter(f"{key}.minimum")), float(node.GetParameter(f"{key}.maximum")))

    def write(self, node: Any, key: str, value: FloatRange) -> None:
        """Writes both numbers."""
        node.SetParameter(f"{key}.minimum", str(value.minimum))
        node.SetParameter(f"{key}.maximum", str(value.maximum))


class UnionSerializer(Serializer):
    """The value under '.<position of its type>'; None is the position of NoneType, with an empty text."""

    def __init__(self, kinds: tuple[Any, ...]) -> None:
        self.members = [None if kind is type(None) else serializer_for(kind) for kind in kinds]
        first = self.members[0]
        super().__init__(None, None if None in self.members or first is None else first.default)

    def _position(self, value: Any) -> int:
        for index, member in enumerate(self.members):
            if member is None and value is None:
                return index
            if member is not None and value is not None:
                try:
                    member.check(value)
                except (TypeError, ValueError):
                    continue
                return index
        raise TypeError(f"Unable to write value '{value}' of type '{type(value)}'")

    def check(self, value: Any) -> None:
        """Raises TypeError where the value fits no member."""
        self._position(value)

    def _stored(self, node: Any, key: str) -> int | None:
        for index, member in enumerate(self.members):
            name = f"{key}.{index}"
            if node.HasParameter(name) if member is None else member.is_in(node, name):
                return index
        return None

    def is_in(self, node: Any, key: str) -> bool:
        """Whether the node holds a value."""
        return self._stored(node, key) is not None

    def read(self, node: Any, key: str) -> Any:
        """The value, or None."""
        index = self._stored(node, key)
        member = self.members[index] if index is not None else None
        return member.read(node, f"{key}.{index}") if member is not None else None

    def write(self, node: Any, key: str, value: Any) -> None:
        """Writes the value and drops what was there under another type."""
        index = self._position(value)
        for other in range(len(self.members)):
            if other != index:
                node.UnsetParameter(f"{key}.{other}")
        member = self.members[index]
        if member is None:
            node.SetParameter(f"{key}.{index}", "")
        else:
            member.write(node, f"{key}.{index}", value)


def is_node_class(kind: Any) -> bool:
    """Whether a type is a MRML node class."""
    import slicer

    return isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode)


def serializer_for(kind: Any) -> Serializer:
    """The serializer of a field's type, annotations taken off.

    Raises:
        TypeError: the type has none headless (parameter packs, dictionaries, tuples, colors).
    """
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return UnionSerializer(typing.get_args(kind))
    if origin is list:
        return ListSerializer(serializer_for(typing.get_args(kind)[0]))
    if is_node_class(kind):
        return NodeSerializer(kind, None)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return EnumSerializer(kind, next(iter(kind)))
    if kind is bool:
        return BoolSerializer(bool, False)
    if kind is FloatRange:
        return RangeSerializer(FloatRange, FloatRange())
    if kind in _PATHS:
        return Serializer(kind, kind())
    defaults: dict[Any, Any] = {int: 0, float: 0, str: ""}
    if kind in defaults:
        return Serializer(kind, defaults[kind])
    raise TypeError(f"Parameters of type {kind} are not supported headless.")
