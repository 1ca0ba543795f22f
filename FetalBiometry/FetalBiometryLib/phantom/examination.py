"""A generated examination: head, abdomen, femur and thorax of one fetus, each with its truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from FetalBiometryLib.growth.standards import IG21, standard
from FetalBiometryLib.phantom.abdomen import AbdomenPhantom, abdomen_phantom
from FetalBiometryLib.phantom.femur import FemurPhantom, femur_phantom
from FetalBiometryLib.phantom.head import HeadPhantom, head_phantom
from FetalBiometryLib.phantom.thorax import ThoraxPhantom, thorax_phantom

WEEKS = 28.0
#: Thoracic over abdominal circumference of the phantom; not a statement about fetuses.
_THORAX_SHARE = 0.80


@dataclass(frozen=True)
class PhantomPicture:
    """One picture of the examination.

    Attributes:
        plane: "head", "abdomen", "femur" or "thorax".
        picture: (H, W) uint8.
        spacing_mm: mm per pixel.
        truth: name of a measure -> true value in mm, mm2, degrees or as a ratio (CTR by area).
        phantom: the generated still with its truth in pixels.
    """

    plane: str
    picture: np.ndarray
    spacing_mm: float
    truth: Mapping[str, float]
    phantom: HeadPhantom | AbdomenPhantom | FemurPhantom | ThoraxPhantom


def examination_phantom(
    seed: int = 25, weeks: float = WEEKS, height: int = 540, width: int = 800
) -> tuple[PhantomPicture, ...]:
    """One picture of each plane; sizes are the INTERGROWTH-21st medians at that age.

    Args:
        seed: fixes everything that is drawn at random.
        weeks: gestational age, 14 to 40.
        height, width: of the pictures in pixels.
    """
    chart = standard(IG21)
    hc, ac, fl = (chart.value_at(measure, weeks, 50) for measure in ("HC", "AC", "FL"))
    return (
        head_picture(head_phantom(seed, height, width, hc)),
        abdomen_picture(abdomen_phantom(seed, height, width, ac)),
        femur_picture(femur_phantom(seed, height, width, fl)),
        thorax_picture(thorax_phantom(seed, height, width, _THORAX_SHARE * ac)),
    )


def head_picture(phantom: HeadPhantom) -> PhantomPicture:
    """A head with HC, BPD, OFD and CI."""
    skull = phantom.skull.scaled(phantom.spacing_mm)
    truth = {"HC": skull.perimeter, "BPD": 2 * skull.b, "OFD": 2 * skull.a, "CI": 100 * skull.b / skull.a}
    return PhantomPicture("head", phantom.picture, phantom.spacing_mm, truth, phantom)


def abdomen_picture(phantom: AbdomenPhantom) -> PhantomPicture:
    """An abdomen with AC, TAD and APAD."""
    truth = {"AC": phantom.skin.perimeter * phantom.spacing_mm}
    for name, line in (("TAD", phantom.tad), ("APAD", phantom.apad)):
        truth[name] = float(np.linalg.norm(np.subtract(line[1], line[0]))) * phantom.spacing_mm
    return PhantomPicture("abdomen", phantom.picture, phantom.spacing_mm, truth, phantom)


def femur_picture(phantom: FemurPhantom) -> PhantomPicture:
    """A femur with FL."""
    length = float(np.linalg.norm(np.subtract(phantom.ends[1], phantom.ends[0]))) * phantom.spacing_mm
    return PhantomPicture("femur", phantom.picture, phantom.spacing_mm, {"FL": length}, phantom)


def thorax_picture(phantom: ThoraxPhantom) -> PhantomPicture:
    """A four-chamber view with areas, circumferences, their ratio and the cardiac axis."""
    heart, thorax = phantom.heart.scaled(phantom.spacing_mm), phantom.thorax.scaled(phantom.spacing_mm)
    truth = {
        "HeartCircumference": heart.perimeter,
        "HeartArea": heart.area,
        "ThoraxCircumference": thorax.perimeter,
        "ThoraxArea": thorax.area,
        "CTR": heart.area / thorax.area,
        "CardiacAxis": phantom.axis_deg,
    }
    return PhantomPicture("thorax", phantom.picture, phantom.spacing_mm, truth, phantom)
