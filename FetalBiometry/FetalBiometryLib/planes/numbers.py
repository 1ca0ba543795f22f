"""The numbers of a picture, from its ellipses and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.codes import code_of
from FetalBiometryLib.growth.bpd import CONVENTIONS, OUTER_INNER, OUTER_OUTER, SLOPE, inner_bpd_mm
from FetalBiometryLib.options import BY_AREA, RIGHT_HAND, UNKNOWN
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.shapes import BONES, HEART, THORAX

#: Name of a measure -> its label, in the order of tables.
LABELS: dict[str, str] = {
    "BPD": f"BPD {OUTER_OUTER}",
    "OFD": "OFD",
    "HC": "HC",
    "CI": "Cephalic index",
    "AC": "AC",
    "TAD": "TAD",
    "APAD": "APAD",
    "FL": f"{BONES['FL']} length (FL)",
    "HeartCircumference": "Heart circumference",
    "HeartArea": "Heart area",
    "ThoraxCircumference": "Thoracic circumference",
    "ThoraxArea": "Thoracic area",
    "CTR": "Heart/thorax ratio",
    "CardiacAxis": "Cardiac axis",
} | {name: f"{bone} length ({name})" for name, bone in BONES.items()}
ORDER = tuple(LABELS)


#: A number whose 95 % interval reaches farther than this to either side says nothing: a share of its value, or degrees.
USEFUL_SHARE, USEFUL_DEGREES = 0.5, 30.0


def is_useful(measured: Measurement) -> bool:
    """Whether a number's 95 % interval is narrow enough for it to be a result; one placed by a person always is."""
    if measured.value is None or measured.sd is None:
        return True
    limit = USEFUL_DEGREES if measured.unit == "deg" else USEFUL_SHARE * abs(measured.value)
    return 1.96 * measured.sd <= limit


def withheld_text(measured: Measurement) -> str:
    """Why a number is not given, as a sentence."""
    assert measured.sd is not None
    unit = {"deg": " degrees", "": "", "mm2": " mm\u00b2"}.get(measured.unit, f" {measured.unit}")
    digits = 2 if measured.unit == "" else 0
    return (
        f"{measured.label} is not given: its 95 % interval would be \u00b1 {1.96 * measured.sd:.{digits}f}{unit} "
        f"about {measured.value:.{digits}f}{unit}."
    )


def made(name: str, value: float, unit: str, share: float | None, source: str) -> Measurement:
    """A measurement whose standard uncertainty is a share of its value (None: unknown)."""
    sd = None if share is None else share * value
    return Measurement(name, float(value), unit, sd, code_of(name), source, LABELS[name])


def in_convention(bpd: Measurement, convention: str) -> Measurement:
    """An outer-outer BPD in the convention asked for; outer-inner exists in mm only.

    Raises:
        ValueError: unknown convention.
    """
    if convention not in CONVENTIONS:
        raise ValueError(f"BPD convention must be {OUTER_OUTER} or {OUTER_INNER}, not {convention}.")
    if convention == OUTER_OUTER or bpd.unit != "mm" or bpd.value is None:
        return bpd
    sd = None if bpd.sd is None else bpd.sd / SLOPE
    source = f"{bpd.source}; outer-outer converted by regression"
    return replace(bpd, value=inner_bpd_mm(bpd.value), sd=sd, label=f"BPD {OUTER_INNER}", source=source)


def cephalic_index(bpd: Measurement, ofd: Measurement, share: float | None) -> Measurement:
    """BPD (outer-outer) over OFD in percent.

    Args:
        share: relative standard uncertainty of the ratio.
    """
    assert bpd.value is not None and ofd.value is not None
    index = 100 * bpd.value / ofd.value
    sd = None if share is None else share * index
    return Measurement("CI", index, "%", sd, code_of("CI"), bpd.source, LABELS["CI"])


def cardiothoracic_ratio(
    ellipses: Mapping[str, Ellipse], convention: str, share: float | None, source: str
) -> Measurement:
    """Heart over thorax, by area or by circumference; the two differ about as a number and its square do.

    Args:
        share: relative standard uncertainty of the ratio.
    """
    heart, thorax = ellipses[HEART], ellipses[THORAX]
    ratio = heart.area / thorax.area if convention == BY_AREA else heart.perimeter / thorax.perimeter
    sd = None if share is None else share * ratio
    return Measurement("CTR", ratio, "", sd, code_of("CTR"), source, f"{LABELS['CTR']} (by {convention})")


def axis_angle(axis: ArrayLike, midline: ArrayLike) -> float:
    """Angle in degrees, 0 to 90, between two lines (2, 2) in an isotropic unit.

    Raises:
        ValueError: a line has no length.
    """
    a, m = (np.diff(np.asarray(line, float), axis=0)[0] for line in (axis, midline))
    size = float(np.linalg.norm(a) * np.linalg.norm(m))
    if size == 0:
        raise ValueError("A line without length has no direction.")
    return float(np.degrees(np.arccos(min(1.0, abs(float(a @ m)) / size))))


def axis_side(axis: np.ndarray, midline: np.ndarray, fetal_left: str) -> str:
    """ "left", "right" or "" when unknown: to which side of the fetus the axis points.

    Args:
        axis: (2, 2), second end the apex; x to the right and y down, as pixels.
        midline: (2, 2), from the spine to the sternum.
        fetal_left: see `MeasureOptions`.
    """
    if fetal_left == UNKNOWN:
        return ""
    a, m = np.diff(axis, axis=0)[0], np.diff(midline, axis=0)[0]
    a = -a if float(a @ m) < 0 else a
    to_the_right_hand = float(a @ np.array([-m[1], m[0]])) > 0  # y grows downwards
    return "left" if to_the_right_hand == (fetal_left == RIGHT_HAND) else "right"


def cardiac_axis(
    axis: np.ndarray, midline: np.ndarray, sd: float | None, options: MeasureOptions, source: str
) -> Measurement:
    """The angle of the heart to the midline in degrees; its side only where the orientation is known."""
    side = axis_side(axis, midline, options.fetal_left)
    label = f"{LABELS['CardiacAxis']} to the {side}" if side else f"{LABELS['CardiacAxis']} (side not known)"
    return Measurement("CardiacAxis", axis_angle(axis, midline), "deg", sd, code_of("CardiacAxis"), source, label)


#: What the printed line shows; the table has the others.
_SHOWN = ("HC", "BPD", "OFD", "AC", "FL", "HeartArea", "ThoraxArea", "CTR", "CardiacAxis")


def in_one_line(lengths: Sequence[Measurement]) -> str:
    """The main lengths, or all where none of them is there: ``HC 174.2 +- 1.6 mm, BPD ...``."""
    found = {m.name: m for m in lengths}
    shown = [name for name in _SHOWN if name in found] or list(found)
    return ", ".join(f"{name} {found[name].short()}" for name in shown) or "no number is given"


def by_column(measurements: Sequence[Measurement]) -> dict[str, float | None]:
    """Values by name and unit, as columns of a table: ``HC_mm``, ``GA_weeks``, ``CI_%``."""
    return {f"{m.name}_{m.unit}".rstrip("_"): m.value for m in measurements}
