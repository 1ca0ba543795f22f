"""Is this a CT in Hounsfield units, whole and the right way about? Answered before anything is measured in it.

What cannot be a CT in HU is refused with one sentence; what may mislead a measurement is reported. Nothing here looks
at what body part it is. Fails: a rescaled volume that happens to have air at -1000 and fat near -100 passes; a
mirrored volume with wrong directions looks like any other here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.padding import Padding, find_padding
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.remark import Gravity, Remark

_SAMPLES = 4_000_000
_OBLIQUE_DEGREES = 10.0
_HU = "Load the CT as it came from the scanner, in Hounsfield units."


@dataclass(frozen=True)
class CtReport:
    """What was found; `problems` make measurements wrong, `warnings` limit them.

    Attributes:
        problems: sentences.
        warnings: sentences.
        padding: constant border slices.
        orientation: array axes i, j, k as letters of the side they run to, e.g. "LPS".
        spacing: mm along i, j, k.
        lowest, highest: values.
        air: share of voxels below -900 HU.
        clipped_at: lower end of the values where a saved window cut them off, otherwise None.
        duplicates: array slices k that equal the one before.
    """

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    padding: Padding
    orientation: str
    spacing: tuple[float, float, float]
    lowest: float
    highest: float
    air: float
    clipped_at: float | None
    duplicates: tuple[int, ...]

    @property
    def good(self) -> bool:
        """Whether nothing was found that makes measurements wrong."""
        return not self.problems

    def remarks(self) -> tuple[Remark, ...]:
        """Problems and warnings with their gravity."""
        grave = tuple(Remark(text, Gravity.GRAVE) for text in self.problems)
        return grave + tuple(Remark(text, Gravity.WARNING) for text in self.warnings)


def check_ct(array: np.ndarray, grid: Grid) -> CtReport:
    """Looks at a volume that should be a CT.

    Args:
        array: (k, j, i) HU.
        grid: where it lies.

    Raises:
        BadInput: several channels (RGB), one slice, values that are not numbers, constant, rescaled or without the
            offset to HU.
    """
    _refuse_kind(array, grid)
    sample = _sample(array)
    lowest, highest = _refuse_values(array, sample)
    problems: list[str] = []
    warnings: list[str] = []
    padding = find_padding(array)
    clipped = _judge_values(sample, lowest, highest, problems, warnings)
    _judge_grid(grid, problems, warnings)
    duplicates = _duplicates(array, padding)
    if duplicates:
        count = len(duplicates)
        problems.append(
            f"{count} slice{'s are' if count > 1 else ' is'} the same as the one before: "
            "slices were doubled or filled in, and lengths along the body may be wrong."
        )
    if padding.any:
        parts = ", ".join(f"{count} at the {side} end" for side, count in padding.by_side(grid).items())
        warnings.append(f"Border slices hold one value only and count as padding: {parts}.")
    return CtReport(
        problems=tuple(problems),
        warnings=tuple(warnings),
        padding=padding,
        orientation=orientation_letters(grid),
        spacing=(float(grid.spacing[0]), float(grid.spacing[1]), float(grid.spacing[2])),
        lowest=lowest,
        highest=highest,
        air=float((sample < -900).mean()),
        clipped_at=clipped,
        duplicates=duplicates,
    )


def orientation_letters(grid: Grid) -> str:
    """The sides that the axes i, j, k run to, as letters: "RAS", "LPS" ..."""
    turned = grid.canonical()
    letters = [""] * 3
    for world, (axis, flip) in enumerate(zip(turned.axes, turned.flipped, strict=True)):
        letters[axis] = ("RAS", "LPI")[flip][world]
    return "".join(letters)


def _refuse_kind(array: np.ndarray, grid: Grid) -> None:
    if array.ndim == 4:
        raise BadInput(
            f"This picture has {array.shape[3]} channels (color), but a CT has one value per voxel.",
            "Choose the CT itself, not a picture of it.",
        )
    grid.check_array(array)
    if array.dtype.kind not in "iuf":
        raise BadInput(f"Values of type {array.dtype} are not a CT.", _HU)
    if min(array.shape) < 3:
        count = min(array.shape)
        words = "one slice" if count == 1 else f"{count} slices"
        raise BadInput(f"This volume has only {words}: a single picture or a localizer.", "Choose a whole CT series.")


def _sample(array: np.ndarray) -> np.ndarray:
    """About _SAMPLES values, evenly from the whole volume."""
    step = max(1, int(np.ceil((array.size / _SAMPLES) ** (1 / 3))))
    return array[:: min(step, max(1, array.shape[0] // 16)), ::step, ::step].ravel()


def _refuse_values(array: np.ndarray, sample: np.ndarray) -> tuple[float, float]:
    if array.dtype.kind == "f":
        # The sum of finite numbers is finite: one pass, without a mask of the whole volume.
        doubtful = [plane for plane in array if not np.isfinite(plane.sum(dtype=float))]
        bad = sum(int(plane.size - np.isfinite(plane).sum()) for plane in doubtful)
        if bad:
            raise BadInput(f"{bad} voxels hold no number (NaN or infinite).", _HU)
    lowest, highest = float(array.min()), float(array.max())
    low, top = (float(value) for value in np.percentile(sample, [0.1, 99.9]))
    if lowest == highest:
        raise BadInput(f"All voxels hold the same value ({lowest:g}).", _HU)
    if top - low < 60:
        raise BadInput(f"The values run from {lowest:g} to {highest:g}: they were rescaled and are not HU.", _HU)
    if lowest >= 0 and highest <= 255:
        raise BadInput("The values run from 0 to 255: this is an 8 bit picture, not a CT in HU.", _HU)
    high = sample > 300
    shifted = (sample > 850) & (sample < 1250)
    fat = float(((sample > -150) & (sample < -50)).mean())
    # In HU little but cortical bone is above 300, and less of it near 1000 than there is fat near -100.
    if shifted.mean() > max(0.05, 10 * fat) and shifted.sum() > 0.6 * high.sum():
        raise BadInput(
            "Soft tissue lies near 1000: the offset to HU (Rescale Intercept, usually -1024) was not applied.", _HU
        )
    shown = sample[sample != 0]  # a removed background is reported, not refused
    if float((shown < -30).mean()) < 0.002 and not _windowed(sample):
        raise BadInput(
            f"The values start at {lowest:g} and nothing is as dark as air or fat: an MR or a rescaled volume, "
            "not a CT in HU.",
            _HU,
        )
    return lowest, highest


def _windowed(sample: np.ndarray) -> bool:
    """Whether the values are a soft-tissue window that was cut off below: many at the floor, tissue at 30 to 70."""
    floor = float(np.percentile(sample, 0.5))
    tissue = float(((sample > 0) & (sample < 120)).mean())
    return floor < 0 and float((sample <= floor + 2).mean()) > 0.05 and tissue > 0.2


def _judge_values(
    sample: np.ndarray, lowest: float, highest: float, problems: list[str], warnings: list[str]
) -> float | None:
    floor = float(np.percentile(sample, 0.5))
    clipped = floor if floor > -700 and float((sample <= floor + 2).mean()) > 0.05 else None
    zeros = float((sample == 0).mean())
    if zeros > 0.4 and float((sample < -500).mean()) < 0.01:
        problems.append(
            f"{100 * zeros:.0f} % of the voxels are exactly 0: the background was removed, and 0 HU is water, not air."
        )
    elif clipped is not None:
        problems.append(
            f"Values below {clipped:.0f} HU were cut off (a saved window): lung, gas and airways cannot be measured."
        )
    elif float((sample < -900).mean()) < 0.001:
        warnings.append("There is no air on this scan: a cropped or masked volume.")
    if highest < 400:
        warnings.append(f"The highest value is {highest:.0f} HU: bone was cut off, or there is none.")
    if highest > 4000:
        warnings.append(f"Values reach {highest:.0f}: metal, or an extended scale.")
    if lowest < -1100:
        warnings.append(f"Values go down to {lowest:.0f}: outside of the scanner's round field of view, taken as air.")
    return clipped


def _judge_grid(grid: Grid, problems: list[str], warnings: list[str]) -> None:
    spacing = grid.spacing
    axial = float(spacing[grid.canonical().axes[2]])
    if not grid.is_orthogonal:
        problems.append("The axes are not at right angles (a tilted gantry): resample the volume before measuring.")
    cosines = np.abs(grid.directions).max(axis=0)
    angle = float(np.degrees(np.arccos(min(1.0, float(cosines.min())))))
    if angle > _OBLIQUE_DEGREES:
        warnings.append(f"The volume is turned by {angle:.0f} degrees against the body's axes.")
    if grid.is_left_handed:
        warnings.append("The axes form a left-handed system: readers that ignore directions will mirror the patient.")
    if spacing.min() < 0.05 or spacing.max() > 25:
        problems.append(f"A spacing of {', '.join(f'{value:.2f}' for value in spacing)} mm is not that of a body CT.")
    elif axial > 5.5:
        warnings.append(f"Slices lie {axial:.1f} mm apart: small structures are missed.")
    if np.allclose(spacing, 1.0) and np.array_equal(np.abs(grid.directions), np.eye(3)) and not grid.origin.any():
        warnings.append("Spacing 1 mm, no rotation, origin 0: the file may carry no geometry, so sizes may be wrong.")


def _duplicates(array: np.ndarray, padding: Padding) -> tuple[int, ...]:
    content = padding.content(array.shape)[0]
    found = []
    for k in range(content.start + 1, content.stop):
        quick = np.array_equal(array[k, ::16, ::16], array[k - 1, ::16, ::16])
        if quick and np.array_equal(array[k], array[k - 1]):
            found.append(k)
    return tuple(found)
