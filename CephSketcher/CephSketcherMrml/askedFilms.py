"""A film as a command or a table asks for it: loaded or projected, with its scale; and its comparison with another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import slicer

from CephSketcherLib.asked import scale_asked
from CephSketcherLib.film.lateral_film import HEAD, LATERAL_FILM
from CephSketcherMrml.cephNodes import CephNodes
from CephSketcherMrml.superimposeNodes import exportSuperimposition
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.pictureNodes import pictureOf, scaleOf
from DeepMedLib.mrml.inputs.scanNodes import loadScan
from DeepMedLib.picture.scale import FILM, Scale


def loadAsked(logic: Any, path: Path, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the Logic's process takes: film, scale and settings.

    Args:
        logic: CephSketcherLogic.
        values: as `CephSketcherLib.asked.checked` returns them.

    Raises:
        DeepMedError: see CephSketcherLogic.loadFilm and project.
    """
    if values["project"] is None:
        film = logic.loadFilm(path)
    else:
        film = logic.project(loadScan(path, values["series"]), rays=values["project"])
    return film, scaleAsked(film, values["spacing"], values["ruler"], values["magnification"]), values["settings"]


def exportAsked(logic: Any, nodes: CephNodes, values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Trace the earlier film that is asked for, lay the later one on it and write the files of that.

    Returns:
        ``comparison`` for result.json; nothing where no other film is asked for or the later one was not traced.
    """
    if values["compare"] is None or nodes.handle is None:
        return {}
    # The ruler's marks are those of the later film.
    asked = loadAsked(logic, values["compare"], {**values, "spacing": values["compare_spacing"], "ruler": None})
    before = logic.process(*asked, device=values["device"], facing=values["facing"])
    told = {"film": before.result.film, "status": before.result.status()}
    if before.handle is None:
        return {"comparison": {**told, "reason": before.result.reason}}
    laid = logic.superimpose(before, nodes, values["method"])
    exportSuperimposition(laid, folder)
    return {"comparison": {**told, **laid.record()}}


def scaleAsked(
    volumeNode: slicer.vtkMRMLVolumeNode, spacing: float | None, ruler: Any, magnification: float | None
) -> Scale | None:
    """The scale that is asked for, in the film's own pixel shape; None where nothing is said of it.

    Raises:
        BadInput: a magnification without a pixel size of the film.
    """
    film = pictureOf(volumeNode, LATERAL_FILM)
    given = scale_asked(film.aspect, spacing, ruler)
    if given is not None or magnification is None:
        return given
    stated = scaleOf(volumeNode, film)
    if stated is None or stated.plane != FILM:
        raise BadInput(
            "There is no pixel size of the film to take a magnification out of.", "Leave out --magnification."
        )
    return stated.in_object(magnification, HEAD)
