"""Lung Texture's pictures in the documentation."""

from __future__ import annotations

import tempfile
from pathlib import Path

from deepmed_headless.pictures.screenshots import opened, page_of, picture_of, wait


def take(folder: Path) -> None:
    """Panel and report of Lung Texture."""
    widget = opened("LungTexture")[1]
    widget.onSample()
    widget.ui.applyButton.click()
    wait(widget)
    with tempfile.TemporaryDirectory() as reports:
        files = {path.name: path for path in widget.logic.exportFiles(widget.resultPanel.nodes, reports)}
        page_of(files["report.pdf"], folder / "LungTextureReport")
    picture_of(widget, 500, 1130, folder / "LungTexturePanel.png")
    widget.cleanup()
