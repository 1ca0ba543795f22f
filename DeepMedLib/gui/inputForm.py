"""A module's inputs as a form: one selector for each node that it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import qt
import slicer

from DeepMedLib.gui.optionForm import PROPERTY


@dataclass(frozen=True)
class InputNode:
    """One node that a module takes.

    Attributes:
        parameter: the parameter that it goes into, whose class is what the selector lists.
        label: what the form calls it.
        help: one sentence for people.
    """

    parameter: str
    label: str
    help: str


def addInputs(layout: qt.QFormLayout, inputs: Iterable[InputNode]) -> dict[str, Any]:
    """Add a selector for each input; returns them as ``<parameter>Selector``, for ``connectGui``."""
    made = {}
    for each in inputs:
        selector = slicer.qMRMLNodeComboBox()
        selector.showChildNodeTypes = False
        selector.noneEnabled = True
        selector.addEnabled = selector.removeEnabled = False
        selector.toolTip = each.help
        selector.setProperty(PROPERTY, each.parameter)
        selector.setMRMLScene(slicer.mrmlScene)
        layout.addRow(f"{each.label}:", selector)
        made[f"{each.parameter}Selector"] = selector
    return made
