"""EP Mapping's pictures in the documentation."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from deepmed_headless.pictures.screenshots import opened, picture_of, wait


def take(folder: Path) -> None:
    """The panel, and the pictures of a result."""
    widget = opened("EPMapping")[1]
    widget.onSample()
    widget.ui.applyButton.click()
    wait(widget)
    nodes = widget.resultPanel.nodes
    with tempfile.TemporaryDirectory() as reports:
        files = {path.name: path for path in widget.logic.exportFiles(nodes, reports)}
        shutil.copyfile(files["overlay.png"], folder / "EPMappingResult.png")
        shutil.copyfile(files["velocity.png"], folder / "EPMappingVelocity.png")
    picture_of(widget, 500, 1160, folder / "EPMappingPanel.png")
    widget.cleanup()
