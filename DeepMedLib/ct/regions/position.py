"""The scale of the body that positions are given on, and the regions on it (numpy only).

The scale is that of the published slice order (about -12 at the neck, +11 at mid-thigh; some 0.03 a millimetre),
shifted and stretched to run from 0 to 100.
"""

from __future__ import annotations

import numpy as np

REGIONS = ("neck", "chest", "abdomen", "pelvis", "thigh")

SCORE_RANGE = (-12.5, 12.5)
"""Published scores that become positions 0 and 100."""

BORDERS = tuple(4.0 * (score + 12.5) for score in (-10.35, -2.85, 3.5, 10.6))
"""Positions between the regions: lung apices; where lungs end to fill most of the slice (domes of the diaphragm);
upper edge of the iliac crests; lower edge of the ischia. Set by looking at the slices with known order."""

POSITION_PER_MM = 0.122
"""Rise of the position with a millimetre towards the feet, typical adult; fitted on whole scans."""


def position_of_score(score: np.ndarray | float) -> np.ndarray:
    """Position 0..100 of a published score."""
    low, high = SCORE_RANGE
    return 100.0 * (np.asarray(score, float) - low) / (high - low)


def section_centres(sections: int) -> np.ndarray:
    """(sections,) positions of the middles of equal sections."""
    return (np.arange(sections) + 0.5) * (100.0 / sections)


def region_index(position: np.ndarray | float) -> np.ndarray:
    """Index into `REGIONS` of each position."""
    return np.digitize(np.asarray(position, float), BORDERS)


def region_probabilities(position: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """(n, 5) probability of each region when the position is normally distributed.

    Args:
        position, sd: (n,) on the scale 0..100.
    """
    from scipy.special import ndtr

    edges = np.concatenate([[-np.inf], BORDERS, [np.inf]])
    below = ndtr((edges[None] - np.asarray(position)[:, None]) / np.asarray(sd)[:, None])
    return np.diff(below, axis=1)
