"""Is a pixel size plausible? A module states what sizes its anatomy may have; whether a scale fits is judged here.

No header is believed against anatomy: a head of a metre means that somebody wrote millimetres as centimetres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.scale import Scale, screen_resolution
from DeepMedLib.remark import Gravity, Remark

LARGEST_Z = 6.0
"""A size further from what is normal at the known age, in SD, tells of a wrong scale sooner than of the body."""


@dataclass(frozen=True)
class SizeRange:
    """Sizes of one structure in mm.

    Attributes:
        possible: from, to; outside nothing of the kind exists.
        usual: from, to; outside hardly anything of the kind exists.
    """

    possible: tuple[float, float]
    usual: tuple[float, float]


def refuse_impossible(sizes_mm: Mapping[str, float], ranges: Mapping[str, SizeRange], scale: Scale) -> None:
    """Raises:
    BadInput: a structure of this size does not exist, so the pixel size is wrong.
    """
    for name, size in sizes_mm.items():
        if name in ranges and not ranges[name].possible[0] <= size <= ranges[name].possible[1]:
            raise BadInput(
                f"{_size(name, size)} does not exist: the pixel size, {scale.text()}, must be wrong.",
                "Set the right pixel size, or measure without one.",
            )


def doubt(
    sizes_mm: Mapping[str, float],
    ranges: Mapping[str, SizeRange],
    scale: Scale,
    z_scores: Mapping[str, float] | None = None,
) -> Remark | None:
    """A grave remark where the pixel size is doubtful: by a size, by the age, or because it is a screen's; else None.

    Args:
        z_scores: how many SD each size is from what is normal at the known age.
    """
    for name, size in sizes_mm.items():
        if name in ranges and not ranges[name].usual[0] <= size <= ranges[name].usual[1]:
            low, high = ranges[name].usual
            why = f"{_size(name, size)} is unusual, {low:g} to {high:g} mm is usual"
            return Remark(f"The pixel size is doubtful: {why}. Check it: {scale.text()}.", Gravity.GRAVE)
    name, z = max((z_scores or {}).items(), key=lambda item: abs(item[1]), default=("", 0.0))
    if abs(z) > LARGEST_Z:
        why = f"{name} would be {abs(z):.0f} SD {'above' if z > 0 else 'below'} the mean of the known age"
        return Remark(f"The pixel size, or the age, is doubtful: {why}. Check it: {scale.text()}.", Gravity.GRAVE)
    dpi = None if scale.confirmed else screen_resolution(scale)
    if dpi is not None:
        why = f"it is that of a {dpi}-dpi screen"
        return Remark(f"The pixel size is doubtful: {why}. Check it: {scale.text()}.", Gravity.GRAVE)
    return None


def _size(name: str, size: float) -> str:
    return f"{name} of {size:.{1 if size < 100 else 0}f} mm"
