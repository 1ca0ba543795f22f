"""The two ends of a measurement: a checked picture as a task, and the task's result as nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.provenance import Provenance
from DeepMedLib.task import Task, TaskResult
from FetalBiometryLib.picture.files import Picture
from FetalBiometryLib.picture.scale import Scale
from FetalBiometryLib.planes.findings import PlaneFinding
from FetalBiometryLib.planes.head import HeadFinding
from FetalBiometryLib.planes.head_result import HeadResult, head_result
from FetalBiometryLib.planes.lines import lines_by_hand, lines_of
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.plane_result import PlaneResult
from FetalBiometryLib.planes.shapes import SHAPES
from FetalBiometryMrml.pictureNodes import pictureOf, scaleOf, setScale
from FetalBiometryMrml.planeNodes import PlaneNodes, writePlane

HEAD_TASK = "FetalBiometryLib.inference.head_task:run"
PLANE_TASK = "FetalBiometryLib.inference.plane_task:run"
AUTO = "auto"
PLANES = (AUTO, "head", "abdomen", "femur", "thorax")


@dataclass(frozen=True)
class Preparation:
    """A checked input and the computation it needs."""

    volume: slicer.vtkMRMLVolumeNode
    picture: Picture
    task: Task


def prepare(
    volumeNode: slicer.vtkMRMLVolumeNode | None, frame: int, models: Path, device: str, plane: str = AUTO
) -> Preparation:
    """Check the input and describe the computation.

    Args:
        plane: one of `PLANES`; "auto" lets the plane be recognised first.

    Raises:
        BadInput: the picture cannot be measured, or there is no such plane.
    """
    if plane not in PLANES:
        raise BadInput(f"There is no plane '{plane}'.", f"Choose one of: {', '.join(PLANES)}.")
    picture = pictureOf(volumeNode, frame)
    options = {"resources": str(models), "device": device}
    if plane == "head":
        return Preparation(volumeNode, picture, Task(HEAD_TASK, {"picture": picture.grey()}, options))
    return Preparation(volumeNode, picture, Task(PLANE_TASK, {"picture": picture.grey()}, {**options, "plane": plane}))


def finish(
    preparation: Preparation, computed: TaskResult, scale: Scale | None, options: MeasureOptions | None
) -> PlaneNodes:
    """Put a computed finding into the scene.

    Args:
        scale: mm per pixel; None takes what the scene or the picture states.

    Raises:
        BadInput: the volume has gone, or the picture's scale contradicts itself under what was measured.
    """
    picture, volumeNode = preparation.picture, preparation.volume
    if volumeNode.GetScene() is None:
        raise BadInput("The picture was removed while it was being measured.", "Load it again.")
    result = resultOf(picture, computed.values, volumeNode, scale, options or MeasureOptions())
    if result.scale is not None:  # so that Slicer's own lengths of lines in this picture agree with ours
        setScale(volumeNode, result.scale)
    return writePlane(volumeNode, result, computed.arrays["labels"])


def resultOf(
    picture: Picture,
    values: Mapping[str, Any],
    volumeNode: slicer.vtkMRMLVolumeNode,
    scale: Scale | None,
    options: MeasureOptions,
) -> HeadResult | PlaneResult:
    """The result that the worker's values describe, on the scale under what was found."""
    plane = values.get("plane", "head")
    record = values["finding"]
    finding: HeadFinding | PlaneFinding
    if record is None:
        finding = PlaneFinding.nothing("other", values["reason"])
    else:
        finding = HeadFinding.from_dict(record) if plane == "head" else PlaneFinding.from_dict(record)
    notes = picture.notes
    if scale is None:
        try:
            scale = scaleOf(volumeNode, picture, _pointsOf(finding))
        except BadInput as error:
            if not finding.abstained:
                raise
            notes = (*notes, str(error))  # nothing is measured, so nothing is measured wrongly
    provenance = asdict(Provenance.from_values(values))
    size = (picture.width, picture.height)
    guess = values.get("guess")
    if isinstance(finding, HeadFinding):
        return head_result(
            picture.name,
            picture.frame,
            picture.frame_count,
            size,
            finding,
            scale,
            options,
            provenance,
            notes,
            guess,
        )
    return PlaneResult(
        plane=finding.plane,
        picture=picture.name,
        frame=picture.frame,
        frame_count=picture.frame_count,
        width=size[0],
        height=size[1],
        finding=finding,
        lines_px=lines_of(finding, scale),
        scale=scale,
        options=options,
        provenance=provenance,
        notes=notes,
        guess=guess,
    )


def _pointsOf(finding: HeadFinding | PlaneFinding) -> np.ndarray | None:
    if isinstance(finding, HeadFinding):
        return None if finding.ellipse is None else np.vstack(finding.ellipse.axis_ends())
    points = [np.vstack(ellipse.axis_ends()) for ellipse in finding.ellipses.values()]
    points += [np.array(line, float) for line in finding.lines.values()]
    return np.vstack(points) if points else None


def drawByHand(
    volumeNode: slicer.vtkMRMLVolumeNode | None,
    plane: str,
    frame: int,
    scale: Scale | None,
    options: MeasureOptions | None,
) -> PlaneNodes:
    """Lines in the middle of the picture to be dragged into place; no model takes part, no number before that.

    Raises:
        BadInput: no picture, or nothing is drawn in this plane.
    """
    if plane not in SHAPES or plane in ("head", "other"):
        raise BadInput(f"There is nothing to draw by hand for '{plane}'.", "Choose another plane or bone.")
    picture = pictureOf(volumeNode, frame)
    lines = lines_by_hand(plane, picture.width, picture.height)
    if scale is None:
        scale = scaleOf(volumeNode, picture, np.vstack(list(lines.values())))
    reason = "The lines are where they were put first; drag them into place."
    result = PlaneResult(
        plane=plane,
        picture=picture.name,
        frame=picture.frame,
        frame_count=picture.frame_count,
        width=picture.width,
        height=picture.height,
        finding=PlaneFinding.nothing(plane, reason),
        lines_px=lines,
        scale=scale,
        options=options or MeasureOptions(),
        provenance=asdict(Provenance("", "", "", "", "")),
        notes=picture.notes,
    )
    if scale is not None:
        setScale(volumeNode, scale)
    return writePlane(volumeNode, result)
