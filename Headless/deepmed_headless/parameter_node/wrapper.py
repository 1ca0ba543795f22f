"""`@parameterNodeWrapper`: typed attributes over a vtkMRMLScriptedModuleNode, linked with widgets."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from deepmed_headless.parameter_node.connectors import Connector, connector_for
from deepmed_headless.parameter_node.limits import Default, Validator
from deepmed_headless.parameter_node.serializers import Serializer, serializer_for


@dataclass(frozen=True)
class Field:
    """One parameter of a wrapped class."""

    name: str
    kind: Any
    annotations: tuple[Any, ...]
    serializer: Serializer
    default: Any

    def check(self, value: Any) -> None:
        """Raises TypeError or ValueError where the value is refused."""
        self.serializer.check(value)
        for entry in self.annotations:
            if isinstance(entry, Validator):
                entry.validate(value)


class ParameterNodeWrapper:
    """Base of every wrapped class: what Slicer's wrapper offers.

    Args:
        parameterNode: the vtkMRMLScriptedModuleNode.
        prefix: put before each parameter's name in the node.
    """

    _fields: typing.ClassVar[dict[str, Field]] = {}
    _is_parameter_node_wrapper = True

    def __init__(self, parameterNode: Any, prefix: str | None = None) -> None:
        self.parameterNode = parameterNode
        self._prefix = prefix or ""
        self._connections: dict[int, tuple[int, dict[str, Connector]]] = {}
        self._updating = False
        for field in self._fields.values():
            if not field.serializer.is_in(parameterNode, self._prefix + field.name):
                self.setValue(field.name, field.default)

    def _field(self, name: str) -> Field:
        if name not in self._fields:
            raise ValueError(f"There is no parameter {name}; there is {', '.join(self._fields)}.")
        return self._fields[name]

    def getValue(self, name: str) -> Any:
        """Value of a parameter."""
        field, key = self._field(name), self._prefix + name
        if not field.serializer.is_in(self.parameterNode, key):
            self.setValue(name, field.default)
        return field.serializer.read(self.parameterNode, key)

    def setValue(self, name: str, value: Any) -> None:
        """Sets a parameter; the node tells of it once.

        Raises:
            TypeError: the value has another type.
            ValueError: a limit or choice refuses the value.
        """
        import slicer

        field = self._field(name)
        field.check(value)
        with slicer.util.NodeModify(self.parameterNode):
            field.serializer.write(self.parameterNode, self._prefix + name, value)

    def default(self, name: str) -> Default:
        """Default of a parameter."""
        return Default(self._field(name).default)

    def dataType(self, name: str) -> Any:
        """Type of a parameter, with its annotations."""
        field = self._field(name)
        return Annotated[(field.kind, *field.annotations)] if field.annotations else field.kind

    def connectGui(self, gui: Any) -> int:
        """Links every widget that carries the dynamic property SlicerParameterName, both ways.

        Args:
            gui: a widget with its children, or the object that slicer.util.childWidgetVariables returns.

        Returns:
            a tag for `disconnectGui`.

        Raises:
            ValueError: a widget names a parameter that does not exist.
            RuntimeError: a widget cannot show its parameter's type.
        """
        import slicer

        widgets = slicer.util.findChildren(gui) if hasattr(gui, "isWidgetType") else list(vars(gui).values())
        named = [(widget.property("SlicerParameterName"), widget) for widget in widgets]
        return self.connectParametersToGui({name: widget for name, widget in named if name})

    def connectParametersToGui(self, mapping: dict[str, Any]) -> int:
        """Links parameters by name with widgets, see `connectGui`."""
        import vtk

        connectors = {
            name: connector_for(widget, self._field(name).kind, self._field(name).annotations)
            for name, widget in mapping.items()
        }
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.connect(self._slot_for(name, connector))
        observer = self.parameterNode.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self._update_widgets())
        tag = len(self._connections)
        self._connections[tag] = (observer, connectors)
        return tag

    def disconnectGui(self, tag: int) -> None:
        """Ends the links made under a tag."""
        if tag not in self._connections or self._connections[tag][0] < 0:
            return
        observer, connectors = self._connections[tag]
        self._connections[tag] = (-1, {})
        self.parameterNode.RemoveObserver(observer)
        for connector in connectors.values():
            connector.disconnect()

    def _slot_for(self, name: str, connector: Connector) -> Callable[[], None]:
        def changed() -> None:
            if not self._updating:
                self.setValue(name, connector.read())

        return changed

    def _update_widgets(self) -> None:
        if self._updating:
            return
        self._updating = True
        try:
            for _, connectors in self._connections.values():
                for name, connector in connectors.items():
                    connector.write(self.getValue(name))
        finally:
            self._updating = False

    def AddObserver(self, event: Any, callback: Callable[..., Any], priority: float = 0.0) -> int:
        """Observes the node."""
        return int(self.parameterNode.AddObserver(event, callback, priority))

    def RemoveObserver(self, tag: int) -> None:
        """Ends that."""
        self.parameterNode.RemoveObserver(tag)

    def StartModify(self) -> int:
        """Collects changes."""
        return int(self.parameterNode.StartModify())

    def EndModify(self, previous: int) -> int:
        """Tells of collected changes."""
        return int(self.parameterNode.EndModify(previous))

    def Modified(self) -> None:
        """Tells observers that something changed."""
        self.parameterNode.Modified()


def parameterNodeWrapper(classtype: type | None = None) -> Any:
    """Class decorator, with or without parentheses.

    Raises:
        ValueError: a field uses a name that the wrapper needs, or its default is refused.
        TypeError: a field's type is not supported headless.
    """
    return _wrap if classtype is None else _wrap(classtype)


def _wrap(classtype: type) -> type:
    fields: dict[str, Field] = {}
    for name, hint in typing.get_type_hints(classtype, include_extras=True).items():
        if hasattr(ParameterNodeWrapper, name):
            raise ValueError(f"Cannot use reserved name '{name}' in a parameterNodeWrapper")
        annotated = typing.get_origin(hint) is Annotated
        kind = typing.get_args(hint)[0] if annotated else hint
        annotations = typing.get_args(hint)[1:] if annotated else ()
        serializer = serializer_for(kind)
        stated = [entry.value for entry in annotations if isinstance(entry, Default)]
        default = getattr(classtype, name) if hasattr(classtype, name) else (stated or [serializer.default])[0]
        kept = tuple(entry for entry in annotations if not isinstance(entry, Default))
        fields[name] = Field(name, kind, kept, serializer, default)
    members: dict[str, Any] = {name: _property_of(name) for name in fields}
    members.update(_fields=fields, __doc__=classtype.__doc__, __module__=classtype.__module__)
    members["__annotations__"] = dict(getattr(classtype, "__annotations__", {}))
    return type(classtype.__name__, (ParameterNodeWrapper, classtype), members)


def _property_of(name: str) -> property:
    return property(lambda self: self.getValue(name), lambda self, value: self.setValue(name, value))


def isParameterNodeWrapper(candidate: Any) -> bool:
    """Whether a class or object is a wrapped one."""
    return bool(getattr(candidate, "_is_parameter_node_wrapper", False))
