"""A whole examination: several pictures as one task, and its results as nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs.pictureNodes import pictureOf
from DeepMedLib.mrml.inputs.volumes import numberOfFrames
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.examination.cine import sampled_frames
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.planes.findings import AUTO
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryMrml.examinationNodes import ExaminationNodes, writeExamination
from FetalBiometryMrml.planeComputation import Preparation, finish, squareOf
from FetalBiometryMrml.planeNodes import RESULTS, PlaneNodes

RUN_MANY = "FetalBiometryLib.inference.task:run_many"


@dataclass(frozen=True)
class ExaminationPreparation:
    """Checked pictures, those that cannot be measured with the reason, and the computation."""

    pictures: tuple[tuple[slicer.vtkMRMLVolumeNode, Picture], ...]
    skipped: tuple[tuple[str, str], ...]
    task: Task


def manyTask(pictures: Sequence[Picture], models: Path, device: str, plane: str = AUTO) -> Task:
    """Pictures as one task of the worker."""
    arrays = {f"picture_{number}": squareOf(picture).pixels(picture.grey()) for number, picture in enumerate(pictures)}
    return Task(RUN_MANY, arrays, {"resources": str(models), "device": device, "plane": plane})


def eachResult(computed: TaskResult, count: int) -> list[TaskResult]:
    """What the task found, one result a picture."""
    results = computed.values["results"]
    return [TaskResult({"labels": computed.arrays[f"labels_{n}"]}, results[n]) for n in range(count)]


def prepareExamination(
    volumeNodes: Sequence[slicer.vtkMRMLVolumeNode], models: Path, device: str
) -> ExaminationPreparation:
    """Check the pictures and describe the computation; of a loop some evenly spaced frames are taken.

    Raises:
        BadInput: none of them can be measured.
    """
    pictures, skipped = [], []
    for volumeNode in volumeNodes:
        for frame in sampled_frames(numberOfFrames(volumeNode)):
            try:
                pictures.append((volumeNode, pictureOf(volumeNode, ULTRASOUND, frame)))
            except BadInput as error:
                skipped.append((volumeNode.GetName(), str(error)))
    if not pictures:
        reason = skipped[0][1] if skipped else "No picture is chosen."
        raise BadInput(f"The examination holds no picture that can be measured. {reason}", "Choose its pictures.")
    task = manyTask([picture for _, picture in pictures], models, device)
    return ExaminationPreparation(tuple(pictures), tuple(skipped), task)


def finishExamination(
    preparation: ExaminationPreparation,
    computed: TaskResult,
    scale: Scale | None,
    options: MeasureOptions,
    examination: ExaminationOptions,
    name: str,
) -> ExaminationNodes:
    """Put every measured picture and the examination's table and charts into the scene.

    Args:
        scale: mm per pixel of all pictures; None takes what each states.

    Raises:
        BadInput: a setting that cannot be met.
    """
    found: list[PlaneNodes] = []
    skipped = list(preparation.skipped)
    each = eachResult(computed, len(preparation.pictures))
    for (volumeNode, picture), values in zip(preparation.pictures, each, strict=True):
        try:
            nodes = finish(Preparation(volumeNode, picture, preparation.task), values, scale, options)
        except BadInput as error:  # one picture with a scale that contradicts itself does not stop the others
            skipped.append((picture.name, str(error)))
            continue
        if nodes.result.plane == "other":
            skipped.append((picture.name, nodes.result.finding.reason))
        else:
            found.append(nodes)
    made = writeExamination(found, examination, name, skipped)
    RESULTS.showOnly(made.bestNodes())
    return made
