"""Signals as PythonQt shows them: `widget.clicked.connect(f)` and `widget.connect("clicked(bool)", f)`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from deepmed_headless.standins.qt.slots import relay_to

_SIGNATURE = re.compile(r"^\s*(\w+)\s*\((.*)\)\s*$")


def split_signature(signature: str) -> tuple[str, tuple[str, ...]]:
    """Name and argument types of "clicked(bool)".

    Raises:
        ValueError: the text is no signature.
    """
    match = _SIGNATURE.match(signature)
    if match is None:
        raise ValueError(f"{signature!r} is no signature such as 'clicked(bool)'.")
    arguments = match.group(2).replace("const ", "").replace("&", "").replace(" ", "")
    return match.group(1), tuple(arguments.split(",")) if arguments else ()


class BoundSignal:
    """A signal of one object. Subclasses say how a relay is attached and detached."""

    def __init__(self, owner: Any, name: str, signatures: tuple[tuple[str, ...], ...]) -> None:
        self._owner = owner
        self._name = name
        self._signatures = signatures

    def connect(self, slot: Callable[..., Any]) -> bool:
        """Calls `slot` with the signal's arguments, surplus ones dropped."""
        return self.connect_signature(self._signatures[0], slot)

    def connect_signature(self, arguments: tuple[str, ...], slot: Callable[..., Any]) -> bool:
        """Connects to one overload.

        Raises:
            ValueError: the signal has no such overload.
            TypeError: the slot cannot be called.
        """
        if not callable(slot):
            raise TypeError(f"{slot!r} cannot be called, so it cannot be connected to {self._name}.")
        if arguments not in self._signatures:
            offered = ", ".join(f"{self._name}({','.join(types)})" for types in self._signatures)
            raise ValueError(f"There is no signal {self._name}({','.join(arguments)}); there is {offered}.")
        relay = self._attach(arguments, slot)
        self._connections().append((self._name, slot, relay))
        return True

    def disconnect(self, slot: Callable[..., Any] | None = None) -> bool:
        """Ends the connections to `slot`, or all made from Python; False where there was none."""
        connections = self._connections()
        found = [entry for entry in connections if entry[0] == self._name and (slot is None or entry[1] == slot)]
        for entry in found:
            self._detach(entry[2])
            connections.remove(entry)
        return bool(found)

    def emit(self, *arguments: Any) -> None:
        """Emits the signal."""
        raise NotImplementedError

    def _attach(self, arguments: tuple[str, ...], slot: Callable[..., Any]) -> Any:
        raise NotImplementedError

    def _detach(self, relay: Any) -> None:
        raise NotImplementedError

    def _connections(self) -> list[tuple[str, Callable[..., Any], Any]]:
        found: list[tuple[str, Callable[..., Any], Any]] = self._owner.__dict__.setdefault("_connections", [])
        return found


class NativeBoundSignal(BoundSignal):
    """A signal of a Qt class."""

    def __init__(self, owner: Any, name: str, signatures: tuple[tuple[str, ...], ...], native: Any) -> None:
        super().__init__(owner, name, signatures)
        self._native = native

    def emit(self, *arguments: Any) -> None:
        """Emits the signal."""
        self._overload(self._signatures[0]).emit(*arguments)

    def _overload(self, arguments: tuple[str, ...]) -> Any:
        # Without arguments any overload will do, as the relay drops what it is not asked for.
        return self._native[",".join(arguments)] if arguments and len(self._signatures) > 1 else self._native

    def _attach(self, arguments: tuple[str, ...], slot: Callable[..., Any]) -> Any:
        try:
            signal = self._overload(arguments)
        except IndexError:  # an overload that only leaves out arguments, which PySide does not list
            signal = self._native
        relay = relay_to(slot, len(arguments))
        signal.connect(relay)
        return signal, relay

    def _detach(self, relay: Any) -> None:
        signal, attached = relay
        signal.disconnect(attached)


class NativeSignal:
    """Descriptor for a signal of a Qt class."""

    def __init__(self, name: str, signatures: tuple[tuple[str, ...], ...]) -> None:
        self.name = name
        self.signatures = tuple(sorted(signatures, key=len, reverse=True))  # PythonQt passes all arguments

    def __get__(self, owner: Any, kind: type) -> Any:
        if owner is None:
            return self
        return NativeBoundSignal(owner, self.name, self.signatures, owner.__dict__[self.name])

    def __set__(self, owner: Any, value: Any) -> None:
        raise AttributeError(f"{self.name} is a signal.")


class StandInBoundSignal(BoundSignal):
    """A signal of a stand-in, in plain Python."""

    def __init__(self, owner: Any, signal: Signal) -> None:
        super().__init__(owner, signal.name, signal.signatures)
        self._adapters = signal.adapters

    def emit(self, *arguments: Any) -> None:
        """Calls all slots unless the owner's signals are blocked."""
        if self._owner.signalsBlocked():
            return
        for name, _slot, relay in list(self._connections()):
            if name == self._name:
                relay(*arguments)

    def _attach(self, arguments: tuple[str, ...], slot: Callable[..., Any]) -> Any:
        relay = relay_to(slot, len(arguments))
        adapter = self._adapters.get(arguments)
        return relay if adapter is None else lambda *values: relay(*adapter(*values))

    def _detach(self, relay: Any) -> None:
        """Forgetting the connection is enough."""


class Signal:
    """Descriptor for a signal of a stand-in.

    Args:
        arguments: argument types of the signature, as "vtkMRMLNode*".
        adapters: further overloads, argument types to a function that makes their arguments from the first ones'.
    """

    def __init__(
        self, *arguments: str, adapters: dict[tuple[str, ...], Callable[..., tuple[Any, ...]]] | None = None
    ) -> None:
        self.adapters = adapters or {}
        self.signatures = (arguments, *self.adapters)
        self.name = ""

    def __set_name__(self, kind: type, name: str) -> None:
        self.name = name

    def __get__(self, owner: Any, kind: type) -> Any:
        return self if owner is None else StandInBoundSignal(owner, self)

    def __set__(self, owner: Any, value: Any) -> None:
        raise AttributeError(f"{self.name} is a signal.")
