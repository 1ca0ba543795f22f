"""What `deepmed fetal` writes beside what the module's Logic writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.scene_files import show_in_red
from deepmed_headless.cli.run.declaration import Progress
from FetalBiometryHeadless.settings import scale_of


def examine(logic: Any, case: Case, progress: Progress) -> Any:
    """Measures the pictures of a folder in one job and combines them.

    Raises:
        BadInput: none of the pictures could be read, or a setting that cannot be met.
    """
    import slicer

    from DeepMedLib.errors import BadInput, DeepMedError
    from DeepMedLib.jobs.task import run_here
    from FetalBiometryMrml.examinationComputation import eachResult, manyTask
    from FetalBiometryMrml.examinationNodes import writeExamination
    from FetalBiometryMrml.planeNodes import RESULTS

    prepared, skipped = [], []
    for part in case.parts:
        frame = part.values["frame"]
        try:
            volume = logic.loadPicture(str(part.path), None if frame is None else frame - 1)
            preparation = logic.prepare(volume, device=part.values["device"], plane=part.values["plane"])
            prepared.append((part, preparation, scale_of(logic, volume, part.values)))
        except DeepMedError as error:
            skipped.append((part.path.name, str(error)))
    if not prepared:
        raise BadInput("None of the pictures of the examination could be measured.", "See what each one says.")
    pictures = [preparation.picture for _, preparation, _ in prepared]
    task = manyTask(pictures, logic.modelsFolder(), case.values["device"], case.values["plane"])
    computed = eachResult(run_here(task, progress), len(prepared))
    found = []
    for (part, preparation, scale), values in zip(prepared, computed, strict=True):
        try:
            if values.values["finding"] is None:
                raise BadInput(values.values["reason"])
            found.append(logic.finish(preparation, values, scale, part.values["options"]))
        except DeepMedError as error:
            skipped.append((part.path.name, str(error)))
            slicer.mrmlScene.RemoveNode(preparation.volume)
    whole = writeExamination(found, case.values["examination"], case.path.name, skipped)
    best = whole.bestNodes()
    RESULTS.showOnly(best)
    if best is not None:
        show_in_red(best.volume)
    return whole


def ruler_proposal(logic: Any, case: Case, nodes: Any, folder: Path) -> Mapping[str, Any]:
    """``ruler_proposal`` of a picture without a scale."""
    if case.parts or nodes.result.scale is not None:
        return {}
    proposal = logic.proposeRuler(nodes.volume)
    return {"ruler_proposal": None if proposal is None else proposal_record(proposal)}


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
