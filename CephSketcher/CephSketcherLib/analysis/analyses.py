"""The classic analyses: which measures each one reads, and the measures of one film with uncertainty and norms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from CephSketcherLib.analysis.measure_definition import MILLIMETER, MeasureDefinition
from CephSketcherLib.analysis.measures import MEASURES, NEVER, OUTLINE_POINTS
from CephSketcherLib.analysis.norms import NormSet
from CephSketcherLib.analysis.plane_geometry import looks_right, to_face_frame
from CephSketcherLib.analysis.point_errors import Drawn, draw_points
from CephSketcherLib.analysis.widening import widening
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Measurement

#: Measures of each analysis, in the order of its table.
ANALYSES: dict[str, tuple[str, ...]] = {
    "Steiner": (
        *("SNA", "SNB", "ANB", "SNPog", "SN-GoGn", "SN-OP", "U1-NA", "U1-NA mm", "L1-NB", "L1-NB mm"),
        *("Interincisal", "Pog-NB mm", "Holdaway ratio", "S-L"),
    ),
    "Wits": ("Wits", "AF-BF"),
    "Downs": (
        *("Facial angle", "Convexity", "A-B plane", "FMA", "Y axis"),
        *("FH-OP", "Interincisal", "L1-OP", "L1-MP", "U1-APog mm"),
    ),
    "Tweed": ("FMA", "FMIA", "IMPA", "SNA", "SNB", "ANB", "Wits", "FH-OP", "Z angle", "FHI"),
    "Ricketts": (
        *("Facial angle", "FMA", "Convexity mm", "Maxillary depth", "PP-FH", "Cranial deflection"),
        *("L1-APog mm", "L1-APog", "U1-APog mm", "U1-APog", "Interincisal", "Overjet OP", "Overbite OP"),
        *("Molar relation", "LL-E", "UL-E"),
    ),
    "Jarabak": (
        *("Saddle", "Articular", "Gonial", "Upper gonial", "Lower gonial", "Bjork sum", "Jarabak ratio"),
        *("S-Ar / Ar-Go", "Go-Me / S-N", "S-N", "S-Ar", "Ar-Go", "Go-Me", "S-Go", "N-Me", "SN-MP", "Y axis SN"),
        *("SNA", "SNB", "ANB"),
    ),
    "McNamara": (
        *("A-N perp", "Pog-N perp", "Co-A", "Co-Gn", "Mx-Md difference", "ANS-Me", "FMA"),
        *("U1-A vertical", "L1-APog mm"),
    ),
    "Soft tissue": (
        *("UL-E", "LL-E", "UL-S", "LL-S", "UL-B line", "LL-B line", "LL-H", "H angle", "Z angle", "Nasolabial"),
    ),
    "Eastman": (
        *("SNA", "SNB", "ANB", "SN-MP", "SN-PP", "PP-MP", "U1-PP", "U1-SN", "U1-FH", "IMPA"),
        *("Interincisal", "LAFH %", "Wits", "L1-APog mm", "Overjet", "Overbite"),
    ),
    "Kim": ("ODI", "APDI", "A-B plane", "PP-FH", "FMA"),
    "Growth lengths": (
        *("S-N", "S-Ba", "Ba-N", "SN-FH", "N-ANS", "PNS-ANS", "ANS-Me", "N-Me", "S-Go", "Co-Go", "Co-Gn", "Co-Pog"),
        *("Ar-Pog", "Go-Pog"),
    ),
}
ALL = tuple(ANALYSES)
SCALE = 5  #: stream of random numbers of the scale, beside those of `point_errors`


@dataclass(frozen=True)
class CephMeasure:
    """One measure of one film.

    Attributes:
        name, title, unit: as in `MEASURES`.
        value: in ``unit``.
        sd: standard uncertainty from the points; None when that of a point is unknown.
        norm_mean, norm_sd, norm_range: the norm at the person's age and sex; None where there is none.
        deviation_sd: (value - norm mean) / norm SD.
        norm_source: publication of the norm and what its number was checked against.
        analysis: the analysis it is shown under.
        uses: points in the formula.
        note: convention, approximation and origin, for people.
        norm_text, norm_set: the norm as printed and the set it comes from.
        from_outlines: a point of the formula was read off an outline.
        edited: a point of the formula was placed by hand.
        norm_hint: why a norm in film millimeters is not used, one sentence; "" when none is held back.
    """

    name: str
    title: str
    value: float
    unit: str
    sd: float | None
    norm_mean: float | None
    norm_sd: float | None
    deviation_sd: float | None
    norm_source: str
    analysis: str
    uses: tuple[str, ...]
    note: str
    norm_range: tuple[float, float] | None = None
    norm_text: str = ""
    norm_set: str = ""
    from_outlines: bool = False
    edited: bool = False
    norm_hint: str = ""

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval, in ``unit``: the same wherever the measure is shown; None where ``sd`` is."""
        return self.measurement().interval()

    @property
    def deviation_interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the deviation, in SD of the norm; None where either is unknown."""
        if self.interval is None or self.norm_mean is None or not self.norm_sd:
            return None
        low, high = ((edge - self.norm_mean) / self.norm_sd for edge in self.interval)
        return low, high

    def measurement(self) -> Measurement:
        """The measure as the suite's common form."""
        source = "computed from landmarks"
        if self.from_outlines:
            source = "computed from landmarks and points of outlines"
        if self.edited:
            source += ", some placed by hand"
        return Measurement(self.name, self.value, self.unit, self.sd, None, source, self.title)

    def to_dict(self) -> dict[str, Any]:
        """JSON form: the contract's {name, value, unit, sd, code, source}, then all that is said beside it."""
        interval = None if self.interval is None else list(self.interval)
        return (
            {field.name: getattr(self, field.name) for field in fields(self)}
            | {"interval": interval}
            | self.measurement().to_dict()
        )

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> CephMeasure:
        """Read `to_dict`."""
        known: dict[str, Any] = {field.name: record[field.name] for field in fields(cls) if field.name in record}
        pairs: dict[str, Any] = {k: tuple(v) for k, v in known.items() if isinstance(v, list)}
        return cls(**(known | pairs))


def chosen_measures(analyses: Sequence[str]) -> dict[str, str]:
    """Measure names in order, each with the first chosen analysis that reads it.

    Raises:
        BadInput: an analysis is unknown.
    """
    chosen: dict[str, str] = {}
    for analysis in analyses:
        if analysis not in ANALYSES:
            raise BadInput(f"There is no analysis {analysis}.", f"Choose among: {', '.join(ANALYSES)}.")
        for name in ANALYSES[analysis]:
            chosen.setdefault(name, analysis)
    return chosen


def analyse(
    points: LandmarkSet,
    mm_per_px: float | tuple[float, float] | None,
    analyses: Sequence[str] = ALL,
    norms: NormSet | None = None,
    age: float | None = None,
    sex: str | None = None,
    draws: int = 2000,
    seed: int = 0,
    magnification: float | None = 1.0,
    scale_sd: float | None = None,
) -> list[CephMeasure]:
    """All measures that the points allow.

    Args:
        points: in the film's pixels, the face looking either way.
        mm_per_px: mm per pixel (or along x and y); None leaves out all mm measures.
        analyses: names of `ANALYSES`.
        norms: None for no norms.
        age: years, None when unknown. sex: "male", "female" or None.
        draws: Monte Carlo draws, 100 or more.
        seed: of the draws; the same seed gives the same intervals.
        magnification: what is still in these mm: 1 for the mid-sagittal plane, the film's own for lengths on the film,
            None where that is not known; norms in film mm are converted to it, or not used.
        scale_sd: relative standard uncertainty of the scale, where known; it widens mm measures only.

    Raises:
        BadInput: an analysis is unknown, or scale, age, sex or draws make no sense.
    """
    chosen = chosen_measures(analyses)
    size = _pixel_size(mm_per_px)
    _check_person(age, sex, draws)
    values = exact_values(points, size, chosen)
    varied = drawn_values(points, draw_points(points, draws, seed), size, values)
    widened = 1 + (scale_sd or 0.0) * np.random.default_rng([seed, SCALE]).standard_normal(draws)
    found = []
    for name, value in values.items():
        definition = MEASURES[name]
        sd = None
        if name in varied:
            sd = float(np.std(varied[name] * widened if definition.unit == MILLIMETER else varied[name]))
        found.append(_with_norm(definition, value, sd, chosen[name], norms, age, sex, magnification, points))
    return found


def with_values(measures: Iterable[CephMeasure], values: Mapping[str, float]) -> list[CephMeasure]:
    """The measures with other values, their uncertainty and norms unchanged; those without a value leave."""
    found = []
    for measure in measures:
        if measure.name not in values:
            continue
        value, deviation = values[measure.name], None
        if measure.norm_mean is not None and measure.norm_sd:
            deviation = (value - measure.norm_mean) / measure.norm_sd
        found.append(replace(measure, value=value, deviation_sd=deviation))
    return found


def exact_values(points: LandmarkSet, size: tuple[float, float] | None, names: Iterable[str]) -> dict[str, float]:
    """The named measures that the points and the scale allow, by name.

    Args:
        points: in pixels of ``size``; square ones where there is no scale.
        size: mm per pixel along x and y; None leaves out all mm measures.

    Raises:
        BadInput: the points do not tell which way the face looks.
    """
    right = _facing(points)
    exact = {p.symbol: to_face_frame(p.xy, right, size or (1.0, 1.0)) for p in points}
    values = {}
    for name in names:
        definition = MEASURES[name]
        if (definition.unit == MILLIMETER and size is None) or any(s not in points for s in definition.uses):
            continue
        with np.errstate(invalid="ignore", divide="ignore"):
            value = float(definition.formula(exact))
        if math.isfinite(value):  # else two points lie on one spot
            values[name] = value
    return values


def drawn_values(
    points: LandmarkSet, drawn: Drawn, size: tuple[float, float] | None, values: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """(draws,) of each measure whose points all have a known uncertainty, angles on the same turn as its value.

    They are spread about the value by the measure's `widening`.

    Args:
        drawn: of the points.
        values: as `exact_values` gives them.
    """
    right = _facing(points)
    frames = {symbol: to_face_frame(xy, right, size or (1.0, 1.0)) for symbol, xy in drawn.points.items()}
    return {
        name: value + widening(name) * (_unwrapped(MEASURES[name], MEASURES[name].formula(frames), value) - value)
        for name, value in values.items()
        if not drawn.unknown.intersection(MEASURES[name].uses)
    }


def _with_norm(
    definition: MeasureDefinition,
    value: float,
    sd: float | None,
    analysis: str,
    norms: NormSet | None,
    age: float | None,
    sex: str | None,
    magnification: float | None,
    points: LandmarkSet,
) -> CephMeasure:
    norm, hint = None, ""
    if norms is not None:
        norm = norms.find(definition.name, age, sex, magnification, prefer=analysis)
        hint = "" if norm is not None else norms.held_back(definition.name, age, sex, magnification)
    derived = tuple(s for s in definition.uses if s in OUTLINE_POINTS and points[s].source == "outline")
    notes = [definition.convention]
    if definition.approximation:
        notes.append(definition.approximation)
    if derived:
        notes.append(f"From outlines: {', '.join(derived)}.")
    if hint:
        notes.append(hint)
    return CephMeasure(
        definition.name,
        definition.title,
        value,
        definition.unit,
        sd,
        None if norm is None else norm.mean,
        None if norm is None else norm.sd,
        None if norm is None or norm.sd is None else (value - norm.mean) / norm.sd,
        "" if norm is None else norm.origin,
        analysis,
        definition.uses,
        " ".join(notes),
        None if norm is None or norm.low is None or norm.high is None else (norm.low, norm.high),
        "" if norm is None else norm.text(),
        "" if norm is None else norm.family,
        bool(derived),
        any(points[s].edited for s in definition.uses),
        hint,
    )


def unavailable(
    points: LandmarkSet, analyses: Sequence[str] = ALL, mm_per_px: float | tuple[float, float] | None = None
) -> list[tuple[str, str]]:
    """What the chosen analyses read but this film does not give: (title, reason). Nothing is guessed in its place."""
    missing = []
    for name in chosen_measures(analyses):
        definition = MEASURES[name]
        lacking = [s for s in definition.uses if s not in points]
        if lacking:
            verb = "is" if len(lacking) == 1 else "are"
            missing.append((definition.title, f"{', '.join(lacking)} {verb} not marked on this film"))
        elif definition.unit == MILLIMETER and mm_per_px is None:
            missing.append((definition.title, "millimeters need a scale"))
    return missing + [entry for analysis in analyses for entry in NEVER.get(analysis, ())]


def _unwrapped(definition: MeasureDefinition, values: np.ndarray, value: float) -> np.ndarray:
    """Draws of an angle on the same turn as the value, so that 359.9 and 0.1 are neighbors."""
    if definition.unit != "deg":
        return values
    return value + np.mod(values - value + 180.0, 360.0) - 180.0


def _facing(points: LandmarkSet) -> bool:
    right = looks_right({p.symbol: p.xy for p in points})
    if right is None:
        raise BadInput(
            "The landmarks do not tell which way the face looks.",
            "Place sella, nasion and menton or a point of the chin.",
        )
    return right


def _pixel_size(mm_per_px: float | tuple[float, float] | None) -> tuple[float, float] | None:
    if mm_per_px is None:
        return None
    sizes = mm_per_px if isinstance(mm_per_px, tuple) else (mm_per_px, mm_per_px)
    if len(sizes) != 2 or not all(math.isfinite(s) and 1e-4 < s < 10 for s in sizes):
        raise BadInput(
            "The scale is not a sensible number of millimeters per pixel.", "Calibrate with the ruler again."
        )
    return float(sizes[0]), float(sizes[1])


def _check_person(age: float | None, sex: str | None, draws: int) -> None:
    if age is not None and not (math.isfinite(age) and 0 < age < 120):
        raise BadInput("The age is not a sensible number of years.", "Enter the age in years or leave it empty.")
    if sex not in (None, "male", "female"):
        raise BadInput(f"Sex is {sex!r}.", "Choose male, female or leave it empty.")
    if not 100 <= draws <= 100_000:
        raise BadInput("The number of draws is not between 100 and 100000.", "Use 2000.")
