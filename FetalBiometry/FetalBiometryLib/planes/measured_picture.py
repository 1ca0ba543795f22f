"""What every measured picture has in common, whatever its plane: scale, uncertainty, warnings, status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from DeepMedLib.measurement import Measurement

if TYPE_CHECKING:
    from FetalBiometryLib.picture.scale import Scale
    from FetalBiometryLib.planes.options import MeasureOptions

EDITED = "edited by the user"
ACCEPTED = "accepted by the user"
DRAWN = "drawn by the user"


class MeasuredPicture:
    """Base of `head_result.HeadResult` and `plane_result.PlaneResult`; both are frozen data classes.

    Attributes:
        picture: name of the file or node, without its folder.
        frame, frame_count: the frame measured, from 0, and how many there are.
        width, height: size of the frame in pixels.
        finding: what the model found; it has ``abstained`` and ``reason``.
        accepted: True once a person took a proposal as it is.
        scale: mm per pixel, None when unknown: then lengths are pixels.
        provenance: model, version, SHA-256, device, date.
        notes: sentences about the picture (bit depth, scale ...).
        guess: the plane as it was recognised (`findings.PlaneGuess.to_dict`); None when the user named it.
    """

    picture: str
    frame: int
    frame_count: int
    width: int
    height: int
    finding: Any
    accepted: bool
    scale: Scale | None
    options: MeasureOptions
    provenance: dict[str, str]
    notes: tuple[str, ...]
    guess: dict[str, Any] | None

    # Plain declarations, not properties: a data class would take a property here for a field's default.
    plane: str
    """One of `plane_shapes.SHAPES`."""
    edited: bool
    """True once a person moved a line."""

    # --- what a plane defines

    @property
    def vouched(self) -> bool:
        """True when numbers may be reported: not abstained, or a person placed or accepted the lines."""
        raise NotImplementedError

    def lines(self) -> dict[str, np.ndarray]:
        """The editable lines by name, each (2, 2) as (x, y) pixels; empty when nothing was found or placed."""
        raise NotImplementedError

    def with_lines(self, lines: Mapping[str, np.ndarray]) -> MeasuredPicture:
        """The result after a person moved a line."""
        raise NotImplementedError

    def outlines(self, points: int = 60) -> dict[str, np.ndarray]:
        """Curves that the lines define by name, each (points, 2) pixels."""
        raise NotImplementedError

    def lengths(self) -> list[Measurement]:
        """The numbers taken in the picture; empty when nothing is vouched for."""
        raise NotImplementedError

    def measurements(self) -> list[Measurement]:
        """Lengths, then age and centiles where a scale (and an age) allows them."""
        raise NotImplementedError

    def quality_sentences(self) -> list[str]:
        """The model's cues about the picture, in words."""
        raise NotImplementedError

    @property
    def quality_score(self) -> float:
        """0 to 1: how good a frame this is among others of its plane."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json`` and what a scene keeps; `plane_result.result_from_json` reads it back."""
        raise NotImplementedError

    # --- what is the same everywhere

    def factor(self) -> np.ndarray:
        """(2,) units per pixel along x and y; ones without a scale."""
        if self.scale is None:
            return np.ones(2)
        return np.array([self.scale.mm_per_px_x, self.scale.mm_per_px_y])

    @property
    def unit(self) -> str:
        """mm, or px without a scale."""
        return "px" if self.scale is None else "mm"

    @property
    def by_hand(self) -> bool:
        """True when no model took part."""
        return not self.provenance.get("model")

    def source(self) -> str:
        """Said with every number."""
        if self.by_hand:
            return DRAWN
        if self.edited:
            return EDITED
        return ACCEPTED if self.accepted else self.model_source()

    def model_source(self) -> str:
        """The model with its version."""
        return f"{self.provenance.get('model', 'model')} {self.provenance.get('version', '')}".strip()

    def status(self) -> str:
        """ "done" or "abstained"."""
        return "done" if self.vouched else "abstained"

    def warnings(self) -> list[str]:
        """What a reader must know before using the numbers."""
        sentences = []
        if self.finding.abstained and not (self.edited or self.accepted):
            sentences.append(f"No measurement is given: {self.finding.reason}")
        elif self.finding.abstained and not self.by_hand:
            how = "placed" if self.edited else "accepted"
            what = "axes were" if self.plane == "head" else "lines were"
            by = " by hand." if self.edited else " as proposed."
            sentences.append(f"The model abstained ({self.finding.reason}) The {what} {how}{by}")
        if self.scale is None:
            sentences.append("The picture has no known scale: lengths are in pixels; set a scale to get millimetres.")
        elif not self.scale.confirmed:
            sentences.append(f"The scale ({self.scale.source}) was not confirmed. {self.scale.note}".strip())
        elif self.scale.note:
            sentences.append(self.scale.note)
        return sentences + list(self.notes)
