"""Which numbers a scan supports: limits with their reasons, in one place.

Textures were learned from thin slices of COPDGene (0.6 to 0.9 mm, full inspiration). The thresholds on density move
with slice thickness and kernel (Madani et al., Radiology 243:250, 2007), and quantised values make steps of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from DeepMedLib.remark import Gravity, Remark

THICK_NOTE_MM, THICK_MM = 1.5, 3.0
"""Slices farther apart: a warning; withheld."""
STEP_HU = 4
"""Values in greater steps: withheld."""
PIXEL_MM = (0.4, 1.0)
"""Pixels finer or coarser than this: textures withheld."""
NATIVE_MM = (0.55, 0.75)
"""Pixels between these are judged as they are, others are resampled to `LungTextureLib.classes.PIXEL_MM`."""
NOISE_HU = 45.0
"""Standard deviation in the windpipe's air from which a kernel is called sharp, or a dose low."""
EXPIRATION_HU = -750.0
"""Mean of the lungs above which they were not filled."""
LEAST_ML = 100.0
"""Less lung than this is not judged."""


@dataclass(frozen=True)
class Reliability:
    """What may be told.

    Attributes:
        no_texture: why textures are withheld; "" where they are not.
        no_density: why LAA, PD15 and HAA are withheld; "" where they are not.
        remarks: what limits the numbers that are told.
    """

    no_texture: str
    no_density: str
    remarks: tuple[Remark, ...]


def judge(
    slice_mm: float,
    pixel_mm: float,
    step_hu: int,
    mean_hu: float,
    noise_hu: float | None,
    clipped_at: float | None,
) -> Reliability:
    """What a scan of such slices, pixels and values supports.

    Args:
        slice_mm: between neighboring slices.
        pixel_mm: in the plane, the mean of rows and columns.
        step_hu: of the values in the lungs.
        mean_hu: of both lungs.
        noise_hu: standard deviation in the windpipe's air; None where there is none.
        clipped_at: HU at which a saved window cut the values off; None for none.
    """
    both = []
    if clipped_at is not None:
        both.append(f"values below {clipped_at:.0f} HU were cut off")
    if step_hu > STEP_HU:
        both.append(f"values come in steps of {step_hu} HU")
    if slice_mm > THICK_MM:
        both.append(f"slices lie {slice_mm:.1f} mm apart (at most {THICK_MM:g})")
    texture = list(both)
    if not PIXEL_MM[0] <= pixel_mm <= PIXEL_MM[1]:
        texture.append(f"pixels are {pixel_mm:.2f} mm wide ({PIXEL_MM[0]:g} to {PIXEL_MM[1]:g} can be judged)")
    remarks = []
    if texture:
        remarks.append(Remark(f"Textures are not told: {'; '.join(texture)}.", Gravity.GRAVE))
    if both:
        remarks.append(Remark(f"LAA, PD15 and HAA are not told: {'; '.join(both)}.", Gravity.GRAVE))
    if not both and slice_mm > THICK_NOTE_MM:
        remarks.append(
            Remark(
                f"Slices of {slice_mm:.1f} mm smooth the lung: LAA is smaller and PD15 higher than on thin ones, and "
                "textures were learned from slices below 1 mm. Compare only with scans of the same thickness."
            )
        )
    if noise_hu is not None and noise_hu > NOISE_HU and not both:
        remarks.append(
            Remark(
                f"The windpipe's air scatters by {noise_hu:.0f} HU: a sharp kernel or a low dose, which make LAA "
                "greater and PD15 lower. Compare only with scans of the same kernel and dose."
            )
        )
    if mean_hu > EXPIRATION_HU and not both:
        remarks.append(
            Remark(
                f"The lungs' mean of {mean_hu:.0f} HU is not that of full inspiration: LAA is smaller and HAA greater "
                "than they would be, and textures look denser."
            )
        )
    if not texture and not NATIVE_MM[0] <= pixel_mm <= NATIVE_MM[1]:
        remarks.append(
            Remark(
                f"Pixels of {pixel_mm:.2f} mm were resampled to the 0.65 mm of the patches that textures were learned "
                "from; finer texture than the pixels cannot come back."
            )
        )
    return Reliability("; ".join(texture), "; ".join(both), tuple(remarks))
