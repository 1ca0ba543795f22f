"""Ceph Sketcher's pictures in the documentation."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from deepmed_headless.paths import repository_root
from deepmed_headless.pictures.screenshots import SEED, opened, page_of, picture_of, wait

ICONS = repository_root() / "CephSketcher" / "Resources" / "Icons"


def take(folder: Path) -> None:
    """Panel, views, report and superimposition of Ceph Sketcher."""
    import slicer

    from deepmed_headless.views.view import write_png

    module, widget = opened("CephSketcher")
    manager = slicer.app.layoutManager()
    film = module.samples.loadPhantom(SEED)
    thumbnail(slicer.util.arrayFromVolume(film)[0], ICONS)
    widget.choose(film)
    widget.ui.applyButton.click()
    wait(widget)
    picture_of(widget, 560, 1500, folder / "CephSketcherPanel.png")
    manager.resetSliceViews()
    manager.slice_picture("Red", folder / "CephSketcherViews.png", (1000, 1240))
    tracing = widget.resultPanel.nodes
    with tempfile.TemporaryDirectory() as reports:
        files = widget.logic.exportReport(tracing, reports)
        page_of(files[1], folder / "CephSketcherReport")
    grown = grow(widget)
    widget._parameterNode.earlier = tracing.handle
    widget._parameterNode.landmarks = grown.handle
    widget.ui.superimposeButton.click()
    laid = widget.superimposePanel.nodes
    write_png(module.superimposeNodes.overlayOf(laid), folder / "CephSketcherSuperimposition.png")
    widget.cleanup()


def thumbnail(film: np.ndarray, icons: Path) -> None:
    """The tile of the Sample Data module."""
    from PIL import Image

    small = Image.fromarray(film)
    small.thumbnail((260, 280))
    small.save(icons / "CephSketcherPhantom.png", optimize=True)


def grow(widget: Any) -> Any:
    """The phantom's tracing once more, with a chin that was dragged forward and down as growth would."""
    widget.ui.applyButton.click()
    wait(widget)
    nodes = widget.resultPanel.nodes
    for symbol, forward, down in (("B", 3, 2), ("Pog", 4, 3), ("Gn", 4, 4), ("Me", 3, 5), ("Go", 0, 2)):
        index = nodes.result.landmarks.symbols.index(symbol)
        x, y, z = nodes.handle.GetNthControlPointPositionWorld(index)
        nodes.handle.SetNthControlPointPositionWorld(index, x - forward, y - down, z)
    widget.resultPanel.follow()
    return widget.resultPanel.nodes
