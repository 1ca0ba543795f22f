"""The report of a registration: one page."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from DeepMedLib.report.model import Picture, Report
from Registration2D3DLib.registration_result import RegistrationResult

_CAPTION = "The X-ray, and the same with the edges of the object as it is rendered at the pose (yellow)."
_MEANING = (
    "Expected error: mean length of the error of eight points about the object's center, across the beam, from the "
    "curvature of the similarity. Trusted: results like this were within 2 mm in the measurements of the module's page."
)
_BLEND = "X-ray in blue-green, DRR in orange: white where both agree."
_BOARD = "Squares of the X-ray and of the DRR by turns."


def registration_report(result: RegistrationResult, pictures: Mapping[str, np.ndarray]) -> Report:
    """Describe a result as a report.

    Args:
        pictures: (H, W, 3) uint8 by name: "overlay", and for a pose "blend" and "checkerboard".
    """
    shown = [Picture(pictures["overlay"], _CAPTION)]
    further = [
        Picture(pictures[name], text)
        for name, text in (("blend", _BLEND), ("checkerboard", _BOARD))
        if name in pictures
    ]
    views = ", ".join(view.name for view in result.views)
    return Report(
        title="Registration of X-ray and CT or model",
        subtitle=result.answer(),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=(("Object", result.object), ("X-rays", views)),
        pictures=tuple(shown),
        warnings=tuple(result.warnings()),
        sections=tuple(table.section(_MEANING if table.name == "registration" else "") for table in result.tables()),
        provenance={key: value for key, value in result.provenance.items() if value},
        more=(Report("Overlays", result.object, pictures=tuple(further)),) if further else (),
    )
