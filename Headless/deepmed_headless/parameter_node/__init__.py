"""Stand-in for `slicer.parameterNodeWrapper`: same field syntax, same texts in the node, same refusals."""

from __future__ import annotations

from deepmed_headless.host.namespace import new_module
from deepmed_headless.parameter_node import limits, wrapper


def install_parameter_node_wrapper() -> None:
    """Registers `slicer.parameterNodeWrapper`."""
    new_module(
        "slicer.parameterNodeWrapper",
        parameterNodeWrapper=wrapper.parameterNodeWrapper,
        isParameterNodeWrapper=wrapper.isParameterNodeWrapper,
        Default=limits.Default,
        Decimals=limits.Decimals,
        SingleStep=limits.SingleStep,
        Validator=limits.Validator,
        WithinRange=limits.WithinRange,
        Minimum=limits.Minimum,
        Maximum=limits.Maximum,
        Choice=limits.Choice,
        Exclude=limits.Exclude,
        FloatRange=limits.FloatRange,
        RangeBounds=limits.RangeBounds,
    )
