"""Make the README's pictures of Fetal Biometry anew, from the generated phantom, on the headless host.

    .venv/bin/python Screenshots/make_screenshots.py

The report's picture is page one of its PDF, drawn with pdftoppm (package poppler-utils) where that is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SEED = 7


def wait(widget) -> None:
    """Let the child process finish while the panel stays alive."""
    import slicer

    while widget.applyCancel.state.value in ("running", "cancelling"):
        slicer.app.processEvents()
        time.sleep(0.05)


def look_at_the_picture(volumeNode) -> None:
    """Turn the 3D view so that a flat picture is seen from the front, as in the axial view."""
    import slicer

    bounds = np.zeros(6)
    volumeNode.GetRASBounds(bounds)
    centre = bounds.reshape(3, 2).mean(1)
    size = float(np.ptp(bounds.reshape(3, 2), axis=1).max())
    for camera in slicer.util.getNodesByClass("vtkMRMLCameraNode"):
        camera.SetFocalPoint(*centre)
        camera.SetPosition(centre[0], centre[1], centre[2] - 2.2 * size)
        camera.SetViewUp(0, 1, 0)
        camera.ResetClippingRange()


def main() -> None:
    from deepmed_headless import boot, grab_widget, install_qt, load_named

    boot()
    install_qt()
    import slicer

    module = load_named("FetalBiometry")
    widget = module.FetalBiometryWidget()
    widget.setup()
    widget.enter()
    manager = slicer.app.layoutManager()  # the views must be there before a picture is shown in them
    widget.showPicture(module.samples.loadPhantom(SEED))
    widget.ui.gaSpinBox.value = 25.0
    widget.ui.applyButton.click()
    wait(widget)
    widget.parent.resize(470, 1180)
    widget.parent.show()
    slicer.app.processEvents()
    grab_widget(widget.parent, HERE / "FetalBiometryPanel.png")
    manager.resetSliceViews()
    manager.resetThreeDViews()
    look_at_the_picture(widget._parameterNode.inputVolume)
    manager.four_up(HERE / "FetalBiometryViews.png")
    with tempfile.TemporaryDirectory() as folder:
        files = module.FetalBiometryLogic().exportReport(widget.resultPanel.nodes, folder)
        if shutil.which("pdftoppm"):
            target = HERE / "FetalBiometryReport"
            subprocess.run(["pdftoppm", "-png", "-r", "80", "-singlefile", str(files[1]), str(target)], check=True)
    widget.cleanup()


if __name__ == "__main__":
    main()
