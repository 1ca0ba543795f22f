"""A generated study: the pictures of an examination by name, one plane twice, and what is true of the whole."""

from __future__ import annotations

from collections.abc import Mapping

from FetalBiometryLib.growth.bpd import inner_bpd_mm
from FetalBiometryLib.growth.weight import estimated_weight
from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.examination import PhantomPicture, abdomen_picture, examination_phantom


def study_phantom(seed: int, weeks: float) -> dict[str, PhantomPicture]:
    """One picture of each plane, and a second abdomen as a repeated measure."""
    named = {made.plane: made for made in examination_phantom(seed, weeks)}
    named["abdomen_repeat"] = abdomen_picture(abdomen_phantom(seed + 1, ac_mm=named["abdomen"].truth["AC"]))
    return named


def study_truth(pictures: Mapping[str, PhantomPicture], weeks: float) -> dict[str, float]:
    """True values of the whole: those of its pictures, age in weeks, and in g the weight that follows from them."""
    values = {
        name: value
        for made in pictures.values()
        for name, value in made.truth.items()
        if name not in ("TAD", "APAD")  # the two abdomens differ in them
    }
    lengths = {name: values[name] for name in ("HC", "AC", "FL")} | {"BPD": inner_bpd_mm(values["BPD"])}
    weight = estimated_weight(lengths).grams
    return values | {"EFW": weight, "GA": weeks, "HeadThoraxRatio": values["HC"] / values["ThoraxCircumference"]}
