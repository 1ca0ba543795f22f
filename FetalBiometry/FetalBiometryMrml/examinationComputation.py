"""A whole examination: its pictures as one task, and what the task found of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs.volumes import numberOfFrames
from DeepMedLib.mrml.logic.moduleLogic import Preparation
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.examination.cine import sampled_frames
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryMrml.planeComputation import prepare

TASK = "FetalBiometryLib.inference.task:run_many"


@dataclass(frozen=True)
class AskedExamination:
    """What is combined, and how.

    Attributes:
        pictures: every checked picture, prepared.
        skipped: those that cannot be measured, as (name, reason).
        options: settings of the examination.
        name: of the examination.
    """

    pictures: tuple[Preparation, ...]
    skipped: tuple[tuple[str, str], ...]
    options: ExaminationOptions
    name: str


def prepareExamination(
    volumeNodes: Sequence[slicer.vtkMRMLVolumeNode],
    scale: Scale | None,
    options: tuple[MeasureOptions, ExaminationOptions],
    name: str,
    settings: Mapping[str, Any],
) -> Preparation:
    """Check the pictures and describe the computation; of a loop some evenly spaced frames are taken.

    Args:
        options: of each picture, and of the examination.
        settings: of the task: resources, device, plane.

    Raises:
        BadInput: none of them can be measured.
    """
    pictures, skipped = [], []
    single, whole = options
    for volumeNode in volumeNodes:
        for frame in sampled_frames(numberOfFrames(volumeNode)):
            try:
                pictures.append(prepare(volumeNode, frame, scale, single, settings))
            except BadInput as error:
                skipped.append((volumeNode.GetName(), str(error)))
    if not pictures:
        reason = skipped[0][1] if skipped else "No picture is chosen."
        raise BadInput(f"The examination holds no picture that can be measured. {reason}", "Choose its pictures.")
    arrays = {f"picture_{number}": each.task.arrays["picture"] for number, each in enumerate(pictures)}
    asked = AskedExamination(tuple(pictures), tuple(skipped), whole, name)
    return Preparation(pictures[0].volume, Task(TASK, arrays, dict(settings)), extra=asked)


def eachResult(preparation: Preparation, computed: TaskResult) -> Iterator[tuple[Preparation, TaskResult]]:
    """Every picture with what the task found in it."""
    pictures, results = preparation.extra.pictures, computed.values["results"]
    for number, (picture, values) in enumerate(zip(pictures, results, strict=True)):
        yield picture, TaskResult({"labels": computed.arrays[f"labels_{number}"]}, values)
