"""The two ends of a measurement: a checked picture as a task, and the task's result as nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs.pictureNodes import pictureOf, scaleOf, setScale
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.plausible import refuse_impossible
from DeepMedLib.picture.scale import Scale
from DeepMedLib.picture.square import SquareFrame
from DeepMedLib.provenance import Provenance
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.planes.findings import AUTO, CHOICES, Finding
from FetalBiometryLib.planes.lines import lines_by_hand
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.planes.shapes import SHAPES
from FetalBiometryLib.planes.sizes import SIZES
from FetalBiometryMrml.planeNodes import PlaneNodes, writePlane

TASK = "FetalBiometryLib.inference.task:run"


@dataclass(frozen=True)
class Preparation:
    """A checked input and the computation it needs, which sees it with square pixels."""

    volume: slicer.vtkMRMLVolumeNode
    picture: Picture
    task: Task

    @property
    def square(self) -> SquareFrame:
        """How the picture and what the computation sees lie to one another."""
        return squareOf(self.picture)


def squareOf(picture: Picture) -> SquareFrame:
    """A picture's frame of square pixels."""
    return SquareFrame(picture.height, picture.width, picture.aspect)


def prepare(
    volumeNode: slicer.vtkMRMLVolumeNode | None, frame: int, models: Path, device: str, plane: str = AUTO
) -> Preparation:
    """Check the input and describe the computation.

    Args:
        plane: one of `CHOICES`; "auto" lets the plane be recognised first.

    Raises:
        BadInput: the picture cannot be measured, or there is no such plane.
    """
    if plane not in CHOICES:
        raise BadInput(f"There is no plane '{plane}'.", f"Choose one of: {', '.join(CHOICES)}.")
    picture = pictureOf(volumeNode, ULTRASOUND, frame)
    options = {"resources": str(models), "device": device, "plane": plane}
    return Preparation(volumeNode, picture, Task(TASK, {"picture": squareOf(picture).pixels(picture.grey())}, options))


def finish(
    preparation: Preparation, computed: TaskResult, scale: Scale | None, options: MeasureOptions | None
) -> PlaneNodes:
    """Put a computed finding into the scene.

    Args:
        scale: mm per pixel; None takes what the scene or the picture states.

    Raises:
        BadInput: the volume has gone, the picture's scale contradicts itself under what was measured, or what was
            measured is of a size that does not exist.
    """
    picture, volumeNode = preparation.picture, preparation.volume
    if volumeNode.GetScene() is None:
        raise BadInput("The picture was removed while it was being measured.", "Load it again.")
    result = resultOf(picture, computed.values, volumeNode, scale, options or MeasureOptions())
    if result.scale is not None:
        refuse_impossible(result.sizes_mm(), SIZES, result.scale)
    if result.scale is not None:  # so that Slicer's own lengths of lines in this picture agree with ours
        setScale(volumeNode, result.scale)
    return writePlane(volumeNode, result, preparation.square.labels_to_given(computed.arrays["labels"]))


def resultOf(
    picture: Picture,
    values: Mapping[str, Any],
    volumeNode: slicer.vtkMRMLVolumeNode,
    scale: Scale | None,
    options: MeasureOptions,
) -> PictureResult:
    """The result that the worker's values describe, on the scale under what was found."""
    record = values["finding"]
    finding = Finding.nothing("other", values["reason"]) if record is None else Finding.from_dict(record)
    finding = finding.in_given_pixels(squareOf(picture))
    notes = picture.notes
    if scale is None:
        try:
            scale = scaleOf(volumeNode, picture, _pointsOf(finding))
        except BadInput as error:
            if not finding.abstained:
                raise
            notes = (*notes, str(error))  # nothing is measured, so nothing is measured wrongly
    provenance = asdict(Provenance.from_values(values))
    return PictureResult.of(picture, finding, scale, options, provenance, notes=notes, guess=values["guess"])


def _pointsOf(finding: Finding) -> np.ndarray | None:
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
    picture = pictureOf(volumeNode, ULTRASOUND, frame)
    lines = lines_by_hand(plane, picture.width, picture.height)
    if scale is None:
        scale = scaleOf(volumeNode, picture, np.vstack(list(lines.values())))
    reason = "The lines are where they were put first; drag them into place."
    provenance = asdict(Provenance("", "", "", "", ""))
    finding = Finding.nothing(plane, reason)
    result = PictureResult.of(picture, finding, scale, options or MeasureOptions(), provenance, lines)
    if scale is not None:
        setScale(volumeNode, scale)
    return writePlane(volumeNode, result)
