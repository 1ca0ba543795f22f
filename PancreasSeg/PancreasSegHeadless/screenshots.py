"""Pancreas Seg's picture in the documentation: how a result looks, whatever network drew it."""

from __future__ import annotations

from pathlib import Path

from deepmed_headless.pictures.screenshots import opened, picture_of


def take(folder: Path) -> None:
    """The panel with the generated abdomen's own outlines."""
    module, widget = opened("PancreasSeg")
    node = module.organPhantom.loadPhantom()
    widget.choose(node)
    widget._parameterNode.result = module.organPhantom.drawnResult(node, widget.logic).handle
    picture_of(widget, 500, 1100, folder / "PancreasSegPanel.png")
    widget.cleanup()
