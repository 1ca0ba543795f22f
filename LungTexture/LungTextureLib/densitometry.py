"""Lung densitometry: LAA-950, LAA-910, PD15, HAA, mean and volume of a zone, from its histogram.

LAA-950, LAA-910: share of voxels below -950 and -910 HU (emphysema indices; Gevenois et al., AJRCCM 154:187, 1996).
PD15: value below which 15 % of the voxels lie, 15th percentile of the histogram (Dirksen et al., Eur Respir J 33:1345,
2009), here in HU. HAA: share from -600 to -250 HU, both included (Lederer et al., AJRCCM 180:407, 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from LungTextureLib.zones import CODES, ZoneMap

LOWEST, HIGHEST = -1024, 200
"""HU; values beyond count as these."""
LAA_950, LAA_910 = -950, -910
HAA = (-600, -250)
PERCENTILE = 15.0
CALIBRATION_SD = 5.0
"""HU; the taken standard uncertainty of a scanner's calibration in lung, from which the intervals come."""


@dataclass(frozen=True)
class Density:
    """Densitometry of one zone; every ``_sd`` is what `CALIBRATION_SD` makes of it.

    Attributes:
        ml: volume.
        mean_hu: mean value.
        laa950, laa910, haa: percent of the voxels.
        pd15_hu: 15th percentile.
    """

    ml: float
    mean_hu: float
    laa950: float
    laa950_sd: float
    laa910: float
    laa910_sd: float
    pd15_hu: float
    haa: float
    haa_sd: float


def histograms(values: np.ndarray, zones: ZoneMap) -> np.ndarray:
    """(CODES, HIGHEST - LOWEST + 1) voxels of every value in the smallest parts.

    Args:
        values: (k, j, i) HU, axes as in `zones`.
    """
    bins = HIGHEST - LOWEST + 1
    counts = np.zeros(CODES * bins, np.int64)
    for k in range(len(values)):
        if not zones.lungs[k].any():
            continue
        codes = zones.codes_of(k)
        inside = codes > 0
        hu = np.clip(np.rint(values[k][inside]), LOWEST, HIGHEST).astype(np.int64) - LOWEST
        counts += np.bincount((codes[inside].astype(np.int64) - 1) * bins + hu, minlength=len(counts))
    return counts.reshape(CODES, bins)


def density(counts: np.ndarray, voxel_ml: float) -> Density | None:
    """Densitometry of a histogram (HIGHEST - LOWEST + 1,); None for an empty one."""
    total = int(counts.sum())
    if not total:
        return None
    laa950, laa950_sd = _with_sd(lambda shift: below(counts, LAA_950 + shift))
    laa910, laa910_sd = _with_sd(lambda shift: below(counts, LAA_910 + shift))
    haa, haa_sd = _with_sd(lambda shift: below(counts, HAA[1] + 1 + shift) - below(counts, HAA[0] + shift))
    hu = np.arange(LOWEST, HIGHEST + 1)
    return Density(
        total * voxel_ml,
        float((counts * hu).sum() / total),
        laa950,
        laa950_sd,
        laa910,
        laa910_sd,
        percentile(counts, PERCENTILE),
        haa,
        haa_sd,
    )


def below(counts: np.ndarray, hu: float) -> float:
    """Percent of voxels with values below a threshold."""
    return 100 * float(counts[: max(0, int(np.ceil(hu)) - LOWEST)].sum() / counts.sum())


def percentile(counts: np.ndarray, percent: float) -> float:
    """Value of the histogram below which so many percent of the voxels lie, linear within a bin of 1 HU."""
    up_to = np.cumsum(counts) / counts.sum() * 100
    number = int(np.searchsorted(up_to, percent))
    before = up_to[number - 1] if number else 0.0
    return float(LOWEST + number - 0.5 + (percent - before) / (up_to[number] - before))


def _with_sd(share: object) -> tuple[float, float]:
    """A share, and half of what it changes by when all values are wrong by one `CALIBRATION_SD` either way."""
    assert callable(share)
    value, low, high = (float(share(shift)) for shift in (0.0, -CALIBRATION_SD, CALIBRATION_SD))
    return value, abs(high - low) / 2


def value_step(counts: np.ndarray) -> int:
    """Distance of neighboring values that occur in a histogram of the whole lung: 1 for a CT as scanners write it.

    0 with fewer than 1,000 voxels.
    """
    if counts.sum() < 1000:
        return 0
    used = np.flatnonzero(counts[1:-1] > 0)  # the ends hold what was clipped
    return int(np.median(np.diff(used))) if len(used) > 1 else int(HIGHEST - LOWEST)
