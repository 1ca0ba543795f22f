"""Anatomical levels of the whole scans, read by eye in coronal projections: where each scan lies on the body's scale.

Millimetres from the uppermost slice towards the feet; about +-8 mm. Of a scan the order and distance of its slices is
known; these levels tie it to the scale of the single slices. A level that is not on the scan, or not to be seen, is
left out.
"""

from __future__ import annotations

import numpy as np

from DeepMedLib.ct.regions.position import POSITION_PER_MM, position_of_score

LEVEL_SCORES = {"apex": -10.35, "dome": -4.4, "kidneys": 1.1, "crests": 3.5, "hips": 7.2, "ischia": 10.5}
"""Published scores at: lung apices, right dome of the diaphragm, middle of the kidneys, upper edge of the iliac crests,
upper edge of the femoral heads, lower edge of the ischia; judged on the slices of known order."""

LEVELS_MM = {
    "0005": {"dome": 45, "crests": 295},
    "0006": {"dome": 22, "kidneys": 125, "crests": 200, "hips": 325, "ischia": 385},
    "0009": {"dome": 45, "crests": 318},
    "0010": {"dome": 42, "crests": 235, "hips": 360, "ischia": 420},
    "0023": {"dome": 30, "crests": 258, "hips": 385, "ischia": 460},
    "0024": {"dome": 22, "crests": 195, "hips": 320},
    "0026": {"apex": 50, "dome": 232, "kidneys": 355, "crests": 428, "hips": 535},
    "0028": {"dome": 33, "kidneys": 165, "crests": 258, "hips": 375, "ischia": 435},
    "0030": {"dome": 42, "kidneys": 130, "crests": 225, "hips": 370, "ischia": 440},
    "0033": {"dome": 55, "kidneys": 205, "crests": 282, "hips": 430, "ischia": 500},
    "0034": {"dome": 45, "kidneys": 180, "crests": 255, "hips": 380, "ischia": 450},
    "0039": {"dome": 12, "kidneys": 165, "crests": 235, "hips": 365, "ischia": 425},
    "0040": {"apex": 35, "dome": 205, "kidneys": 300, "crests": 410, "hips": 525},
    "trunk_ct_3mm": {"crests": 155, "hips": 290},
    "CPTAC-C3N-00247": {"apex": 30, "dome": 205},
    "LIDC-IDRI-0001": {"apex": 45, "dome": 175, "kidneys": 290},
}

_KIDNEYS_BETWEEN = 0.62  # of the way from the dome to the crests, mean of the scans where both are seen


def positions_of_scan(name: str, mm: np.ndarray) -> np.ndarray:
    """(n,) positions 0..100 of slices ``mm`` from the top: straight between the levels, the usual slope beyond them.

    Raises:
        KeyError: the levels of this scan were not read.
    """
    levels: dict[str, float] = dict(LEVELS_MM[name])
    if "kidneys" not in levels and {"dome", "crests"} <= set(levels):
        levels["kidneys"] = levels["dome"] + _KIDNEYS_BETWEEN * (levels["crests"] - levels["dome"])
    points = sorted((float(at), float(position_of_score(LEVEL_SCORES[level]))) for level, at in levels.items())
    (first, last) = points[0], points[-1]
    reach = 1000.0
    points = [(first[0] - reach, first[1] - reach * POSITION_PER_MM), *points]
    points.append((last[0] + reach, last[1] + reach * POSITION_PER_MM))
    at, position = np.array(points).T
    return np.interp(mm, at, position)
