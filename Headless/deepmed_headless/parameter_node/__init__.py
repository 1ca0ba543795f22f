"""Stand-in for `slicer.parameterNodeWrapper`: same field syntax, same texts in the node, same refusals."""

from __future__ import annotations

from deepmed_headless.host.namespace import new_module
from deepmed_headless.parameter_node import annotations, wrapper


def install_parameter_node_wrapper() -> None:
    """Registers `slicer.parameterNodeWrapper`."""
    new_module(
        "slicer.parameterNodeWrapper",
        parameterNodeWrapper=wrapper.parameterNodeWrapper,
        isParameterNodeWrapper=wrapper.isParameterNodeWrapper,
        Default=annotations.Default,
        Decimals=annotations.Decimals,
        SingleStep=annotations.SingleStep,
        Validator=annotations.Validator,
        WithinRange=annotations.WithinRange,
        Minimum=annotations.Minimum,
        Maximum=annotations.Maximum,
        Choice=annotations.Choice,
        Exclude=annotations.Exclude,
        FloatRange=annotations.FloatRange,
        RangeBounds=annotations.RangeBounds,
    )
