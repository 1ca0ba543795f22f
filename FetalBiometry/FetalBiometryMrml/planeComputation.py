"""The two ends of a measurement: a checked picture as a task, and what the task found as a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs.pictureNodes import pictureOf, scaleOf, setScale
from DeepMedLib.mrml.logic.moduleLogic import Preparation
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.plausible import refuse_impossible
from DeepMedLib.picture.scale import Scale
from DeepMedLib.picture.square import SquareFrame
from DeepMedLib.provenance import Provenance
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.lines import lines_by_hand
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.planes.shapes import SHAPES
from FetalBiometryLib.planes.sizes import SIZES
from FetalBiometryMrml.planeNodes import PlaneNodes, writePlane

TASK = "FetalBiometryLib.inference.task:run"


@dataclass(frozen=True)
class Asked:
    """What is measured, and how.

    Attributes:
        picture: the frame.
        scale: mm per pixel; None takes what the scene or the picture states.
        options: settings.
    """

    picture: Picture
    scale: Scale | None
    options: MeasureOptions


def squareOf(picture: Picture) -> SquareFrame:
    """A picture's frame of square pixels, which the computation sees."""
    return SquareFrame(picture.height, picture.width, picture.aspect)


def prepare(
    volumeNode: slicer.vtkMRMLVolumeNode | None,
    frame: int,
    scale: Scale | None,
    options: MeasureOptions,
    settings: Mapping[str, Any],
) -> Preparation:
    """Check the input and describe the computation.

    Args:
        settings: of the task: resources, device, plane.

    Raises:
        BadInput: the picture cannot be measured.
    """
    picture = pictureOf(volumeNode, ULTRASOUND, frame)
    task = Task(TASK, {"picture": squareOf(picture).pixels(picture.grey())}, dict(settings))
    return Preparation(volumeNode, task, extra=Asked(picture, scale, options))


def resultOf(volumeNode: slicer.vtkMRMLVolumeNode, asked: Asked, values: Mapping[str, Any]) -> PictureResult:
    """The result that the worker's values describe, on the scale under what was found.

    Raises:
        BadInput: the picture's scale contradicts itself under what was measured, or what was measured is of a size that
            does not exist.
    """
    picture, record, scale = asked.picture, values["finding"], asked.scale
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
    result = PictureResult.of(picture, finding, scale, asked.options, provenance, notes=notes, guess=values["guess"])
    if result.scale is not None:
        refuse_impossible(result.sizes_mm(), SIZES, result.scale)
    return result


def labelsOf(asked: Asked, computed: TaskResult) -> np.ndarray:
    """(H, W) uint8: what the worker outlined, in the picture's own pixels."""
    return squareOf(asked.picture).labels_to_given(computed.arrays["labels"])


def _pointsOf(finding: Finding) -> np.ndarray | None:
    points = [np.vstack(ellipse.axis_ends()) for ellipse in finding.ellipses.values()]
    points += [np.array(line, float) for line in finding.lines.values()]
    return np.vstack(points) if points else None


def drawByHand(
    volumeNode: slicer.vtkMRMLVolumeNode | None,
    plane: str,
    frame: int,
    scale: Scale | None,
    options: MeasureOptions,
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
    result = PictureResult.of(picture, finding, scale, options, provenance, lines)
    if scale is not None:
        setScale(volumeNode, scale)
    return writePlane(volumeNode, result)
