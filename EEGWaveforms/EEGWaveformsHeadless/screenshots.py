"""EEG Waveforms' pictures in the documentation."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from deepmed_headless.pictures.screenshots import opened, picture_of, wait


def take(folder: Path) -> None:
    """The panel, and the picture of a result."""
    widget = opened("EEGWaveforms")[1]
    widget.onSample()
    widget.onPlace()
    widget.ui.applyButton.click()
    wait(widget)
    nodes = widget.resultPanel.nodes
    with tempfile.TemporaryDirectory() as reports:
        files = {path.name: path for path in widget.logic.exportFiles(nodes, reports)}
        shutil.copyfile(files["overlay.png"], folder / "EEGWaveformsResult.png")
    picture_of(widget, 500, 1160, folder / "EEGWaveformsPanel.png")
    widget.cleanup()
