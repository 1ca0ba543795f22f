"""The options of a module as fields of its parameter node."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from slicer.parameterNodeWrapper import Choice, WithinRange

from DeepMedLib.options import Option

AnyClass = TypeVar("AnyClass", bound=type)


def optionParameters(options: Iterable[Option]) -> Callable[[AnyClass], AnyClass]:
    """Class decorator below ``@parameterNodeWrapper``: a field with default and limits for each option.

    Example::

        @parameterNodeWrapper
        @optionParameters(OPTIONS)
        class FetalBiometryParameterNode:
            inputVolume: slicer.vtkMRMLScalarVolumeNode
    """

    def decorate(kind: AnyClass) -> AnyClass:
        fields = dict(vars(kind).get("__annotations__", {}))
        for option in options:
            fields[option.parameter] = _annotation(option)
            setattr(kind, option.parameter, option.default)
        kind.__annotations__ = fields
        return kind

    return decorate


def _annotation(option: Option) -> Any:
    if option.choices:
        return Annotated[option.kind, Choice(list(option.choices))]
    if option.limits is not None:
        low, high = option.limits
        return Annotated[option.kind, WithinRange(min(low, option.default) if option.unknown else low, high)]
    return option.kind


def optionValues(options: Iterable[Option], parameters: Any) -> dict[str, Any]:
    """The options as the parameter node has them, by the names that the Lib and the Logic use."""
    return {option.name: getattr(parameters, option.parameter) for option in options}
