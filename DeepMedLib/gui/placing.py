"""Clicks in the views that place points of a list."""

from __future__ import annotations

import slicer


def startPlacing(markupsNode: slicer.vtkMRMLMarkupsNode, persistent: bool = False) -> None:
    """Let the next clicks in a view place points of this node.

    Args:
        persistent: until the user takes the mode back; else until the node has its points, or one.
    """
    logic = slicer.modules.markups.logic()
    logic.SetActiveList(markupsNode)
    logic.StartPlaceMode(persistent)
