"""From a film in the scene to a tracing: the checked task, its result, a start by hand, and what follows an edit."""

from __future__ import annotations

from collections.abc import Mapping
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
from CephSketcherMrml.cephNodes import RESULTS, CephNodes, filmMoved, makeNodes, movedByHand, showCeph
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs.pictureNodes import pictureOf, scaleOf, setScale
from DeepMedLib.mrml.inputs.scanNodes import remarksOf
from DeepMedLib.mrml.logic.moduleLogic import Preparation
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.plausible import refuse_impossible
from DeepMedLib.picture.scale import Scale
from DeepMedLib.provenance import Provenance
from DeepMedLib.results.result import provenance_of

TASK = "CephSketcherLib.landmarks.task:run"
TAKEN_TO_LOOK_RIGHT = "The face was taken to look right; if it looks left, say so under Face looks and begin again."


@dataclass(frozen=True)
class FilmAsked:
    """What a tracing needs beside the task.

    Attributes:
        film: as it was read.
        square: the frame whose square pixels the network sees; the face is not turned in it.
        scale: given by the caller; None takes what the scene or the film states.
        settings: of the analysis.
    """

    film: Picture
    square: WorkFrame
    scale: Scale | None
    settings: CephOptions


def prepare(
    volumeNode: slicer.vtkMRMLVolumeNode | None,
    models: Path,
    scale: Scale | None,
    settings: CephOptions | None,
    options: Mapping[str, Any],
) -> Preparation:
    """Check the input and describe the computation.

    Raises:
        BadInput: the film cannot be traced.
    """
    film = pictureOf(volumeNode, LATERAL_FILM)
    check_film(film.pixels)  # said at once, not after a process was started
    known = scale or scaleOf(volumeNode, film)
    square = WorkFrame(film.width, film.height, False, film.aspect if known is None else known.aspect)
    task = Task(TASK, {"film": square.film(film.pixels)}, {"resources": str(models), **options})
    return Preparation(volumeNode, task, extra=FilmAsked(film, square, scale, settings or CephOptions()))


def toResult(preparation: Preparation, computed: TaskResult) -> CephResult:
    """What the task found, with outlines and measures.

    Raises:
        BadInput: the face would be of a size that does not exist.
    """
    asked: FilmAsked = preparation.extra
    values, film = computed.values, asked.film
    abstained = bool(values["abstained"])
    found = LandmarkSet() if abstained else LandmarkSet.from_dict(values["landmarks"])
    result = CephResult(
        film=film.name,
        width=film.width,
        height=film.height,
        facing=values["facing"],
        landmarks=asked.square.landmarks_to_given(found),
        scale=asked.scale or scaleOf(preparation.volume, film),
        options=asked.settings,
        facing_certainty=float(values["facing_certainty"]),
        inverted=bool(values["inverted"]),
        aspect=film.aspect,
        abstained=abstained,
        reason=values["reason"] if abstained else "",
        provenance=provenance_of(values),
        notes=(*film.notes, *values["notes"]),
        scan_remarks=remarksOf(preparation.volume),
    )
    if result.scale is not None:
        refuse_impossible(result.sizes_mm(), SIZES, result.scale)
    return solve(result, film.pixels)


def writeNodes(volumeNode: slicer.vtkMRMLVolumeNode, result: CephResult) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh result; the film gets its scale, so that Slicer's own lengths in it agree with ours."""
    if result.scale is not None:
        setScale(volumeNode, result.scale)
    return makeNodes(volumeNode, result)


def byHand(
    volumeNode: slicer.vtkMRMLVolumeNode | None, facing: str, settings: CephOptions | None, computed: TaskResult | None
) -> CephNodes:
    """Put points to be placed by a person on a film; what the model proposed before it refused is where they start.

    Args:
        facing: auto takes what the model saw, right where it has not looked.
        computed: of the task, for this very film; None when the model was not asked.

    Raises:
        BadInput: the volume is no film.
    """
    film = pictureOf(volumeNode, LATERAL_FILM)
    values = computed.values if computed is not None else {}
    seen = str(values.get("facing", "right"))
    empty = CephResult(
        film=film.name,
        width=film.width,
        height=film.height,
        facing=seen if facing == "auto" else facing,
        landmarks=LandmarkSet(),
        scale=scaleOf(volumeNode, film),
        options=settings or CephOptions(),
        inverted=bool(values.get("inverted", False)),
        aspect=film.aspect,
        provenance=asdict(Provenance("none, traced by hand", "", "", "", "")),
        notes=film.notes if facing != "auto" or values else (*film.notes, TAKEN_TO_LOOK_RIGHT),
        scan_remarks=remarksOf(volumeNode),
    )
    square = WorkFrame(film.width, film.height, False, empty.pixel_aspect)
    proposal = LandmarkSet.from_dict(values["proposal"]) if values and seen == empty.facing else LandmarkSet()
    result = by_hand(empty, square.landmarks_to_given(proposal))
    return RESULTS.write(result, volumeNode, lambda: writeNodes(volumeNode, result))


def follow(nodes: CephNodes, moved: CephResult | None = None) -> CephNodes:
    """The tracing after whatever a person did to its film and nodes; the same one where nothing was done.

    Args:
        moved: an edit that is known already, from `cephNodes.movedByHand`.

    Raises:
        BadInput: the film has gone, or lies under a transform that bends space.
    """
    moved = moved or movedByHand(nodes)
    if moved is not None:
        return showCeph(nodes, solve(moved, pictureOf(nodes.volume, LATERAL_FILM).pixels, nodes.result))
    if not filmMoved(nodes):
        return nodes
    scale = scaleOf(nodes.volume, pictureOf(nodes.volume, LATERAL_FILM))
    result = nodes.result if scale == nodes.result.scale else measure(replace(nodes.result, scale=scale))
    return showCeph(nodes, result)


def remeasure(nodes: CephNodes, **changes: Any) -> CephNodes:
    """Give a tracing another scale or other options: points and outlines keep their pixels, measures are made anew.

    Raises:
        BadInput: the options make no sense.
    """
    result = measure(replace(nodes.result, **changes))
    if "scale" in changes and result.scale is not None:
        setScale(nodes.volume, result.scale)
    return showCeph(nodes, result)


def restore(nodes: CephNodes, former: CephResult) -> CephNodes:
    """Show a former state of a tracing again, at the scale and with the options of now."""
    result = replace(former, scale=nodes.result.scale, options=nodes.result.options)
    return showCeph(nodes, measure(result))
