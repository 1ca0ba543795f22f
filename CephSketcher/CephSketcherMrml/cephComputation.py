"""The two ends of a tracing: a checked film as a task, and the task's result as nodes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import slicer

from CephSketcherLib.film.checks import check_film
from CephSketcherLib.film.lateral_film import LATERAL_FILM
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.tracing.hand_tracing import by_hand
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.sizes import SIZES
from CephSketcherLib.tracing.solve import measure, solve
from CephSketcherLib.tracing.work_frame import WorkFrame
from CephSketcherMrml.cephNodes import CephNodes, showCeph, writeCeph
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.pictureNodes import pictureOf, scaleOf, setScale
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.plausible import refuse_impossible
from DeepMedLib.picture.scale import Scale
from DeepMedLib.provenance import Provenance
from DeepMedLib.task import Task, TaskResult

TASK = "CephSketcherLib.landmarks.task:run"
FACINGS = ("auto", "right", "left")
TAKEN_TO_LOOK_RIGHT = "The face was taken to look right; if it looks left, say so under Face looks and begin again."


@dataclass(frozen=True)
class Preparation:
    """A checked film and the computation it needs.

    Attributes:
        square: the frame whose square pixels the network sees; the face is not turned in it.
    """

    volume: slicer.vtkMRMLVolumeNode
    film: Picture
    square: WorkFrame
    task: Task


def prepare(volumeNode: slicer.vtkMRMLVolumeNode | None, models: Path, device: str, facing: str) -> Preparation:
    """Check the input and describe the computation.

    Raises:
        BadInput: the film cannot be traced.
    """
    if facing not in FACINGS:
        raise BadInput(f"The face cannot look '{facing}'.", f"Choose one of {', '.join(FACINGS)}.")
    film = pictureOf(volumeNode, LATERAL_FILM)
    check_film(film.pixels)  # said at once, not after a process was started
    scale = scaleOf(volumeNode, film)
    square = WorkFrame(film.width, film.height, False, film.aspect if scale is None else scale.aspect)
    options = {"resources": str(models), "device": device, "facing": facing}
    return Preparation(volumeNode, film, square, Task(TASK, {"film": square.film(film.pixels)}, options))


def finish(
    preparation: Preparation,
    computed: TaskResult,
    scale: Scale | None,
    options: CephOptions | None,
) -> CephNodes:
    """Solve outlines and measures of computed landmarks and put all into the scene.

    Args:
        scale: mm per pixel; None takes what the scene or the film states.

    Raises:
        BadInput: the volume has gone, or the face would be of a size that does not exist.
    """
    film, volumeNode = preparation.film, preparation.volume
    if volumeNode.GetScene() is None:
        raise BadInput("The film was removed while it was being traced.", "Load it again.")
    scale = scale or scaleOf(volumeNode, film)
    result = resultOf(preparation, computed, scale, options or CephOptions())
    if scale is not None:
        refuse_impossible(result.sizes_mm(), SIZES, scale)
    result = solve(result, film.pixels)
    if scale is not None:  # so that Slicer's own lengths in this film agree with ours
        setScale(volumeNode, scale)
    return writeCeph(volumeNode, result)


def resultOf(preparation: Preparation, computed: TaskResult, scale: Scale | None, options: CephOptions) -> CephResult:
    """What the task found, as a result without outlines and measures."""
    values, film = computed.values, preparation.film
    abstained = bool(values["abstained"])
    found = LandmarkSet() if abstained else LandmarkSet.from_dict(values["landmarks"])
    return CephResult(
        film=film.name,
        width=film.width,
        height=film.height,
        facing=values["facing"],
        landmarks=preparation.square.landmarks_to_given(found),
        scale=scale,
        options=options,
        facing_certainty=float(values["facing_certainty"]),
        inverted=bool(values["inverted"]),
        aspect=film.aspect,
        abstained=abstained,
        reason=values["reason"] if abstained else "",
        provenance=asdict(Provenance.from_values(values)),
        notes=(*film.notes, *values["notes"]),
    )


def byHand(
    volumeNode: slicer.vtkMRMLVolumeNode | None, facing: str, options: CephOptions | None, computed: TaskResult | None
) -> CephNodes:
    """Put points to be placed by a person on a film; what the model proposed before it refused is where they start.

    Args:
        facing: auto takes what the model saw, right where it has not looked.
        computed: of the task, for this very film; None when the model was not asked.

    Raises:
        BadInput: the volume is no film.
    """
    film = pictureOf(volumeNode, LATERAL_FILM)
    scale = scaleOf(volumeNode, film)
    values = computed.values if computed is not None else {}
    seen = str(values.get("facing", "right"))
    result = CephResult(
        film=film.name,
        width=film.width,
        height=film.height,
        facing=seen if facing == "auto" else facing,
        landmarks=LandmarkSet(),
        scale=scale,
        options=options or CephOptions(),
        inverted=bool(values.get("inverted", False)),
        aspect=film.aspect,
        provenance=asdict(Provenance("none, traced by hand", "", "", "", "")),
        notes=film.notes if facing != "auto" or values else (*film.notes, TAKEN_TO_LOOK_RIGHT),
    )
    square = WorkFrame(film.width, film.height, False, result.pixel_aspect)
    proposal = LandmarkSet.from_dict(values["proposal"]) if values and seen == result.facing else LandmarkSet()
    if scale is not None:
        setScale(volumeNode, scale)
    return writeCeph(volumeNode, by_hand(result, square.landmarks_to_given(proposal)))


def follow(nodes: CephNodes, moved: CephResult) -> CephNodes:
    """Solve outlines and measures of a result whose points a person moved, and show it."""
    return showCeph(nodes, solve(moved, pictureOf(nodes.volume, LATERAL_FILM).pixels, nodes.result))


def remeasure(nodes: CephNodes, **changes: Any) -> CephNodes:
    """Give a tracing another scale or other options: points and outlines keep their pixels, measures are made anew.

    Raises:
        BadInput: the options make no sense.
    """
    result = measure(replace(nodes.result, **changes))
    if "scale" in changes and result.scale is not None:
        setScale(nodes.volume, result.scale)
    return showCeph(nodes, result)
