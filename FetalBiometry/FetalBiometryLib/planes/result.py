"""One measured picture of any plane: what was found, on which scale, with which settings; numbers follow the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from DeepMedLib.measurement import Measurement
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.scale import Scale, factor_of
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import ABSTAINED, DONE, Result
from DeepMedLib.results.table import Cell, Table, measurement_table
from FetalBiometryLib.options import BY_AREA
from FetalBiometryLib.planes import numbers
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.growth import age_remarks, growth_measurements
from FetalBiometryLib.planes.lines import ellipse_of_axes, ellipse_of_diameters, lines_of, tilt_of
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.remarks import (
    abstention_remarks,
    grave_sentences,
    missing_remarks,
    scale_doubt,
    scale_remarks,
)
from FetalBiometryLib.planes.shapes import AXIS, HEART, MIDLINE, SHAPES, THORAX, Outline, PlaneShape

EDITED = "edited by the user"
ACCEPTED = "accepted by the user"
DRAWN = "drawn by the user"

_NOT_MOVED_PX = 1e-3  # coordinates travel through a scene and back


@dataclass(frozen=True)
class PictureResult(Result):
    """One frame.

    Attributes:
        plane: one of `shapes.SHAPES`; "other" where the plane was not recognised.
        picture: name of the file or node, without its folder.
        frame, frame_count: the frame measured, from 0, and how many there are.
        width, height: size of the frame in pixels.
        finding: what the model found.
        lines_px: the lines now by name, each (2, 2) as (x, y) pixels; empty when nothing was found or placed.
        scale: mm per pixel, None when unknown: then lengths are pixels.
        edited_lines: names of the lines that a person moved.
        missing_lines: names of the lines that were deleted or lack an end: what rests on them is not given.
        accepted: True once a person took a proposal as it is.
        provenance: model, version, SHA-256, device, date.
        notes: sentences about the picture (bit depth, scale ...).
        guess: the plane as it was recognised (`findings.PlaneGuess.to_dict`); None when the user named it.
        aspect: height of a pixel over its width, also where its size is not known.
    """

    plane: str
    picture: str
    frame: int
    frame_count: int
    width: int
    height: int
    finding: Finding
    lines_px: dict[str, np.ndarray]
    scale: Scale | None
    options: MeasureOptions
    edited_lines: tuple[str, ...] = ()
    missing_lines: tuple[str, ...] = ()
    accepted: bool = False
    provenance: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    guess: dict[str, Any] | None = None
    aspect: float = 1.0

    @classmethod
    def of(
        cls,
        picture: Picture,
        finding: Finding,
        scale: Scale | None,
        options: MeasureOptions,
        provenance: dict[str, str],
        lines: Mapping[str, np.ndarray] | None = None,
        notes: tuple[str, ...] | None = None,
        guess: dict[str, Any] | None = None,
    ) -> PictureResult:
        """The result of a fresh finding.

        Args:
            lines: by name, (2, 2) pixels; those of the finding when None.
            notes: the picture's own when None.
        """
        return cls(
            plane=finding.plane,
            picture=picture.name,
            frame=picture.frame,
            frame_count=picture.frame_count,
            width=picture.width,
            height=picture.height,
            finding=finding,
            lines_px=lines_of(finding, factor_of(scale, picture.aspect)) if lines is None else dict(lines),
            scale=scale,
            options=options,
            provenance=provenance,
            notes=picture.notes if notes is None else notes,
            guess=guess,
            aspect=picture.aspect,
        )

    @property
    def shape(self) -> PlaneShape:
        """What is drawn in this plane."""
        return SHAPES[self.plane]

    @property
    def edited(self) -> bool:
        """True once a person moved a line."""
        return bool(self.edited_lines)

    @property
    def by_hand(self) -> bool:
        """True when no model took part."""
        return not self.provenance.get("model")

    @property
    def vouched(self) -> bool:
        """True when some of the numbers may be reported."""
        return any(self._vouched(group) for group in self.shape.groups())

    def status(self) -> str:
        """`DONE` where some of the numbers may be reported, else `ABSTAINED`."""
        return DONE if self.vouched else ABSTAINED

    def _by_person(self, group: tuple[str, ...]) -> bool:
        return self.accepted or any(name in self.edited_lines for name in group)

    def _vouched(self, group: tuple[str, ...]) -> bool:
        """Whether the numbers of these lines may be reported: an edited heart does not vouch for the thorax."""
        there = all(name in self.lines_px and name not in self.missing_lines for name in group)
        return there and (self._by_person(group) or not self.finding.abstained)

    def lines(self) -> dict[str, np.ndarray]:
        """The editable lines by name, each (2, 2) as (x, y) pixels."""
        return dict(self.lines_px)

    def with_lines(self, lines: Mapping[str, np.ndarray], missing: Sequence[str] = ()) -> PictureResult:
        """The result after a person moved a line; those that stayed where they were keep their uncertainty.

        Args:
            lines: by name; those not among them stay.
            missing: names of lines that are deleted or lack an end.
        """
        now = {name: np.asarray(ends, float) for name, ends in lines.items() if name in self.lines_px}
        moved = [n for n, ends in now.items() if np.abs(ends - self.lines_px[n]).max() > _NOT_MOVED_PX]
        edited = tuple(n for n in self.lines_px if n in moved or n in self.edited_lines)
        return replace(self, lines_px={**self.lines_px, **now}, edited_lines=edited, missing_lines=tuple(missing))

    def factor(self) -> np.ndarray:
        """(2,) units per pixel along x and y: mm, or without a scale widths of a pixel."""
        return factor_of(self.scale, self.aspect)

    @property
    def unit(self) -> str:
        """mm, or px without a scale."""
        return "px" if self.scale is None else "mm"

    def ellipses(self) -> dict[str, Ellipse]:
        """The ellipses of the axis lines in mm, or in pixels without a scale."""
        found = {}
        for outline in self.shape.outlines:
            known = [name for name in outline.axes if name in self.lines_px and name not in self.missing_lines]
            axes = [self.lines_px[name] * self.factor() for name in known]
            if len(axes) == 2:
                found[outline.name] = self._ellipse(outline, axes[0], axes[1])
        return found

    def _ellipse(self, outline: Outline, first: np.ndarray, second: np.ndarray) -> Ellipse:
        if outline.always_axes:
            return ellipse_of_axes(first, second)
        model = self.finding.ellipses.get(outline.name)
        lines = [np.array(self.finding.lines[name], float) for name in outline.axes if name in self.finding.lines]
        tilt = tilt_of(model, lines[0], lines[1]) if model is not None and len(lines) == 2 else 0.0
        return ellipse_of_diameters(first, second, tilt)

    def ellipses_px(self) -> dict[str, Ellipse]:
        """The same ellipses in pixels of the file."""
        return {name: ellipse.scaled(*(1 / self.factor())) for name, ellipse in self.ellipses().items()}

    def outlines(self, points: int = 60) -> dict[str, np.ndarray]:
        """The curves of the ellipses by name, each (points, 2) pixels."""
        return {name: ellipse.points(points) / self.factor() for name, ellipse in self.ellipses().items()}

    def lengths(self) -> list[Measurement]:
        """The numbers taken in the picture, in the order of `numbers.ORDER`; empty when nothing is vouched for.

        A number whose interval says nothing is not among them: `warnings` tells it.
        """
        return [m for m in self._taken() if numbers.is_useful(m)]

    def _taken(self) -> list[Measurement]:
        ellipses, found = self.ellipses(), []
        for outline in self.shape.outlines:
            if outline.name in ellipses and self._vouched(outline.axes):
                found += self._of_outline(outline, ellipses[outline.name])
        for name in self.shape.lines:
            if self._vouched((name,)):
                found.append(self._length(name, (name,)))
        if self.plane == "head":
            found = self._of_head(found)
        elif self.plane == "thorax":
            found += self._of_thorax(ellipses)
        return sorted(found, key=lambda m: numbers.ORDER.index(m.name))

    def _length(self, line: str, group: tuple[str, ...]) -> Measurement:
        """The length of a line, which stands or falls with its group."""
        ends = self.lines_px[line] * self.factor()
        value = float(np.linalg.norm(ends[1] - ends[0]))
        return numbers.made(line, value, self.unit, self._share(line, group), self._source_of(group))

    def _of_outline(self, outline: Outline, ellipse: Ellipse) -> list[Measurement]:
        found, source = [], self._source_of(outline.axes)
        name = outline.circumference
        found.append(numbers.made(name, ellipse.perimeter, self.unit, self._share(name, outline.axes), source))
        if outline.area:
            share = self._share(outline.area, outline.axes, power=2)
            found.append(numbers.made(outline.area, ellipse.area, f"{self.unit}2", share, source))
        if outline.axes_are_measures:
            found += [self._length(axis, outline.axes) for axis in outline.axes]
        return found

    def _of_head(self, found: list[Measurement]) -> list[Measurement]:
        """BPD in the convention asked for, and the cephalic index beside it."""
        known = {m.name: m for m in found}
        if "BPD" in known:
            # The scale divides out, so only the outline counts.
            bpd, ofd = (self.finding.relative_sd.get(name) for name in ("BPD", "OFD"))
            by_person = self._by_person(("OFD", "BPD"))
            share = None if by_person or bpd is None or ofd is None else float(np.hypot(bpd, ofd))
            index = numbers.cephalic_index(known["BPD"], known["OFD"], share)
            known |= {"BPD": numbers.in_convention(known["BPD"], self.options.bpd_convention), "CI": index}
        return list(known.values())

    def _of_thorax(self, ellipses: dict[str, Ellipse]) -> list[Measurement]:
        found = []
        heart, thorax = (outline.axes for outline in self.shape.outlines)
        if HEART in ellipses and THORAX in ellipses and self._vouched(heart) and self._vouched(thorax):
            what = "Area" if self.options.ctr == BY_AREA else "Circumference"
            # The scale divides out, so only the two outlines count.
            shares = [self.finding.relative_sd.get(part + what) for part in (HEART, THORAX)]
            known = [s for s in shares if s is not None]
            by_person = self._by_person(heart) or self._by_person(thorax)
            share = None if by_person or len(known) < 2 else float(np.hypot(known[0], known[1]))
            source = self._source_of(heart, thorax)
            found.append(numbers.cardiothoracic_ratio(ellipses, self.options.ctr, share, source))
        if self._vouched(self.shape.angle):
            axis, midline = (self.lines_px[name] * self.factor() for name in (AXIS, MIDLINE))
            sd = None if self._by_person(self.shape.angle) else self.finding.absolute_sd.get("CardiacAxis")
            source = self._source_of(self.shape.angle)
            found.append(numbers.cardiac_axis(axis, midline, sd, self.options, source))
        return found

    def _share(self, name: str, group: tuple[str, ...], power: int = 1) -> float | None:
        """Relative standard uncertainty of a length (power 1) or an area (2); None once a person took over."""
        own = self.finding.relative_sd.get(name)
        if own is None or self._by_person(group):
            return None
        return float(np.hypot(own, power * (self.scale.relative_sd if self.scale else 0.0)))

    def measurements(self) -> list[Measurement]:
        """Lengths, then age and centiles where a scale (and an age) allows them."""
        lengths = self.lengths()
        return lengths + (growth_measurements(lengths, self.options) if self.unit == "mm" else [])

    def sizes_mm(self) -> dict[str, float]:
        """Name -> size of everything that `sizes.SIZES` knows; empty without a scale or without vouched numbers."""
        return {m.name: m.value for m in self._taken() if m.unit == "mm" and m.value is not None}

    def scale_doubt(self) -> Remark | None:
        """What the sizes say against the pixel size; None when nothing."""
        return scale_doubt(self.sizes_mm(), self.lengths(), self.scale, self.options)

    def _source_of(self, *groups: tuple[str, ...]) -> str:
        """Who placed these lines: a person moved some of them, or nobody did."""
        if self.by_hand:
            return DRAWN
        if any(name in self.edited_lines for group in groups for name in group):
            return EDITED
        return ACCEPTED if self.accepted else self.model_source()

    def model_source(self) -> str:
        """The model with its version."""
        return f"{self.provenance.get('model', 'model')} {self.provenance.get('version', '')}".strip()

    def quality_sentences(self) -> list[str]:
        """The model's cues about the picture, in words."""
        return list(self.finding.quality)

    @property
    def quality_score(self) -> float:
        """0 to 1: how good a frame this is among others of its plane.

        The model's own score where it gives one, else from the uncertainties: 1 for none, 0 for 20 % and more.
        """
        given = self.finding.details.get("quality_score")
        if given is not None:
            return min(1.0, max(0.0, float(given)))
        if self.by_hand or self.edited:
            return 1.0
        if not self.finding.relative_sd:
            return 0.0
        return max(0.0, 1 - float(np.mean(list(self.finding.relative_sd.values()))) / 0.2)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader must know before using the numbers, the gravest first."""
        taken = [m for m in self._taken() if not numbers.is_useful(m)]
        by_person = self.edited or self.accepted
        grave = grave_sentences(self.finding) if self.vouched and not by_person else ()
        found = [
            *abstention_remarks(self.finding, self.edited, self.accepted, self.by_hand),
            *missing_remarks(self.missing_lines),
            *(remark for remark in [self.scale_doubt()] if remark is not None),
            *scale_remarks(self.scale),
            *age_remarks(self.lengths(), self.options),
            *(Remark(numbers.withheld_text(m)) for m in taken),
            *(Remark(sentence, Gravity.GRAVE) for sentence in grave),
        ]
        return gravest_first([*found, *(Remark(note) for note in self.notes)])

    def answer(self) -> str:
        """The lengths in one line, or why there are none."""
        if not self.vouched:
            return f"abstained. {self.finding.reason}".rstrip(".")
        return numbers.in_one_line(self.lengths())

    def tables(self) -> list[Table]:
        """All numbers."""
        return [measurement_table(self.measurements())]

    def summary(self) -> dict[str, Cell]:
        """Plane, and the numbers by name with their unit."""
        return {"plane": self.plane, **numbers.by_column(self.measurements())}

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json`` and what a scene keeps; `from_json` reads it back."""
        return {
            "command": "fetal",
            "plane": self.plane,
            "plane_guess": self.guess,
            "input": self.picture,
            "frame": self.frame,
            "frame_count": self.frame_count,
            "size_px": [self.width, self.height],
            "pixel_aspect": self.aspect,
            "status": self.status(),
            "reason": "" if self.vouched else self.finding.reason,
            "measurements": [m.to_dict() for m in self.measurements()],
            "ellipses_px": {name: asdict(ellipse) for name, ellipse in self.ellipses_px().items()},
            "lines_px": {name: ends.tolist() for name, ends in self.lines_px.items()},
            "edited": self.edited,
            "edited_lines": list(self.edited_lines),
            "missing_lines": list(self.missing_lines),
            "accepted": self.accepted,
            "scale": asdict(self.scale) if self.scale is not None else None,
            "options": asdict(self.options),
            "quality": self.quality_sentences(),
            "warnings": self.warnings(),
            "notes": list(self.notes),
            "finding": self.finding.to_dict(),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> PictureResult:
        """Read `to_json`; numbers are computed anew from the lines."""
        return cls(
            plane=record["plane"],
            picture=record["input"],
            frame=record["frame"],
            frame_count=record["frame_count"],
            width=record["size_px"][0],
            height=record["size_px"][1],
            finding=Finding.from_dict(record["finding"]),
            lines_px={name: np.array(ends, float) for name, ends in record["lines_px"].items()},
            scale=Scale(**record["scale"]) if record["scale"] else None,
            options=MeasureOptions(**record["options"]),
            edited_lines=tuple(record["edited_lines"]),
            missing_lines=tuple(record["missing_lines"]),
            accepted=record["accepted"],
            provenance=dict(record["provenance"]),
            notes=tuple(record["notes"]),
            guess=record["plane_guess"],
            aspect=record["pixel_aspect"],
        )
