"""The Result section: what is on the scan, in words, as a picture and as a table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.gui.exportFiles import exportReport
from DeepMedLib.report.png import encode_png
from ScanCoverageMrml.coverageNodes import CoverageNodes, readCoverage


class ResultPanel:
    """Shows one scan that was read.

    Args:
        ui: the panel's widgets.
        picture: draws the coronal view with its bar, (H, W, 3) uint8; None when the volume has gone.
        exportReport: writes the report into a folder and returns the files.
    """

    def __init__(
        self,
        ui: Any,
        picture: Callable[[CoverageNodes], np.ndarray | None],
        exportReport: Callable[[CoverageNodes, Path], list[Path]],
    ) -> None:
        self.ui = ui
        self.nodes: CoverageNodes | None = None
        self._picture = picture
        self._exportReport = exportReport
        ui.reportButton.connect("clicked(bool)", self.onReport)
        self.show(None)

    def show(self, tableNode: slicer.vtkMRMLTableNode | None) -> None:
        """Show the reading of a table; None, or a table that is no reading, empties the section."""
        self.nodes = readCoverage(tableNode)
        nodes = self.nodes
        self.ui.verdictsTable.setMRMLTableNode(nodes.verdicts if nodes is not None else None)
        self.ui.reportButton.enabled = nodes is not None
        if nodes is None:
            self.ui.summaryLabel.text = _("No scan was read yet.")
            self.ui.sentencesLabel.text = ""
            self.ui.pictureLabel.clear()
            return
        result = nodes.result
        self.ui.summaryLabel.text = f"<b>{result.headline()}</b>"
        self.ui.sentencesLabel.text = "\n".join(result.all_sentences())
        picture = self._picture(nodes)
        if picture is None:
            self.ui.pictureLabel.clear()
            return
        # By way of a file: the one path from an array to a pixmap that is the same in every build of Slicer.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "coverage.png"
            path.write_bytes(encode_png(np.ascontiguousarray(picture)))
            self.ui.pictureLabel.setPixmap(qt.QPixmap(str(path)))

    def onReport(self, _checked: bool = False) -> None:
        """Ask for a folder and write the report there."""
        nodes = self.nodes
        if nodes is not None:
            exportReport(lambda folder: self._exportReport(nodes, folder))
