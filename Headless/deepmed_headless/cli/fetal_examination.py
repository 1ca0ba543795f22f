"""A folder as one examination: its pictures measured in one job, then combined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deepmed_headless.cli.batch import Outcome
from deepmed_headless.cli.command import ABSTAINED, DONE
from deepmed_headless.cli.fetal_picture import PictureMeasurer, in_words, measurements_csv
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.scene_files import must, show_in_red
from deepmed_headless.cli.screen import Step

STEM = "examination"


class ExaminationMeasurer:
    """One folder.

    Args:
        folder: where the pictures lie; its name is the examination's.
        cases: its pictures.
        measurer: writes the files of each picture.
    """

    def __init__(self, folder: Path, cases: Sequence[Case], measurer: PictureMeasurer) -> None:
        self.folder = folder
        self.cases = list(cases)
        self._measurer = measurer
        self._computed: dict[Case, Any] = {}
        self._errors: dict[Case, Exception] = {}
        self._results: dict[Case, Any] = {}
        self._skipped: list[tuple[str, str]] = []

    def case(self) -> Case:
        """The examination itself as a case: its folder's name tells equal stems apart."""
        return Case(self.folder / STEM, STEM)

    def measure_picture(self, case: Case, folder: Path, step: Step) -> Outcome:
        """One of the pictures, as `PictureMeasurer.measure`; the first call computes all of them in one job.

        A picture that shows none of the planes, or is not vouched for, is part of many examinations: it leaves the
        exit code alone, which is the examination's to give.

        Raises:
            DeepMedError: this picture, or the computation.
        """
        if not self._computed and not self._errors:
            self._compute(step)
        if case in self._errors:
            raise self._errors[case]
        outcome = self._measurer.measure(case, folder, step, self._computed[case])
        result = self._measurer.last
        if result.plane == "other":
            self._skipped.append((result.picture, result.finding.reason))
        else:
            self._results[case] = result
        return replace(outcome, exit_code=DONE)

    def _compute(self, step: Step) -> None:
        from DeepMedLib.errors import DeepMedError
        from DeepMedLib.task import run_here
        from FetalBiometryLib.picture.files import read_picture
        from FetalBiometryMrml.examinationComputation import eachResult, manyTask

        settings, pictures = self._measurer.settings, {}
        for case in self.cases:
            frame = settings.frame if case.frame is None else case.frame
            try:
                pictures[case] = read_picture(case.path, frame)
            except DeepMedError as error:
                self._errors[case] = error
                self._skipped.append((case.path.name, str(error)))
        if not pictures:
            return
        models = self._measurer.logic.modelsFolder()
        task = manyTask(list(pictures.values()), models, settings.device, settings.plane)
        try:
            computed = run_here(task, step)
        except Exception as error:  # told for every picture of the folder, so that no one seems to be missing
            self._errors |= dict.fromkeys(pictures, error)
            return
        self._computed = dict(zip(pictures, eachResult(computed, len(pictures)), strict=True))

    def measure(self, case: Case, folder: Path, step: Step) -> Outcome:
        """The examination: result.json's content, report, structured report, charts and scene.

        Raises:
            BadInput: none of the pictures could be read, or a setting that cannot be met.
        """
        import slicer

        from deepmed_headless.views.view import write_png
        from DeepMedLib.errors import BadInput
        from FetalBiometryMrml.examinationExport import exportExamination
        from FetalBiometryMrml.examinationNodes import writeExamination
        from FetalBiometryMrml.planeNodes import showOnly

        if not self._results and not self._skipped:
            raise BadInput("None of the pictures of the examination could be measured.", "See what each one says.")
        slicer.mrmlScene.Clear(False)
        try:
            found = []
            for number, (picture, _) in enumerate(self._results.items()):
                step(0.5 * number / len(self._results), "placing")
                found.append(self._measurer.nodes_of(picture, self._computed[picture]))
            nodes = writeExamination(found, self._measurer.settings.examination, self.folder.name, self._skipped)
            step(0.5, "writing")
            record = nodes.result.to_json()
            table = measurements_csv(nodes.result.measurements())
            (folder / "measurements.csv").write_text(table, encoding="utf-8", newline="")
            folder = folder.absolute()
            write_png(contact_sheet([self._measurer.logic.overlay(p) for p in best_of(nodes)]), folder / "overlay.png")
            exportExamination(nodes, folder)
            best = nodes.bestNodes()
            if best is not None:
                showOnly(best)
                show_in_red(best.volume)
            must(slicer.util.saveScene(str(folder / "scene.mrb"), {}), "scene.mrb")
        finally:
            slicer.mrmlScene.Clear(False)
        done = nodes.result.status() == "done"
        return Outcome(record, DONE if done else ABSTAINED, summary(nodes.result))


def best_of(nodes: Any) -> list[Any]:
    """The best picture of each plane, or the first pictures where none is vouched for."""
    best = list(nodes.result.best.values())
    chosen = [picture for picture in nodes.pictures if any(picture.result is result for result in best)]
    return chosen or nodes.pictures[:4]


def contact_sheet(pictures: Sequence[Any], height: int = 420) -> Any:
    """(H, W, 3) uint8: up to four pictures side by side, two in a row."""
    import numpy as np
    from PIL import Image

    if not pictures:
        return np.zeros((height, height, 3), np.uint8)
    scaled = [
        np.asarray(Image.fromarray(p).resize((max(1, round(p.shape[1] * height / p.shape[0])), height)))
        for p in pictures
    ]
    rows = [np.hstack(scaled[start : start + 2]) for start in range(0, len(scaled), 2)]
    width = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows])


def summary(result: Any) -> str:
    """The examination in one line, for people."""
    if result.status() != "done":
        return f"abstained. {result.reason()}"
    shown = ("HC", "AC", "FL", "GA", "EFW", "EFW_centile")
    found = {item.name: item for item in result.measurements()}
    names = [name for name in shown if name in found] or list(found)[:4]
    return ", ".join(in_words(found[name]) for name in names if found[name].value is not None)
