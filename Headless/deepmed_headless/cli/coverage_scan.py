"""Reading one scan through the module's own Logic, and writing the files of the contract."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from deepmed_headless.cli.batch import Outcome
from deepmed_headless.cli.command import ABSTAINED, DONE
from deepmed_headless.cli.folder import replace_file
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.module_logic import load_logic
from deepmed_headless.cli.scene_files import must, show_in_red
from deepmed_headless.cli.screen import Step

SUMMARY_COLUMNS = ("scan", "status", "extent", "turned", "neck", "chest", "abdomen", "pelvis", "thigh", "warnings")


class ScanReader:
    """The headless host with the ScanCoverage module loaded; reads one scan after another.

    Attributes:
        rows: one row of the summary for each scan that was read.
    """

    def __init__(
        self,
        device: str,
        lungs: bool,
        segmentation: Path | None = None,
        telling: bool = False,
        series: str | None = None,
    ) -> None:
        self._logic = load_logic("ScanCoverage")
        self._device, self._lungs, self._segmentation, self._telling = device, lungs, segmentation, telling
        self._series = series
        self.rows: list[dict[str, Any]] = []

    def read(self, case: Case, folder: Path, step: Step) -> Outcome:
        """Reads a scan and writes everything but result.json into `folder`.

        Raises:
            DeepMedError: the scan cannot be read; see ScanCoverageLogic.process.
        """
        import slicer

        slicer.mrmlScene.Clear(False)
        try:
            step(0.02, "loading")
            volume = self._logic.loadScan(str(case.path), self._series)
            volume.SetName(case.stem)
            organs = None
            if self._segmentation is not None:
                organs = self._logic.loadOrgans(str(self._segmentation), volume)
            nodes = self._logic.process(
                volume,
                organs,
                lungs=self._lungs,
                telling=self._telling,
                device=self._device,
                onProgress=lambda fraction, what: step(0.05 + 0.75 * fraction, what),
            )
            step(0.8, "writing")
            self._write(nodes, folder)
            record = dict(nodes.result.to_json())
        finally:
            slicer.mrmlScene.Clear(False)
        self.rows.append(summary_row(case.stem, nodes.result))
        return Outcome(record, ABSTAINED if nodes.result.abstained else DONE, nodes.result.headline())

    def _write(self, nodes: Any, folder: Path) -> None:
        import slicer.util

        self._logic.exportFiles(nodes, folder)
        show_in_red(nodes.volume)
        must(slicer.util.saveScene(str(folder.absolute() / "scene.mrb"), {}), "scene.mrb")


def summary_row(stem: str, result: Any) -> dict[str, Any]:
    """One line of summary.csv."""
    return {"scan": stem, "status": result.status(), **result.summary(), "warnings": " ".join(result.warnings())}


def write_summary(rows: list[dict[str, Any]], path: Path) -> None:
    """summary.csv of all scans of a call; nothing when none was read."""
    if not rows:
        return
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, SUMMARY_COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    replace_file(path, stream.getvalue())
