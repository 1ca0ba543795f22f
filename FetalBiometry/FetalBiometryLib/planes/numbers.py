"""The numbers of the abdomen, a long bone and the thorax, from their ellipses and lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.codes import code_of
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.options import BY_AREA, RIGHT_HAND, UNKNOWN, MeasureOptions
from FetalBiometryLib.planes.shapes import BONES, HEART, THORAX

LABELS = {
    "AC": "AC",
    "TAD": "TAD",
    "APAD": "APAD",
    "HeartCircumference": "Heart circumference",
    "HeartArea": "Heart area",
    "ThoraxCircumference": "Thoracic circumference",
    "ThoraxArea": "Thoracic area",
} | {name: f"{bone} length ({name})" for name, bone in BONES.items()}


def made(name: str, value: float, unit: str, share: float | None, source: str) -> Measurement:
    """A measurement whose standard uncertainty is a share of its value (None: unknown)."""
    sd = None if share is None else share * value
    return Measurement(name, float(value), unit, sd, code_of(name), source, LABELS.get(name, name))


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
    return Measurement("CTR", ratio, "", sd, code_of("CTR"), source, f"Heart/thorax ratio (by {convention})")


def axis_angle(axis: np.ndarray, midline: np.ndarray) -> float:
    """Angle in degrees, 0 to 90, between two lines (2, 2) in an isotropic unit.

    Raises:
        ValueError: a line has no length.
    """
    a, m = np.diff(axis, axis=0)[0], np.diff(midline, axis=0)[0]
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
    label = f"Cardiac axis to the {side}" if side else "Cardiac axis (side not known)"
    return Measurement("CardiacAxis", axis_angle(axis, midline), "deg", sd, code_of("CardiacAxis"), source, label)
