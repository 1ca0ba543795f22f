"""One measured head: what was found, on which scale, with which settings; numbers follow the axes, edited or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.picture.scale import Scale
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.head import HeadFinding, ellipse_from_axes, head_measurements
from FetalBiometryLib.planes.measured_picture import MeasuredPicture
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.shapes import SHAPES, PlaneShape

HeadOptions = MeasureOptions  # the head takes the options of all planes


@dataclass(frozen=True)
class HeadResult(MeasuredPicture):
    """The head of one frame.

    Attributes:
        picture: name of the file or node, without its folder.
        frame, frame_count: the frame measured, from 0, and how many there are.
        width, height: size of the frame in pixels.
        finding: what the model found.
        ofd_px, bpd_px: the axis lines now, each (2, 2) as (x, y) pixels; None when nothing was found or placed.
        edited: True once a person moved a line.
        scale: mm per pixel, None when unknown: then lengths are pixels.
        provenance: model, version, SHA-256, device, date.
        notes: sentences about the picture (bit depth, scale ...).
        accepted: True once a person took an abstained proposal as it is.
        guess: the plane as it was recognised; None when the user named it.
    """

    plane: ClassVar[str] = "head"  # type: ignore[misc]
    picture: str
    frame: int
    frame_count: int
    width: int
    height: int
    finding: HeadFinding
    ofd_px: np.ndarray | None
    bpd_px: np.ndarray | None
    edited: bool
    scale: Scale | None
    options: HeadOptions
    provenance: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    accepted: bool = False
    guess: dict[str, Any] | None = None

    @property
    def shape(self) -> PlaneShape:
        """What is drawn on a head."""
        return SHAPES["head"]

    @property
    def vouched(self) -> bool:
        """True when the numbers may be reported: not abstained, or a person placed or accepted the axes."""
        return self.ofd_px is not None and (self.edited or self.accepted or not self.finding.abstained)

    def with_axes(self, ofd_px: np.ndarray, bpd_px: np.ndarray) -> HeadResult:
        """The result after a person moved an axis line."""
        return replace(self, ofd_px=np.asarray(ofd_px, float), bpd_px=np.asarray(bpd_px, float), edited=True)

    def lines(self) -> dict[str, np.ndarray]:
        """OFD and BPD, each (2, 2) pixels; empty without a head."""
        return {} if self.ofd_px is None or self.bpd_px is None else {"OFD": self.ofd_px, "BPD": self.bpd_px}

    def with_lines(self, lines: Mapping[str, np.ndarray]) -> HeadResult:
        """As `with_axes`, by name."""
        return self.with_axes(lines["OFD"], lines["BPD"])

    def outlines(self, points: int = 60) -> dict[str, np.ndarray]:
        """The head's ellipse as ``HC``."""
        outline = self.outline_px(points)
        return {} if outline is None else {"HC": outline}

    def ellipse(self) -> Ellipse | None:
        """The ellipse of the axis lines in mm, or in pixels without a scale; None without axes."""
        if self.ofd_px is None or self.bpd_px is None:
            return None
        factor = self.factor()
        return ellipse_from_axes(self.ofd_px * factor, self.bpd_px * factor)

    def ellipse_px(self) -> Ellipse | None:
        """The same ellipse in pixels of the file."""
        ellipse = self.ellipse()
        if ellipse is None or self.scale is None:
            return ellipse
        return ellipse.scaled(1 / self.scale.mm_per_px_x, 1 / self.scale.mm_per_px_y)

    def outline_px(self, points: int = 60) -> np.ndarray | None:
        """(points, 2) of the outline in pixels."""
        ellipse = self.ellipse()
        return None if ellipse is None else ellipse.points(points) / self.factor()

    def lengths(self) -> list[Measurement]:
        """BPD, OFD, HC, CI, in this order; empty when nothing is vouched for."""
        ellipse = self.ellipse()
        if ellipse is None or not self.vouched:
            return []
        relative = None if self.edited or self.accepted else dict(self.finding.relative_sd)
        if relative is not None and self.scale is not None:  # the scale's own uncertainty adds to every length
            relative = {k: float(np.hypot(v, self.scale.relative_sd)) for k, v in relative.items()}
        return head_measurements(ellipse, self.unit, relative, self.source(), self.options.bpd_convention)

    def measurements(self) -> list[Measurement]:
        """Lengths, then gestational age and centiles where a scale (and an age) allows them."""
        from FetalBiometryLib.growth.head_growth import growth_measurements

        lengths = self.lengths()
        return lengths + (growth_measurements(lengths, self.options) if self.unit == "mm" else [])

    def quality_sentences(self) -> list[str]:
        """The model's cues about the plane, in words."""
        return self.finding.quality.sentences() if self.finding.quality else []

    @property
    def quality_score(self) -> float:
        """Mean of: outline inside the picture, skull seen, cavum septi pellucidi seen, closeness to an ellipse."""
        quality = self.finding.quality
        if quality is None:
            return 1.0 if self.edited else 0.0
        close = max(0.0, 1 - quality.residual / 0.03)
        return float(np.mean([quality.inside, quality.skull, float(quality.csp_seen), close]))

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json`` (contract) and what a scene keeps; `from_json` reads it back."""
        ellipse = self.ellipse_px()
        return {
            "command": "fetal",
            "plane": "head",
            "input": self.picture,
            "frame": self.frame,
            "frame_count": self.frame_count,
            "size_px": [self.width, self.height],
            "status": self.status(),
            "reason": "" if self.vouched else self.finding.reason,
            "measurements": [m.to_dict() for m in self.measurements()],
            "ellipse_px": asdict(ellipse) if ellipse is not None else None,
            "axes_px": None
            if self.ofd_px is None or self.bpd_px is None
            else {"OFD": self.ofd_px.tolist(), "BPD": self.bpd_px.tolist()},
            "edited": self.edited,
            "accepted": self.accepted,
            "plane_guess": self.guess,
            "scale": asdict(self.scale) if self.scale is not None else None,
            "options": asdict(self.options),
            "quality": self.quality_sentences(),
            "warnings": self.warnings(),
            "notes": list(self.notes),
            "finding": self.finding.to_dict(),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> HeadResult:
        """Read `to_json`; numbers are computed anew from the axes."""
        axes = record["axes_px"]
        return cls(
            picture=record["input"],
            frame=record["frame"],
            frame_count=record["frame_count"],
            width=record["size_px"][0],
            height=record["size_px"][1],
            finding=HeadFinding.from_dict(record["finding"]),
            ofd_px=np.array(axes["OFD"], float) if axes else None,
            bpd_px=np.array(axes["BPD"], float) if axes else None,
            edited=record["edited"],
            scale=Scale(**record["scale"]) if record["scale"] else None,
            options=HeadOptions(**record["options"]),
            provenance=dict(record["provenance"]),
            notes=tuple(record["notes"]),
            accepted=record.get("accepted", False),
            guess=record.get("plane_guess"),
        )


def head_result(
    picture: str,
    frame: int,
    frame_count: int,
    size: tuple[int, int],
    finding: HeadFinding,
    scale: Scale | None,
    options: HeadOptions,
    provenance: dict[str, str],
    notes: tuple[str, ...] = (),
    guess: dict[str, Any] | None = None,
) -> HeadResult:
    """The result of a fresh finding: axis lines are the ellipse's axes.

    Args:
        size: width and height in pixels.
    """
    ofd = bpd = None
    if finding.ellipse is not None:
        # With unequal pixel sides the axes must be the ellipse's axes in mm, not in pixels.
        factor = np.ones(2) if scale is None else np.array([scale.mm_per_px_x, scale.mm_per_px_y])
        ofd, bpd = (ends / factor for ends in finding.ellipse.scaled(factor[0], factor[1]).axis_ends())
    width, height = size
    return HeadResult(
        picture,
        frame,
        frame_count,
        width,
        height,
        finding,
        ofd,
        bpd,
        False,
        scale,
        options,
        provenance,
        notes,
        guess=guess,
    )
