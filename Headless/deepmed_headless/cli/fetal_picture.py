"""Measuring one fetal picture through the module's own Logic, and writing the files of the contract."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepmed_headless.cli.batch import Outcome
from deepmed_headless.cli.command import ABSTAINED, DONE
from deepmed_headless.cli.fetal_settings import FetalSettings
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.module_logic import load_logic
from deepmed_headless.cli.scene_files import must, show_in_red
from deepmed_headless.cli.screen import Step

CSV_COLUMNS = ("name", "label", "value", "unit", "sd", "low_95", "high_95", "code", "source")

AfterFiles = Callable[[Any, Path], None]
"""Called with the Logic's nodes and the folder while the scene is still there."""


class PictureMeasurer:
    """The headless host with the FetalBiometry module loaded; measures one picture after another.

    Args:
        after_files: for what a caller wants of the scene beside the contract's files.

    Attributes:
        logic: the module's Logic.
        last: the result of the last picture.
    """

    def __init__(self, settings: FetalSettings, after_files: AfterFiles | None = None) -> None:
        self.settings = settings
        self.last: Any = None
        self._after_files = after_files
        self.logic = load_logic("FetalBiometry")

    def measure(self, case: Case, folder: Path, step: Step, computed: Any = None) -> Outcome:
        """Measures a picture and writes everything but result.json into `folder`.

        Args:
            computed: the network's result where it is there already, as of an examination.

        Raises:
            DeepMedError: see FetalBiometryLogic.loadPicture and process.
        """
        import slicer

        slicer.mrmlScene.Clear(False)
        try:
            step(0.02, "reading")
            nodes = self.nodes_of(case, computed, lambda fraction, what: step(0.05 + 0.75 * fraction, what))
            step(0.8, "writing")
            record = self._record(nodes)
            self._write(nodes, folder)
            if self._after_files is not None:
                self._after_files(nodes, folder)
        finally:
            slicer.mrmlScene.Clear(False)
        self.last = nodes.result
        done = nodes.result.status() == "done"
        return Outcome(record, DONE if done else ABSTAINED, summary(nodes.result))

    def nodes_of(self, case: Case, computed: Any = None, progress: Any = None) -> Any:
        """Loads a picture into the scene and measures it there; returns the Logic's nodes."""
        settings = self.settings
        frame = settings.frame if case.frame is None else case.frame
        volume = self.logic.loadPicture(str(case.path), frame)
        scale = settings.scale if settings.mm_per_mark is None else self._ruler_scale(volume)
        preparation = self.logic.prepare(volume, device=settings.device, plane=settings.plane)
        if computed is None:
            computed = self.logic.compute(preparation, progress)
        return self.logic.finish(preparation, computed, scale, settings.options)

    def _ruler_scale(self, volume: Any) -> Any:
        from DeepMedLib.errors import BadInput

        proposal = self.logic.proposeRuler(volume)
        if proposal is None:
            raise BadInput("No depth ruler was found in the picture.", "Give the pixel size with --spacing MM.")
        return proposal.with_mm_per_tick(self.settings.mm_per_mark).scale(confirmed=True)

    def _record(self, nodes: Any) -> dict[str, Any]:
        record: dict[str, Any] = dict(nodes.result.to_json())
        if nodes.result.scale is None:
            proposal = self.logic.proposeRuler(nodes.volume)
            record["ruler_proposal"] = None if proposal is None else proposal_record(proposal)
        return record

    def _write(self, nodes: Any, folder: Path) -> None:
        import slicer.util

        from deepmed_headless.views.view import write_png

        folder = folder.absolute()  # MRML takes a relative file name as relative to the scene's folder, not to ours
        table = measurements_csv(nodes.result.measurements())
        (folder / "measurements.csv").write_text(table, encoding="utf-8", newline="")
        overlay = self.logic.overlay(nodes)
        write_png(overlay, folder / "overlay.png")
        self.logic.exportReport(nodes, folder, overlay)
        show_in_red(nodes.volume)
        must(slicer.util.saveScene(str(folder / "scene.mrb"), {}), "scene.mrb")
        for name, node in node_files(nodes).items():
            must(slicer.util.saveNode(node, str(folder / name), {}), name)


def node_files(nodes: Any) -> dict[str, Any]:
    """File name -> node to save in it.

    Nothing when the module abstained: the scene then holds the lines as a proposal, but no file of its own may pass for
    a measurement.
    """
    if not nodes.result.vouched:
        return {}
    markups = {**nodes.curves, **nodes.lines}
    files = {f"{name.replace(' ', '')}.mrk.json": node for name, node in markups.items()}
    if nodes.segmentation is not None:
        files[f"{nodes.result.plane}.seg.nrrd"] = nodes.segmentation
    return files


def proposal_record(proposal: Any) -> dict[str, Any]:
    """A ruler proposal for result.json; it changes no number until the user confirms it."""
    return {
        "mm_per_mark": proposal.mm_per_tick,
        "mm_per_px": proposal.mm_per_px,
        "confidence": proposal.confidence,
        "alternatives": [{"mm_per_mark": mm, "belief": belief} for mm, belief in proposal.reading.candidates],
        "pitch_px": proposal.pitch_px,
        "pitch_sd_px": proposal.pitch_sd_px,
        "marks_px": proposal.points().tolist(),
        "text": proposal.text(),
        "confirm_with": f"--accept-ruler {proposal.mm_per_tick:g}",
    }


def measurements_csv(measurements: list[Any]) -> str:
    """All numbers as CSV; what is not known is an empty field."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(CSV_COLUMNS)
    for item in measurements:
        row = item.to_dict()
        low, high = item.interval() or (None, None)
        values = {**row, "label": item.label, "low_95": low, "high_95": high}
        writer.writerow(_field(values[name]) for name in CSV_COLUMNS)
    return stream.getvalue()


def _field(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def summary(result: Any) -> str:
    """The result in one line, for people."""
    if result.status() != "done":
        return f"abstained. {result.finding.reason}"
    shown = ("HC", "BPD", "OFD", "AC", "FL", "HeartArea", "ThoraxArea", "CTR", "CardiacAxis")
    found = {item.name: item for item in result.lengths()}
    names = [name for name in shown if name in found] or list(found)
    return ", ".join(in_words(found[name]) for name in names if found[name].value is not None)


def in_words(item: Any) -> str:
    """``HC 181.3 \u00b1 1.6 mm``."""
    digits = 2 if item.unit == "" else 0 if item.unit == "g" else 1
    spread = "" if item.sd is None else f" \u00b1 {item.sd:.{digits}f}"
    return f"{item.name} {item.value:.{digits}f}{spread} {item.unit}".rstrip()
