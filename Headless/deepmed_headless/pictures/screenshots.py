"""How the documentation's pictures are taken on the headless host: panels, views, pages of a report."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

#: The seed of every generated picture that is shown.
SEED = 7


def opened(name: str) -> tuple[Any, Any]:
    """A module and its Widget, entered."""
    from deepmed_headless import load_named

    module = load_named(name)
    widget = getattr(module, f"{name}Widget")()
    widget.setup()
    widget.enter()
    return module, widget


def picture_of(widget: Any, width: int, height: int, path: Path) -> None:
    """A module's panel, as large as given in screen pixels, as PNG."""
    import slicer
    from PySide6 import QtWidgets

    from deepmed_headless import grab_widget

    widget.applyCancel.clearStatus()  # the time that it took here is nobody else's
    widget.parent.resize(width, height)
    widget.parent.show()
    slicer.app.processEvents()
    for table in widget.parent.findChildren(QtWidgets.QTableView):  # rows were made for the width before
        table.resizeRowsToContents()
    slicer.app.processEvents()
    grab_widget(widget.parent, path)


def wait(widget: Any) -> None:
    """Lets the child process finish while the panel stays alive."""
    import slicer

    while widget.applyCancel.state.value in ("running", "cancelling"):
        slicer.app.processEvents()
        time.sleep(0.05)


def look_at_the_picture(volume: Any) -> None:
    """Turns the 3D view so that a flat picture is seen from the front, as in the axial view."""
    import slicer

    bounds = np.zeros(6)
    volume.GetRASBounds(bounds)
    center = bounds.reshape(3, 2).mean(1)
    size = float(np.ptp(bounds.reshape(3, 2), axis=1).max())
    for camera in slicer.util.getNodesByClass("vtkMRMLCameraNode"):
        camera.SetFocalPoint(*center)
        camera.SetPosition(center[0], center[1], center[2] - 2.2 * size)
        camera.SetViewUp(0, 1, 0)
        camera.ResetClippingRange()


def page_of(pdf: Path, target: Path, page: int = 1) -> None:
    """A page of a report as ``<target>.png``, drawn with pdftoppm (package poppler-utils) where that is installed."""
    if shutil.which("pdftoppm"):
        options = ["-png", "-r", "80", "-f", str(page), "-singlefile"]
        subprocess.run(["pdftoppm", *options, str(pdf), str(target)], check=True)
