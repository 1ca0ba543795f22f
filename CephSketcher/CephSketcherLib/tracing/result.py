"""One traced film: landmarks, outlines and measures in the given file's pixels, with scale, settings and origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.analysis.interpretation import Reading
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.outlines.outline_solver import Outline
from CephSketcherLib.tracing.main_measures import MAIN, SUMMARY
from CephSketcherLib.tracing.sizes import SIZES
from CephSketcherLib.tracing.tables import landmarks_table, measures_table
from CephSketcherLib.tracing.work_frame import WorkFrame
from DeepMedLib.measurement import Measurement
from DeepMedLib.picture.plausible import doubt
from DeepMedLib.picture.scale import FILM, Scale, length_mm
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import Result, remarks_to_json
from DeepMedLib.results.table import Cell, Table

Fixed = dict[str, dict[int, tuple[float, float]]]


@dataclass(frozen=True)
class CephOptions:
    """Settings of an analysis.

    Attributes:
        analyses: names of the analyses; empty for all.
        norms: name of a shipped norm set; "" for the default one.
        own_norms: a norm set of the user's own as JSON (`NormSet` as a mapping); None to use the shipped one.
        age: years; None when unknown.
        sex: "female", "male" or "" when unknown.
        draws: of the Monte Carlo that gives every measure its uncertainty.
    """

    analyses: tuple[str, ...] = ()
    norms: str = ""
    own_norms: Mapping[str, Any] | None = None
    age: float | None = None
    sex: str = ""
    draws: int = 2000


@dataclass(frozen=True)
class CephResult(Result):
    """The tracing of one film.

    Attributes:
        film: name of the file or node, without its folder.
        width, height: of the film, pixels.
        facing: "right" or "left", where the face of the given film looks; facing_certainty: 0..1.
        inverted: bone is dark in the given film.
        landmarks: the layout's points; empty when the model abstained.
        unplaced: of a film that is traced by hand, the points that wait for a person; they count nowhere.
        derived: points read off the outlines (apices, molar cusps ...), each with its own uncertainty.
        moved: derived points that a person placed; they replace what the outlines give.
        deleted: points that a person took off the film; nothing is measured with them.
        outlines: by name.
        fixed: outline points that a person placed: name -> index -> (x, y).
        measures: all measures that the points allow.
        unavailable: (title, reason) of the others.
        readings: what the measures say, in plain words.
        abstained, reason: True and why when the film is not answered.
        provenance: model, version, SHA-256, device, date.
        notes: sentences about the film.
        scan_remarks: what reading the scan told that the film was made of; none of a film that was exposed.
    """

    film: str
    width: int
    height: int
    facing: str
    landmarks: LandmarkSet
    scale: Scale | None
    options: CephOptions
    facing_certainty: float = 1.0
    inverted: bool = False
    aspect: float = 1.0
    unplaced: LandmarkSet = field(default_factory=LandmarkSet)
    derived: LandmarkSet = field(default_factory=LandmarkSet)
    moved: LandmarkSet = field(default_factory=LandmarkSet)
    deleted: tuple[str, ...] = ()
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    fixed: Fixed = field(default_factory=dict)
    measures: tuple[CephMeasure, ...] = ()
    unavailable: tuple[tuple[str, str], ...] = ()
    readings: tuple[Reading, ...] = ()
    abstained: bool = False
    reason: str = ""
    provenance: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    scan_remarks: tuple[Remark, ...] = ()

    @property
    def frame(self) -> WorkFrame:
        """How the given film lies in the frame of computation."""
        return WorkFrame(self.width, self.height, self.facing == "left", self.pixel_aspect)

    @property
    def pixel_aspect(self) -> float:
        """Height of a pixel over its width; the scale's where there is one."""
        return self.aspect if self.scale is None else self.scale.aspect

    @property
    def edited(self) -> bool:
        """True once a person moved anything."""
        points = [*self.landmarks, *self.moved]
        return any(point.edited for point in points) or any(self.fixed.values())

    @property
    def points(self) -> LandmarkSet:
        """Landmarks, derived points and those that a person moved, without the deleted ones."""
        return self.landmarks.with_points(self.derived).with_points(self.moved).without(self.deleted)

    @property
    def placed(self) -> LandmarkSet:
        """Landmarks, and the derived points that a person moved: what outlines pass through."""
        return self.landmarks.with_points(self.moved)

    @property
    def listed(self) -> LandmarkSet:
        """Landmarks and those that are still to be placed: what the scene's list of points holds."""
        return self.landmarks.with_points(self.unplaced).in_order_of(ISBI19.symbols)

    def check_first(self) -> list[LandmarkPoint]:
        """Points that the user should look at, the least certain first; those to be placed before all others."""
        flagged = [point for point in self.listed if point.flagged]
        return sorted(flagged, key=lambda point: (point.confidence, -(point.sd or 0.0)))

    def status(self) -> str:
        """ "done" or "abstained"."""
        return "abstained" if self.abstained else "done"

    def with_landmark(self, symbol: str, xy: np.ndarray) -> CephResult:
        """After a person moved a landmark or a derived point to (x, y); outlines and measures are not solved yet.

        Raises:
            KeyError: there is no such point.
        """
        if symbol in self.deleted:
            return self._restored(symbol, xy)
        if symbol in self.unplaced:
            return self._placed(symbol).with_landmark(symbol, xy)
        if symbol in self.landmarks:
            return replace(self, landmarks=self.landmarks.moved(symbol, xy))
        point = self.points[symbol]
        moved = self.moved.with_points([point]).moved(symbol, xy)
        return replace(self, moved=moved)

    def without_point(self, symbol: str) -> CephResult:
        """After a person deleted a landmark or a derived point, or unset its place; the rest is not solved yet.

        Raises:
            KeyError: there is no such point.
        """
        if symbol not in self.points and symbol not in self.unplaced:
            raise KeyError(symbol)
        parts = {name: getattr(self, name).without([symbol]) for name in ("landmarks", "unplaced", "derived", "moved")}
        return replace(self, deleted=(*self.deleted, symbol), **parts)

    def _restored(self, symbol: str, xy: np.ndarray) -> CephResult:
        """A deleted point that a person has put on the film again."""
        back = replace(self, deleted=tuple(other for other in self.deleted if other != symbol))
        point = LandmarkPoint(symbol, float(xy[0]), float(xy[1]), edited=True, source="placed by hand")
        if symbol in ISBI19:
            return replace(back, landmarks=back.landmarks.with_points([point]).in_order_of(ISBI19.symbols))
        return replace(back, moved=back.moved.with_points([point]))

    def with_confirmed(self, symbol: str) -> CephResult:
        """After a person looked at a flagged landmark and left it where it is.

        Raises:
            KeyError: there is no such landmark.
        """
        if symbol in self.unplaced:
            return self.with_landmark(symbol, self.unplaced[symbol].xy)
        point = replace(self.landmarks[symbol], flagged=False, source="checked by the user")
        return replace(self, landmarks=self.landmarks.with_points([point]))

    def _placed(self, symbol: str) -> CephResult:
        taken = self.landmarks.with_points([replace(self.unplaced[symbol], source="placed by hand")])
        taken = taken.in_order_of(ISBI19.symbols)
        return replace(self, landmarks=taken, unplaced=self.unplaced.without([symbol]))

    def with_outline_point(self, name: str, index: int, xy: np.ndarray) -> CephResult:
        """After a person moved point `index` of an outline; the rest of it is not solved yet.

        Raises:
            KeyError: there is no such outline.
        """
        if name not in self.outlines:
            raise KeyError(name)
        fixed = {key: dict(points) for key, points in self.fixed.items()}
        fixed.setdefault(name, {})[int(index)] = (float(xy[0]), float(xy[1]))
        return replace(self, fixed=fixed)

    def sd_mm(self, point: LandmarkPoint) -> float | None:
        """Standard uncertainty of a point in mm; None without a scale or without a known uncertainty."""
        if self.scale is None or point.covariance is None:
            return None
        (xx, _), (_, yy) = point.covariance
        return float(np.sqrt(0.5 * (xx * self.scale.mm_per_px_x**2 + yy * self.scale.mm_per_px_y**2)))

    def sizes_mm(self) -> dict[str, float]:
        """Name -> size of everything that `sizes.SIZES` knows and that is traced; empty without a scale."""
        if self.scale is None or self.abstained:
            return {}
        pairs = {name: name.split("-") for name in SIZES}
        traced = {name: ends for name, ends in pairs.items() if all(symbol in self.landmarks for symbol in ends)}
        return {
            name: length_mm(self.landmarks[first].xy, self.landmarks[last].xy, self.scale)
            for name, (first, last) in traced.items()
        }

    def scale_doubt(self) -> Remark | None:
        """What the sizes say against the pixel size; None when nothing."""
        return None if self.scale is None else doubt(self.sizes_mm(), SIZES, self.scale)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader must know before using the numbers."""
        note = Gravity.NOTE
        doubtful = self.scale_doubt()
        found = [doubtful] if doubtful is not None else []
        if self.abstained:
            found.append(Remark(f"Nothing is traced: {self.reason}"))
        if self.scale is None:
            found.append(Remark("The film has no known scale: only angles and ratios are given; set a scale for mm."))
        else:
            if self.scale.plane == FILM:
                found.append(Remark("Lengths are those on the film: the magnification of the head is still in them."))
            if not self.scale.confirmed:
                told = f"The scale ({self.scale.source}) was not confirmed. {self.scale.note}".strip()
                found.append(Remark(told))
        if self.deleted:
            verb = "is" if len(self.deleted) == 1 else "are"
            found.append(
                Remark(f"{', '.join(self.deleted)} {verb} deleted or renamed: measures that need it are not given.")
            )
        if self.unplaced.points:
            found.append(Remark(f"Not placed yet, and not counted anywhere: {', '.join(self.unplaced.symbols)}."))
        first = [point.symbol for point in self.check_first() if point.symbol not in self.unplaced]
        if first:
            found.append(Remark(f"Check first: {', '.join(first)}."))
        found += [Remark(measure.norm_hint, note) for measure in self.measures if measure.norm_hint]
        unsure = [point.symbol for point in self.points.without(self.landmarks.symbols) if point.flagged]
        if unsure:
            found.append(Remark(f"Read off outlines with little certainty: {', '.join(unsure)}.", note))
        return gravest_first([*self.scan_remarks, *found, *(Remark(text, note) for text in self.notes)])

    def answer(self) -> str:
        """The main angles with their standard deviations, and what to check first; or why nothing is traced."""
        if self.abstained:
            return self.reason.rstrip(".")
        known = {measure.name: measure for measure in self.measures}
        parts = []
        for measure in (known[name] for name in MAIN if name in known):
            spread = "" if measure.sd is None else f" \u00b1 {measure.sd:.1f}"
            parts.append(f"{measure.name} {measure.value:.1f}{spread}\u00b0")
        first = [point.symbol for point in self.check_first()]
        told = ", ".join(parts) or "no angle can be measured yet"
        return told + (f"; check first {', '.join(first)}" if first else "")

    def measurements(self) -> list[Measurement]:
        """Every measure."""
        return [measure.measurement() for measure in self.measures]

    def tables(self) -> list[Table]:
        """Landmarks and measures, as files hold them; none of a film that was refused."""
        if self.abstained:
            return []
        sd_mm = {point.symbol: self.sd_mm(point) for point in self.points}
        return [landmarks_table(self.points, sd_mm), measures_table(self.measures)]

    def summary(self) -> dict[str, Cell]:
        """The main numbers."""
        known = {measure.name: measure.value for measure in self.measures}
        return {name: known.get(name) for name in SUMMARY}

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json`` (contract) and what a scene keeps; `from_json` reads it back."""
        return {
            "command": "ceph",
            "input": self.film,
            "size_px": [self.width, self.height],
            "status": self.status(),
            "reason": self.reason,
            "facing": self.facing,
            "facing_certainty": self.facing_certainty,
            "inverted": self.inverted,
            "pixel_aspect": self.aspect,
            "scale": self.scale.to_dict() if self.scale is not None else None,
            "landmarks": [self._point_record(point) for point in self.landmarks],
            "unplaced": self.unplaced.to_dict(),
            "derived": [self._point_record(point) for point in self.derived],
            "moved": self.moved.to_dict(),
            "deleted": list(self.deleted),
            "check_first": [point.symbol for point in self.check_first()],
            "measurements": [measure.to_dict() for measure in self.measures],
            "unavailable": [{"title": title, "reason": reason} for title, reason in self.unavailable],
            "reading": [asdict(reading) | {"verdict": reading.verdict} for reading in self.readings],
            "outlines": {name: outline_record(outline) for name, outline in self.outlines.items()},
            "fixed": {name: {str(i): list(xy) for i, xy in points.items()} for name, points in self.fixed.items()},
            "edited": self.edited,
            "options": asdict(self.options) | {"analyses": list(self.options.analyses)},
            **remarks_to_json(self.remarks),
            "notes": list(self.notes),
            "scan_remarks": [remark.to_dict() for remark in self.scan_remarks],
            "provenance": dict(self.provenance),
        }

    def _point_record(self, point: LandmarkPoint) -> dict[str, Any]:
        return point.to_dict() | {"sd_px": point.sd, "sd_mm": self.sd_mm(point)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> CephResult:
        """Read `to_json`; nothing is computed anew."""
        options = dict(record["options"])
        fixed = {
            name: {int(i): (float(xy[0]), float(xy[1])) for i, xy in points.items()}
            for name, points in record["fixed"].items()
        }
        return cls(
            film=record["input"],
            width=record["size_px"][0],
            height=record["size_px"][1],
            facing=record["facing"],
            landmarks=LandmarkSet.from_dict({"points": record["landmarks"]}),
            scale=Scale.from_dict(record["scale"]) if record["scale"] else None,
            options=CephOptions(**(options | {"analyses": tuple(options["analyses"])})),
            facing_certainty=record["facing_certainty"],
            inverted=record["inverted"],
            aspect=record["pixel_aspect"],
            unplaced=LandmarkSet.from_dict(record["unplaced"]),
            derived=LandmarkSet.from_dict({"points": record["derived"]}),
            moved=LandmarkSet.from_dict(record["moved"]),
            deleted=tuple(record["deleted"]),
            outlines={name: outline_from_record(item) for name, item in record["outlines"].items()},
            fixed=fixed,
            measures=tuple(CephMeasure.from_dict(item) for item in record["measurements"]),
            unavailable=tuple((item["title"], item["reason"]) for item in record["unavailable"]),
            readings=tuple(
                Reading(item["topic"], tuple(item["words"]), item["sentence"]) for item in record["reading"]
            ),
            abstained=record["status"] == "abstained",
            reason=record["reason"],
            provenance=dict(record["provenance"]),
            notes=tuple(record["notes"]),
            scan_remarks=tuple(Remark.from_dict(item) for item in record.get("scan_remarks", ())),
        )


def outline_record(outline: Outline) -> dict[str, Any]:
    """An outline as JSON."""
    return {
        "name": outline.name,
        "title": outline.title,
        "points": np.round(outline.points, 3).tolist(),
        "closed": outline.closed,
        "sd": np.round(outline.sd, 3).tolist(),
        "landmarks": list(outline.landmarks),
        "edge_support": round(float(outline.edge_support), 4),
        "at": {symbol: int(index) for symbol, index in outline.at.items()},
    }


def outline_from_record(record: Mapping[str, Any]) -> Outline:
    """Read `outline_record`."""
    return Outline(
        name=record["name"],
        title=record["title"],
        points=np.array(record["points"], float).reshape(-1, 2),
        closed=record["closed"],
        sd=np.array(record["sd"], float),
        landmarks=tuple(record["landmarks"]),
        edge_support=record["edge_support"],
        at={symbol: int(index) for symbol, index in record["at"].items()},
    )
