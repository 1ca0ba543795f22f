"""Scan Coverage's pictures in the documentation."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from deepmed_headless.paths import repository_root
from deepmed_headless.pictures.screenshots import opened, page_of, picture_of, wait

ICONS = repository_root() / "ScanCoverage" / "Resources" / "Icons"


def take(folder: Path) -> None:
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
    with tempfile.TemporaryDirectory() as reports:
        write_png(widget.logic.pictureOf(nodes, 200), Path(reports) / "tile.png")
        tile = Image.open(Path(reports) / "tile.png").convert("RGB")
        tile.crop((0, 0, tile.width - 128, tile.height)).save(ICONS / "ScanCoverageTrunkPhantom.png", optimize=True)
        files = {path.name: path for path in widget.logic.exportFiles(nodes, reports)}
        page_of(files["report.pdf"], folder / "ScanCoverageReport")
        shutil.copyfile(files["telling.png"], folder / "ScanCoverageTelling.png")
    picture_of(widget, 500, 1130, folder / "ScanCoveragePanel.png")
    widget._parameterNode.organs.GetDisplayNode().SetVisibility(False)
    nodes.get("masks").CreateClosedSurfaceRepresentation()
    slicer.util.setSliceViewerLayers(background=nodes.volume, fit=True)
    manager.resetSliceViews()
    manager.resetThreeDViews()
    manager.four_up(folder / "ScanCoverageViews.png")
    widget.cleanup()
