"""What a reader must know of a measured picture, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from DeepMedLib.measurement import Measurement
from DeepMedLib.picture.plausible import doubt
from DeepMedLib.picture.scale import Scale
from DeepMedLib.remark import Gravity, Remark
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.growth import placements_of
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.sizes import SIZES

#: Shares of an outline inside the insonated picture, and of a skull with bone, below which a number is doubtful.
GRAVE_INSIDE, GRAVE_SKULL = 0.85, 0.5


def abstention_remarks(finding: Finding, edited: bool, accepted: bool, by_hand: bool) -> list[Remark]:
    """That nothing is measured, or that a person took over where the model did not know."""
    if not finding.abstained:
        return []
    if not (edited or accepted):
        return [Remark(f"No measurement is given: {finding.reason}")]
    how = "placed by hand" if edited else "accepted as proposed"
    return [] if by_hand else [Remark(f"The model abstained ({finding.reason}) The lines were {how}.")]


def missing_remarks(names: Sequence[str]) -> list[Remark]:
    """Lines that are not there any more."""
    text = "deleted or without an end; what rests on it is not given."
    return [Remark(f"{name}: {text}", Gravity.GRAVE) for name in names]


def scale_doubt(
    sizes_mm: Mapping[str, float], lengths: Sequence[Measurement], scale: Scale | None, options: MeasureOptions
) -> Remark | None:
    """What the sizes say against the pixel size; None when nothing."""
    if scale is None:
        return None
    z_scores = {name: one.z for name, one in placements_of(lengths, options).items() if one.z is not None}
    return doubt(sizes_mm, SIZES, scale, z_scores)


def scale_remarks(scale: Scale | None) -> list[Remark]:
    """What is not known of the scale, or was noted on it."""
    if scale is None:
        return [Remark("The picture has no known scale: lengths are in pixels; set a scale to get millimetres.")]
    if not scale.confirmed:
        return [Remark(f"The scale ({scale.source}) was not confirmed. {scale.note}".strip())]
    return [Remark(scale.note)] if scale.note else []


def grave_sentences(finding: Finding) -> tuple[str, ...]:
    """What makes the numbers of a finding doubtful although it is vouched for: cut outlines, little bone."""
    details, said = finding.details, []
    for key, part in (("inside", finding.plane), ("heart_inside", "heart"), ("thorax_inside", "thorax")):
        if finding.plane != "femur" and details.get(key, 1.0) < GRAVE_INSIDE:
            said.append(f"Only {100 * details[key]:.0f} % of the outline of the {part} lies inside the picture.")
    if details.get("skull", 1.0) < GRAVE_SKULL:
        said.append(f"Only {100 * details['skull']:.0f} % of the skull is seen.")
    return tuple(said)
