"""Qt classes as PythonQt shows them: properties are attributes, unknown attributes are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore

from deepmed_headless.standins.qt.signals import BoundSignal, NativeSignal, Signal, split_signature

_attribute = property  # the mixin has a method of that name
_wrapped: dict[type, type] = {}
_VIRTUAL = ("sizeHint", "minimumSizeHint")  # Qt itself calls these by name, so they stay methods


class PythonQtMeta(type(QtCore.QObject)):  # type: ignore[misc]
    """Lets isinstance(button, qt.QWidget) hold although the two wrapped classes are not related."""

    def __instancecheck__(cls, instance: object) -> bool:
        native = cls.__dict__.get("_native")
        return isinstance(instance, native) if native is not None else type.__instancecheck__(cls, instance)


class PythonQtObject:
    """Mixin with what PythonQt adds to every QObject."""

    _is_stand_in = True
    _loading = False  # while a .ui file is loaded, PySide sets each child as attribute of its parent

    def className(self) -> str:
        """Name of the Qt class, or of the stand-in; a class derived in a module does not count."""
        return next(kind.__name__ for kind in type(self).__mro__ if "_is_stand_in" in kind.__dict__)

    @_attribute
    def name(self) -> str:
        """The object's name."""
        return str(QtCore.QObject.objectName(self))  # type: ignore[call-overload]

    @name.setter
    def name(self, value: str) -> None:
        QtCore.QObject.setObjectName(self, value)  # type: ignore[call-overload]

    def property(self, name: str) -> Any:
        """Value of a property, dynamic ones included; None where there is none."""
        if name in stand_in_properties(type(self)):
            return getattr(self, name)
        return QtCore.QObject.property(self, name)  # type: ignore[call-overload]

    def setProperty(self, name: str, value: Any) -> bool:
        """Sets a property; an unknown name makes a dynamic one."""
        if name in stand_in_properties(type(self)):
            setattr(self, name, value)
            return True
        return bool(QtCore.QObject.setProperty(self, name, value))  # type: ignore[call-overload]

    def connect(self, signature: str, receiver: Any, slot: str | None = None) -> bool:
        """Connects "clicked(bool)" to a callable, or to `slot` ("click()") of the object `receiver`.

        Raises:
            ValueError: there is no such signal or overload.
            AttributeError: the receiver has no such slot.
        """
        signal, arguments = self._signal(signature)
        target = receiver if slot is None else getattr(receiver, split_signature(slot)[0])
        return signal.connect_signature(arguments, target)

    def disconnect(self, signature: str, receiver: Any = None, slot: str | None = None) -> bool:
        """Ends connections made with `connect`."""
        signal, _ = self._signal(signature)
        target = receiver if slot is None else getattr(receiver, split_signature(slot)[0])
        return signal.disconnect(target)

    def _signal(self, signature: str) -> tuple[BoundSignal, tuple[str, ...]]:
        name, arguments = split_signature(signature)
        signal = getattr(self, name, None)
        if not isinstance(signal, BoundSignal):
            raise ValueError(f"{self.className()} has no signal {signature}.")
        return signal, arguments

    def __getattribute__(self, name: str) -> Any:
        # PySide answers signals, connect and disconnect itself, before it looks at the class.
        kind = type(self)
        found: Any = getattr(kind, name, None)
        if isinstance(found, NativeSignal | Signal) or name in ("connect", "disconnect"):
            return found.__get__(self, kind)
        return super().__getattribute__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        own_class = "_is_stand_in" in type(self).__dict__
        if own_class and not name.startswith("_") and not _is_settable(type(self), name):
            if PythonQtObject._loading and isinstance(value, QtCore.QObject):
                return
            raise AttributeError(f"{self.className()} has no property {name!r}.")
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            for known in QtCore.QObject.dynamicPropertyNames(self):  # type: ignore[call-overload]
                if bytes(known.data()).decode() == name:
                    return QtCore.QObject.property(self, name)  # type: ignore[call-overload]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")


def _is_settable(kind: type, name: str) -> bool:
    return any(hasattr(base.__dict__.get(name), "__set__") for base in kind.__mro__)


class NativeProperty:
    """Descriptor for a property of a Qt class."""

    def __init__(self, native: type, meta: Any) -> None:
        self._native: Any = native
        self.name = meta.name()
        self.type_name = meta.typeName()
        self._writable = meta.isWritable()

    def __get__(self, owner: Any, kind: type) -> Any:
        if owner is None:  # a static function may have the property's name, as QTimer.singleShot
            return getattr(self._native, self.name, self)
        return self._native.property(owner, self.name)

    def __set__(self, owner: Any, value: Any) -> None:
        if not self._writable:
            raise AttributeError(f"Property {self.name!r} is read-only.")
        if not self._native.setProperty(owner, self.name, self._converted(value)):
            raise TypeError(f"Property {self.name!r} of type {self.type_name} does not accept {value!r}.")

    def _converted(self, value: Any) -> Any:
        """Qt would turn a number into a text and the other way round; PythonQt refuses that."""
        text = isinstance(value, str)
        if (self.type_name == "QString" and not text) or (self.type_name in ("bool", "int", "double") and text):
            raise TypeError(
                f"Property {self.name!r} of type {self.type_name} does not accept {value!r} of type {type(value)}."
            )
        casts: dict[str, Callable[[Any], Any]] = {"bool": bool, "double": float}
        return casts.get(self.type_name, lambda same: same)(value)


def wrap(native: type) -> type:
    """The PythonQt-like class for a PySide6 QObject class; the same class each time."""
    if native not in _wrapped:
        kind = PythonQtMeta(native.__name__, (PythonQtObject, native), _members(native))
        _wrapped[native] = kind
    return _wrapped[native]


def _members(native: Any) -> dict[str, Any]:
    meta = native.staticMetaObject
    members: dict[str, Any] = {
        "_native": native,
        "_is_stand_in": True,
        "__module__": "qt",
        "__doc__": f"{native.__name__} as PythonQt shows it.",
    }
    signatures: dict[str, list[tuple[str, ...]]] = {}
    for index in range(meta.methodCount()):
        method = meta.method(index)
        if method.methodType() == QtCore.QMetaMethod.MethodType.Signal:
            name, arguments = split_signature(method.methodSignature().data().decode())
            signatures.setdefault(name, []).append(arguments)
    for name, overloads in signatures.items():
        signal = getattr(native, name, None)
        if isinstance(signal, QtCore.Signal):
            members[name] = NativeSignal(name, tuple(overloads))
    for index in range(meta.propertyCount()):
        name = meta.property(index).name()
        if name not in _VIRTUAL:
            members[name] = NativeProperty(native, meta.property(index))
    return members


def stand_in_properties(kind: type) -> dict[str, Any]:
    """The properties that stand-in classes define in Python, by name."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if "_is_stand_in" in base.__dict__ and base.__dict__.get("_native") is None and base is not PythonQtObject:
            found.update(
                {
                    name: value
                    for name, value in base.__dict__.items()
                    if isinstance(value, _attribute) and not name.startswith("_")
                }
            )
    return found


def stand_in_signals(kind: type) -> dict[str, Signal]:
    """The signals that stand-in classes define in Python, by name."""
    return {
        name: value
        for base in reversed(kind.__mro__)
        for name, value in base.__dict__.items()
        if isinstance(value, Signal)
    }
