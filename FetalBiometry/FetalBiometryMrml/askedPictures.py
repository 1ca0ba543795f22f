"""Pictures as a command or a row of a table asks for them: which frame, on which scale; and what is seen of a ruler."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.pictureNodes import loadPicture, pictureOf
from DeepMedLib.picture.ruler import propose_ruler
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.picture.ultrasound import ULTRASOUND, typed_scale
from FetalBiometryMrml.examinationNodes import ExaminationNodes
from FetalBiometryMrml.planeNodes import PlaneNodes


def loadAsked(path: Path, values: Mapping[str, Any]) -> tuple[slicer.vtkMRMLVolumeNode, int, Scale | None]:
    """A picture, its frame in the scene, and its scale; None where the file shall say it.

    Args:
        values: of `FetalBiometryLib.asked.ASKED`.

    Raises:
        BadInput: it cannot be measured; the scene stays as it was. Or a ruler was to be read, and none was found.
    """
    frame = values["frame"]
    volume = loadPicture(path, ULTRASOUND, None if frame is None else frame - 1)
    return volume, 0, _scale(volume, values["spacing"], values["accept_ruler"])


def _scale(volume: slicer.vtkMRMLVolumeNode, spacing: float | None, mm_per_mark: float | None) -> Scale | None:
    picture = pictureOf(volume, ULTRASOUND)
    if spacing:  # the width of a pixel
        return typed_scale(spacing, picture.aspect)
    if not mm_per_mark:
        return None
    proposal = propose_ruler(picture)
    if proposal is None:
        raise BadInput("No depth ruler was found in the picture.", "Give the pixel size with --spacing MM.")
    return proposal.with_mm_per_tick(mm_per_mark).scale(True, picture.aspect)


def exportAsked(nodes: PlaneNodes | ExaminationNodes) -> dict[str, Any]:
    """``ruler_proposal`` of a picture without a scale; it changes no number until a person confirms it."""
    if isinstance(nodes, ExaminationNodes) or nodes.result.scale is not None:
        return {}
    proposal = propose_ruler(pictureOf(nodes.volume, ULTRASOUND))
    if proposal is None:
        return {"ruler_proposal": None}
    record = {
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
    return {"ruler_proposal": record}
