"""One measured abdomen, long bone or thorax; as for the head, numbers follow the lines, edited or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.growth.plane_growth import plane_growth
from FetalBiometryLib.picture.scale import Scale
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import PlaneFinding
from FetalBiometryLib.planes.head_result import HeadResult
from FetalBiometryLib.planes.lines import ellipse_of_diameters, tilt_of
from FetalBiometryLib.planes.measured_picture import MeasuredPicture
from FetalBiometryLib.planes.numbers import cardiac_axis, cardiothoracic_ratio, made
from FetalBiometryLib.planes.options import BY_AREA, MeasureOptions
from FetalBiometryLib.planes.shapes import AXIS, HEART, MIDLINE, SHAPES, THORAX, Outline, PlaneShape

_NOT_MOVED_PX = 1e-3  # coordinates travel through a scene and back


@dataclass(frozen=True)
class PlaneResult(MeasuredPicture):
    """One frame of any plane but the head.

    Attributes:
        plane: one of `plane_shapes.SHAPES`; "other" where the plane was not recognised.
        lines_px: the lines now by name, each (2, 2) as (x, y) pixels; empty when nothing was found or placed.
        edited_lines: names of those that a person moved.

    The others are those of `MeasuredPicture`.
    """

    plane: str
    picture: str
    frame: int
    frame_count: int
    width: int
    height: int
    finding: PlaneFinding
    lines_px: dict[str, np.ndarray]
    scale: Scale | None
    options: MeasureOptions
    edited_lines: tuple[str, ...] = ()
    accepted: bool = False
    provenance: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    guess: dict[str, Any] | None = None

    @property
    def shape(self) -> PlaneShape:
        """What is drawn in this plane."""
        return SHAPES[self.plane]

    @property
    def edited(self) -> bool:  # type: ignore[override]
        """True once a person moved a line."""
        return bool(self.edited_lines)

    def _by_person(self, group: tuple[str, ...]) -> bool:
        return self.accepted or any(name in self.edited_lines for name in group)

    def _vouched(self, group: tuple[str, ...]) -> bool:
        """Whether the numbers of these lines may be reported: an edited heart does not vouch for the thorax."""
        there = all(name in self.lines_px for name in group)
        return there and (self._by_person(group) or not self.finding.abstained)

    @property
    def vouched(self) -> bool:
        """True when some of the numbers may be reported."""
        return any(self._vouched(group) for group in self.shape.groups())

    def lines(self) -> dict[str, np.ndarray]:
        """See `MeasuredPicture.lines`."""
        return dict(self.lines_px)

    def with_lines(self, lines: Mapping[str, np.ndarray]) -> PlaneResult:
        """The result after a person moved a line; those that stayed where they were keep their uncertainty."""
        now = {name: np.asarray(ends, float) for name, ends in lines.items() if name in self.lines_px}
        moved = [n for n, ends in now.items() if np.abs(ends - self.lines_px[n]).max() > _NOT_MOVED_PX]
        edited = tuple(n for n in self.lines_px if n in moved or n in self.edited_lines)
        return replace(self, lines_px={**self.lines_px, **now}, edited_lines=edited)

    def ellipses(self) -> dict[str, Ellipse]:
        """The ellipses of the axis lines in mm, or in pixels without a scale."""
        found = {}
        for outline in self.shape.outlines:
            axes = [self.lines_px[name] * self.factor() for name in outline.axes if name in self.lines_px]
            if len(axes) == 2:
                found[outline.name] = ellipse_of_diameters(axes[0], axes[1], self._tilt(outline))
        return found

    def _tilt(self, outline: Outline) -> float:
        model = self.finding.ellipses.get(outline.name)
        lines = [np.array(self.finding.lines[name], float) for name in outline.axes if name in self.finding.lines]
        return tilt_of(model, lines[0], lines[1]) if model is not None and len(lines) == 2 else 0.0

    def outlines(self, points: int = 60) -> dict[str, np.ndarray]:
        """See `MeasuredPicture.outlines`."""
        return {name: ellipse.points(points) / self.factor() for name, ellipse in self.ellipses().items()}

    def _share(self, name: str, group: tuple[str, ...], power: int = 1) -> float | None:
        """Relative standard uncertainty of a length (power 1) or an area (2); None once a person took over."""
        own = self.finding.relative_sd.get(name)
        if own is None or self._by_person(group):
            return None
        return float(np.hypot(own, power * (self.scale.relative_sd if self.scale else 0.0)))

    def _source_of(self, *groups: tuple[str, ...]) -> str:
        """Who placed these lines: a person moved some of them, or nobody did."""
        if self.by_hand or self.accepted or any(self._by_person(group) for group in groups):
            return self.source()
        return self.model_source()

    def lengths(self) -> list[Measurement]:
        """Circumferences, diameters, areas, lengths, ratio and angle; empty when nothing is vouched for."""
        ellipses, numbers = self.ellipses(), []
        for outline in self.shape.outlines:
            if outline.name in ellipses and self._vouched(outline.axes):
                numbers += self._of_outline(outline, ellipses[outline.name])
        for name in self.shape.lines:
            if self._vouched((name,)):
                ends = self.lines_px[name] * self.factor()
                value = float(np.linalg.norm(ends[1] - ends[0]))
                numbers.append(made(name, value, self.unit, self._share(name, (name,)), self._source_of((name,))))
        if self.plane == "thorax":
            numbers += self._of_thorax(ellipses)
        return numbers

    def _of_outline(self, outline: Outline, ellipse: Ellipse) -> list[Measurement]:
        numbers, source = [], self._source_of(outline.axes)
        name = outline.circumference
        numbers.append(made(name, ellipse.perimeter, self.unit, self._share(name, outline.axes), source))
        if outline.area:
            share = self._share(outline.area, outline.axes, power=2)
            numbers.append(made(outline.area, ellipse.area, f"{self.unit}2", share, source))
        if outline.axes_are_measures:
            for axis in outline.axes:
                ends = self.lines_px[axis] * self.factor()
                value = float(np.linalg.norm(ends[1] - ends[0]))
                numbers.append(made(axis, value, self.unit, self._share(axis, outline.axes), source))
        return numbers

    def _of_thorax(self, ellipses: dict[str, Ellipse]) -> list[Measurement]:
        numbers = []
        heart, thorax = (outline.axes for outline in self.shape.outlines)
        if HEART in ellipses and THORAX in ellipses and self._vouched(heart) and self._vouched(thorax):
            what = "Area" if self.options.ctr == BY_AREA else "Circumference"
            # The scale divides out, so only the two outlines count.
            shares = [self.finding.relative_sd.get(part + what) for part in (HEART, THORAX)]
            known = [s for s in shares if s is not None]
            by_person = self._by_person(heart) or self._by_person(thorax)
            share = None if by_person or len(known) < 2 else float(np.hypot(known[0], known[1]))
            source = self._source_of(heart, thorax)
            numbers.append(cardiothoracic_ratio(ellipses, self.options.ctr, share, source))
        if self._vouched(self.shape.angle):
            axis, midline = (self.lines_px[name] * self.factor() for name in (AXIS, MIDLINE))
            sd = None if self._by_person(self.shape.angle) else self.finding.absolute_sd.get("CardiacAxis")
            source = self._source_of(self.shape.angle)
            numbers.append(cardiac_axis(axis, midline, sd, self.options, source))
        return numbers

    def measurements(self) -> list[Measurement]:
        """See `MeasuredPicture.measurements`."""
        lengths = self.lengths()
        return lengths + (plane_growth(lengths, self.options) if self.unit == "mm" else [])

    def quality_sentences(self) -> list[str]:
        """See `MeasuredPicture.quality_sentences`."""
        return list(self.finding.quality)

    @property
    def quality_score(self) -> float:
        """The model's own score where it gives one, else from the uncertainties: 1 for none, 0 for 20 % and more."""
        if self.by_hand or self.edited:
            return 1.0
        given = self.finding.details.get("quality_score")
        if given is not None:
            return min(1.0, max(0.0, float(given)))
        if not self.finding.relative_sd:
            return 0.0
        return max(0.0, 1 - float(np.mean(list(self.finding.relative_sd.values()))) / 0.2)

    def to_json(self) -> dict[str, Any]:
        """See `MeasuredPicture.to_json`."""
        outlines = {name: asdict(ellipse.scaled(*(1 / self.factor()))) for name, ellipse in self.ellipses().items()}
        return {
            "command": "fetal",
            "plane": self.plane,
            "plane_guess": self.guess,
            "input": self.picture,
            "frame": self.frame,
            "frame_count": self.frame_count,
            "size_px": [self.width, self.height],
            "status": self.status(),
            "reason": "" if self.vouched else self.finding.reason,
            "measurements": [m.to_dict() for m in self.measurements()],
            "ellipses_px": outlines,
            "lines_px": {name: ends.tolist() for name, ends in self.lines_px.items()},
            "edited": self.edited,
            "edited_lines": list(self.edited_lines),
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
    def from_json(cls, record: dict[str, Any]) -> PlaneResult:
        """Read `to_json`; numbers are computed anew from the lines."""
        return cls(
            plane=record["plane"],
            picture=record["input"],
            frame=record["frame"],
            frame_count=record["frame_count"],
            width=record["size_px"][0],
            height=record["size_px"][1],
            finding=PlaneFinding.from_dict(record["finding"]),
            lines_px={name: np.array(ends, float) for name, ends in record["lines_px"].items()},
            scale=Scale(**record["scale"]) if record["scale"] else None,
            options=MeasureOptions(**record["options"]),
            edited_lines=tuple(record["edited_lines"]),
            accepted=record["accepted"],
            provenance=dict(record["provenance"]),
            notes=tuple(record["notes"]),
            guess=record["plane_guess"],
        )


def result_from_json(record: dict[str, Any]) -> HeadResult | PlaneResult:
    """Read the ``to_json`` of either kind of result."""
    return HeadResult.from_json(record) if record["plane"] == "head" else PlaneResult.from_json(record)
