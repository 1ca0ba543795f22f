"""The two ends of a head measurement: a checked picture as a task, and the task's result as nodes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.provenance import Provenance
from DeepMedLib.task import Task, TaskResult
from FetalBiometryLib.head import HeadFinding
from FetalBiometryLib.head_result import HeadOptions, head_result
from FetalBiometryLib.pictures import Picture
from FetalBiometryLib.scale import Scale
from FetalBiometryMrml.headNodes import HeadNodes, writeHead
from FetalBiometryMrml.pictureNodes import pictureOf, scaleOf, setScale

TASK = "FetalBiometryLib.head_task:run"


@dataclass(frozen=True)
class Preparation:
    """A checked input and the computation it needs."""

    volume: slicer.vtkMRMLVolumeNode
    picture: Picture
    task: Task


def prepare(volumeNode: slicer.vtkMRMLVolumeNode | None, frame: int, models: Path, device: str) -> Preparation:
    """Check the input and describe the computation.

    Raises:
        BadInput: the picture cannot be measured.
    """
    picture = pictureOf(volumeNode, frame)
    options = {"resources": str(models), "device": device}
    return Preparation(volumeNode, picture, Task(TASK, {"picture": picture.grey()}, options))


def finish(
    preparation: Preparation, computed: TaskResult, scale: Scale | None, options: HeadOptions | None
) -> HeadNodes:
    """Put a computed finding into the scene.

    Args:
        scale: mm per pixel; None takes what the scene or the picture states.

    Raises:
        BadInput: the volume has gone, or the picture's scale contradicts itself under the head.
    """
    picture, volumeNode = preparation.picture, preparation.volume
    if volumeNode.GetScene() is None:
        raise BadInput("The picture was removed while it was being measured.", "Load it again.")
    finding = HeadFinding.from_dict(computed.values["finding"])
    ends = None if finding.ellipse is None else np.vstack(finding.ellipse.axis_ends())
    notes = picture.notes
    if scale is None:
        try:
            scale = scaleOf(volumeNode, picture, ends)
        except BadInput as error:
            if not finding.abstained:
                raise
            notes = (*notes, str(error))  # nothing is measured, so nothing is measured wrongly
    keys = ("model", "version", "sha256", "device", "engine")
    result = head_result(
        picture.name,
        picture.frame,
        picture.frame_count,
        (picture.width, picture.height),
        finding,
        scale,
        options or HeadOptions(),
        asdict(Provenance(**{key: computed.values[key] for key in keys})),
        notes,
    )
    if scale is not None:  # so that Slicer's own lengths of lines in this picture agree with ours
        setScale(volumeNode, scale)
    return writeHead(volumeNode, result, computed.arrays["labels"])
