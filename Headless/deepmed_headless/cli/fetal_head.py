"""Measuring one fetal head through the module's own Logic, and writing the files of the contract."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepmed_headless.cli.batch import Outcome
from deepmed_headless.cli.command import ABSTAINED, DONE
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.screen import Step

#: Node of the Logic's result -> file that it is saved in. Not written when the module abstained: the scene then holds
#: the lines as a proposal, but no file of its own may pass for a measurement.
NODE_FILES = (
    ("segmentation", "head.seg.nrrd"),
    ("curve", "HC.mrk.json"),
    ("ofd", "OFD.mrk.json"),
    ("bpd", "BPD.mrk.json"),
)
CSV_COLUMNS = ("name", "label", "value", "unit", "sd", "low_95", "high_95", "code", "source")

AfterFiles = Callable[[Any, Path], None]
"""Called with the Logic's nodes and the folder while the scene is still there."""


@dataclass(frozen=True)
class HeadSettings:
    """How all pictures of one call are measured.

    Attributes:
        scale: pixel size given by the user; None asks the file.
        mm_per_mark: worth of a ruler mark that the user confirmed.
        frame: index from 0; None for files of one frame.
        options: HeadOptions of the module.
    """

    device: str
    scale: Any
    mm_per_mark: float | None
    frame: int | None
    options: Any

    @classmethod
    def checked(
        cls,
        device: str = "auto",
        spacing: float | None = None,
        mm_per_mark: float | None = None,
        frame: int | None = None,
        bpd_convention: str | None = None,
        ga_weeks: float | None = None,
        standard: str | None = None,
    ) -> HeadSettings:
        """Settings from the words of the command line; ``frame`` counts from 1 there.

        Raises:
            BadInput: a value that no picture could be measured with.
        """
        from DeepMedLib.errors import BadInput
        from FetalBiometryLib.head_result import HeadOptions
        from FetalBiometryLib.scale import typed_scale

        scale = typed_scale(spacing) if spacing is not None else None
        if mm_per_mark is not None and not 0.5 <= mm_per_mark <= 100:
            raise BadInput(
                f"A ruler mark of {mm_per_mark:g} mm is not possible.", "Give the mm from mark to mark, e.g. 5 or 10."
            )
        # NaN fails this too.
        if ga_weeks is not None and not 4 <= ga_weeks <= 45:
            raise BadInput(f"A gestational age of {ga_weeks:g} weeks is not possible.", "Give 4 to 45 weeks.")
        if standard is not None:
            _check_standard(standard)
        given: dict[str, Any] = {"bpd_convention": bpd_convention, "ga_weeks": ga_weeks, "standard": standard}
        options = HeadOptions(**{name: value for name, value in given.items() if value is not None})
        return cls(device, scale, mm_per_mark, None if frame is None else frame - 1, options)


class HeadMeasurer:
    """The headless host with the FetalBiometry module loaded; measures one picture after another.

    Args:
        after_files: for what a caller wants of the scene beside the contract's files.
    """

    def __init__(self, settings: HeadSettings, after_files: AfterFiles | None = None) -> None:
        self.settings = settings
        self._after_files = after_files
        self._logic = load_logic()

    def measure(self, case: Case, folder: Path, step: Step) -> Outcome:
        """Measures a picture and writes everything but result.json into `folder`.

        Raises:
            DeepMedError: see FetalBiometryLogic.loadPicture and process.
        """
        import slicer

        settings = self.settings
        slicer.mrmlScene.Clear(False)
        try:
            step(0.02, "reading")
            volume = self._logic.loadPicture(str(case.path), settings.frame)
            scale = settings.scale if settings.mm_per_mark is None else self._ruler_scale(volume)
            nodes = self._logic.process(
                volume,
                scale=scale,
                options=settings.options,
                device=settings.device,
                onProgress=lambda fraction, what: step(0.05 + 0.75 * fraction, what),
            )
            step(0.8, "writing")
            record = self._record(nodes)
            self._write(nodes, folder)
            if self._after_files is not None:
                self._after_files(nodes, folder)
        finally:
            slicer.mrmlScene.Clear(False)
        done = nodes.result.status() == "done"
        return Outcome(record, DONE if done else ABSTAINED, summary(nodes.result))

    def _ruler_scale(self, volume: Any) -> Any:
        from DeepMedLib.errors import BadInput

        proposal = self._logic.proposeRuler(volume)
        if proposal is None:
            raise BadInput("No depth ruler was found in the picture.", "Give the pixel size with --spacing MM.")
        return proposal.with_mm_per_tick(self.settings.mm_per_mark).scale(confirmed=True)

    def _record(self, nodes: Any) -> dict[str, Any]:
        record: dict[str, Any] = dict(nodes.result.to_json())
        if nodes.result.scale is None:
            proposal = self._logic.proposeRuler(nodes.volume)
            record["ruler_proposal"] = None if proposal is None else proposal_record(proposal)
        return record

    def _write(self, nodes: Any, folder: Path) -> None:
        import slicer.util

        from deepmed_headless.views.view import write_png

        folder = folder.absolute()  # MRML takes a relative file name as relative to the scene's folder, not to ours
        table = measurements_csv(nodes.result.measurements())
        (folder / "measurements.csv").write_text(table, encoding="utf-8", newline="")
        write_png(self._logic.overlay(nodes), folder / "overlay.png")
        self._logic.exportReport(nodes, folder)
        show_in_red(nodes.volume)
        _must(slicer.util.saveScene(str(folder / "scene.mrb"), {}), "scene.mrb")
        for attribute, name in NODE_FILES if nodes.result.vouched else ():
            node = getattr(nodes, attribute)
            if node is not None:
                _must(slicer.util.saveNode(node, str(folder / name), {}), name)


def load_logic() -> Any:
    """FetalBiometryLogic in the booted headless host, computing in this process so that the model is loaded once."""
    from deepmed_headless import boot, load_named

    boot()
    logic = load_named("FetalBiometry").FetalBiometryLogic()
    logic.runInProcess = True
    return logic


def _check_standard(name: str) -> None:
    from DeepMedLib.errors import BadInput
    from FetalBiometryLib import standards

    known = [item for item in standards.standard_names() if {"HC", "BPD"} <= set(standards.standard(item).ranges)]
    if name not in known:
        raise BadInput(f"There is no growth standard of the head called '{name}'.", f"Choose {' or '.join(known)}.")


def _must(written: bool, name: str) -> None:
    from DeepMedLib.errors import DeepMedError

    if not written:
        raise DeepMedError(f"{name} could not be written.", "Check the space on the disk of --out.")


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


def show_in_red(volume: Any) -> None:
    """Lets the Red slice view of the saved scene show the picture."""
    import slicer

    scene = slicer.mrmlScene
    composite = scene.GetSingletonNode("Red", "vtkMRMLSliceCompositeNode")
    if composite is None:
        composite = slicer.vtkMRMLSliceCompositeNode()
        composite.SetLayoutName("Red")
        composite.SetSingletonTag("Red")
        composite = scene.AddNode(composite)
    composite.SetBackgroundVolumeID(volume.GetID())


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
    """The head in one line, for people."""
    if result.status() != "done":
        return f"abstained. {result.finding.reason}"
    shown = {"HC", "BPD", "OFD"}
    parts = []
    for item in result.lengths():
        if item.name in shown and item.value is not None:
            spread = "" if item.sd is None else f" \u00b1 {item.sd:.1f}"
            parts.append(f"{item.name} {item.value:.1f}{spread} {item.unit}")
    return ", ".join(parts)
