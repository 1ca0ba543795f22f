"""Make the documentation's pictures anew, from generated phantoms only, on the headless host.

    .venv/bin/python Screenshots/make_screenshots.py [MODULE ...]

The report's picture is page one of its PDF, drawn with pdftoppm (package poppler-utils) where that is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from small_pictures import make_small

HERE = Path(__file__).resolve().parent
SEED = 7
FORMER_VISITS = (
    "ga_weeks,BPD_mm,HC_mm,AC_mm,FL_mm,EFW_g\n20,47.6,173.9,148.9,31.9,318\n24.3,60.5,220.3,192.7,42.8,650\n"
)


def opened(name: str) -> tuple[Any, Any]:
    """A module and its panel."""
    from deepmed_headless import load_named

    module = load_named(name)
    widget = getattr(module, f"{name}Widget")()
    widget.setup()
    widget.enter()
    return module, widget


def picture_of(widget, width: int, height: int, name: str) -> None:
    """The panel as a picture beside this file."""
    import slicer

    from deepmed_headless import grab_widget

    widget.parent.resize(width, height)
    widget.parent.show()
    slicer.app.processEvents()
    grab_widget(widget.parent, HERE / f"{name}.png")


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


def page_one(pdf: Path, target: Path, page: int = 1) -> None:
    """The first page of a report, or another, as a picture, where pdftoppm is installed."""
    if shutil.which("pdftoppm"):
        options = ["-png", "-r", "80", "-f", str(page), "-singlefile"]
        subprocess.run(["pdftoppm", *options, str(pdf), str(target)], check=True)


def ceph_sketcher() -> None:
    """Panel, views, report and superimposition of Ceph Sketcher."""
    import slicer

    from deepmed_headless.views.view import write_png

    module, widget = opened("CephSketcher")
    manager = slicer.app.layoutManager()
    film = module.samples.loadPhantom(SEED)
    thumbnail(slicer.util.arrayFromVolume(film)[0], HERE.parent / "CephSketcher" / "Resources" / "Icons")
    widget.choose(film)
    widget.ui.applyButton.click()
    wait(widget)
    picture_of(widget, 560, 1500, "CephSketcherPanel")
    manager.resetSliceViews()
    manager.slice_picture("Red", HERE / "CephSketcherViews.png", (1000, 1240))
    tracing = widget.resultPanel.nodes
    with tempfile.TemporaryDirectory() as folder:
        files = widget.logic.exportReport(tracing, folder)
        page_one(files[1], HERE / "CephSketcherReport")
    grown = grow(widget)
    widget._parameterNode.earlier = tracing.handle
    widget._parameterNode.landmarks = grown.handle
    widget.ui.superimposeButton.click()
    laid = widget.superimposePanel.nodes
    write_png(module.superimposeNodes.overlayOf(laid), HERE / "CephSketcherSuperimposition.png")
    widget.cleanup()


def thumbnail(film: np.ndarray, icons: Path) -> None:
    """The tile of the Sample Data module."""
    from PIL import Image

    small = Image.fromarray(film)
    small.thumbnail((260, 280))
    small.save(icons / "CephSketcherPhantom.png", optimize=True)


def grow(widget) -> Any:
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


def fetal_biometry() -> None:
    """Panel, views and report of Fetal Biometry: the head alone, then an examination of all planes."""
    import slicer

    module, widget = opened("FetalBiometry")
    manager = slicer.app.layoutManager()  # the views must be there before a picture is shown in them
    widget.choose(module.samples.loadPhantom(SEED))
    widget.ui.planeComboBox.currentText = "head"
    widget.ui.gaSpinBox.value = 25.0
    widget.ui.applyButton.click()
    wait(widget)
    picture_of(widget, 470, 1180, "FetalBiometryPanel")
    manager.resetSliceViews()
    manager.resetThreeDViews()
    look_at_the_picture(widget._parameterNode.inputVolume)
    manager.four_up(HERE / "FetalBiometryViews.png")
    with tempfile.TemporaryDirectory() as folder:
        files = module.FetalBiometryLogic().exportReport(widget.resultPanel.nodes, folder)
        page_one(files[1], HERE / "FetalBiometryReport")
    slicer.mrmlScene.Clear(0)
    widget.enter()
    fetal_examination(widget)
    widget.cleanup()


def fetal_examination(widget) -> None:
    """Each plane of the generated examination, its panel, its growth charts and its report."""
    import slicer

    manager = slicer.app.layoutManager()
    panel = widget.examinationPanel
    with tempfile.TemporaryDirectory() as folder:
        visits = Path(folder) / "former_visits.csv"
        visits.write_text(FORMER_VISITS, encoding="utf-8")
        panel.onSample()
        widget.ui.planeComboBox.currentText = "auto"
        widget.ui.gaSpinBox.value = 28.0
        widget.ui.visitsPathLineEdit.currentPath = str(visits)
        widget.ui.examinationButton.click()
        wait(panel)
        for section in ("scale", "settings", "results"):
            getattr(widget.ui, f"{section}CollapsibleButton").collapsed = True
        widget.ui.examinationCollapsibleButton.collapsed = False
        picture_of(widget, 470, 1120, "FetalBiometryExaminationPanel")
        for volume, plane in zip(panel.chosen(), ("head", "abdomen", "femur", "thorax"), strict=True):
            widget.choose(volume)
            widget.ui.planeComboBox.currentText = plane  # named, so that each page of the tutorial has its picture
            widget.ui.applyButton.click()
            wait(widget)
            manager.resetSliceViews()
            manager.slice_picture("Red", HERE / f"FetalBiometry{plane.capitalize()}.png", (800, 560))
        files = widget.logic.exportExamination(panel.nodes, folder)
        page_one(files[1], HERE / "FetalBiometryExaminationReport")
        page_one(files[1], HERE / "FetalBiometryGrowth", 3)


def scan_coverage() -> None:
    """Tile, panel, views, report and telling patches of Scan Coverage."""
    import slicer
    from PIL import Image

    from deepmed_headless.views.view import write_png

    widget = opened("ScanCoverage")[1]
    manager = slicer.app.layoutManager()
    widget.onSample()
    widget._parameterNode.lungs = widget._parameterNode.telling = True
    widget.ui.applyButton.click()
    wait(widget)
    nodes = widget.resultPanel.nodes
    with tempfile.TemporaryDirectory() as folder:
        write_png(widget.logic.pictureOf(nodes, 200), Path(folder) / "tile.png")
        tile = Image.open(Path(folder) / "tile.png").convert("RGB")
        icons = HERE.parent / "ScanCoverage" / "Resources" / "Icons"
        tile.crop((0, 0, tile.width - 128, tile.height)).save(icons / "ScanCoverageTrunkPhantom.png", optimize=True)
        files = {path.name: path for path in widget.logic.exportFiles(nodes, folder)}
        page_one(files["report.pdf"], HERE / "ScanCoverageReport")
        shutil.copyfile(files["telling.png"], HERE / "ScanCoverageTelling.png")
    picture_of(widget, 500, 1130, "ScanCoveragePanel")
    widget._parameterNode.organs.GetDisplayNode().SetVisibility(False)
    nodes.get("masks").CreateClosedSurfaceRepresentation()
    slicer.util.setSliceViewerLayers(background=nodes.volume, fit=True)
    manager.resetSliceViews()
    manager.resetThreeDViews()
    manager.four_up(HERE / "ScanCoverageViews.png")
    widget.cleanup()


MODULES = {"CephSketcher": ceph_sketcher, "FetalBiometry": fetal_biometry, "ScanCoverage": scan_coverage}


def main() -> None:
    from deepmed_headless import boot, install_qt

    boot()
    install_qt()
    import slicer

    for name in sys.argv[1:] or list(MODULES):
        slicer.mrmlScene.Clear(0)
        MODULES[name]()
    for path in sorted(HERE.glob("*.png")):
        make_small(path)


if __name__ == "__main__":
    main()
