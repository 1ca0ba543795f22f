"""Whether a pose is to be trusted, and how far off it is expected to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FAILED_BELOW = 0.30
TRUSTED_FROM = 0.50
AGREED_MM = 1.0
"""Restarts closer than that (mTREproj) found the same pose."""
AMBIGUOUS = 0.03
"""Another pose whose similarity is less than that below leaves open which is the right one."""
TRUSTED_MM = 1.0
"""Expected mTREproj up to which a pose is trusted."""
_CORRELATED_PX = 40.0
"""Neighboring residuals go together: that many pixels count as one."""


@dataclass(frozen=True)
class Verdict:
    """What is known of a pose without the truth.

    Attributes:
        trusted: mTREproj up to 2 mm is to be relied on.
        failed: no pose is shown.
        reason: why it failed or is not trusted; "" for a trusted one.
        expected_mm: of mTREproj.
        depth_sd_mm: standard uncertainty along the line from the source.
        rival: similarity of the best pose elsewhere; None where all restarts agreed.
        agreed: share of the restarts that found the pose.
    """

    trusted: bool
    failed: bool
    reason: str
    expected_mm: float
    depth_sd_mm: float
    rival: float | None
    agreed: float


def expected_errors(information: np.ndarray, arms: np.ndarray, line: np.ndarray) -> tuple[float, float]:
    """Expected mTREproj, and the standard uncertainty of the depth, in mm.

    Args:
        information: (6, 6), of a turn about the center (radians) and a shift (mm).
        arms: (n, 3) from the center to the target points, world mm.
        line: (3,) unit vector from the source to the center.
    """
    scale = np.sqrt(np.diag(information)) + 1e-12
    unit = information / np.outer(scale, scale)
    covariance = np.linalg.pinv(unit, rcond=1e-7, hermitian=True) / np.outer(scale, scale) * _CORRELATED_PX
    across = np.eye(3) - np.outer(line, line)
    squares = []
    for arm in arms:
        cross = np.array([[0, -arm[2], arm[1]], [arm[2], 0, -arm[0]], [-arm[1], arm[0], 0]])
        lever = across @ np.hstack([-cross, np.eye(3)])
        squares.append(float(np.trace(lever @ covariance @ lever.T)))
    # Of a normal error in two directions the mean length is about 0.89 of its root mean square.
    expected = 0.886 * float(np.sqrt(np.mean(squares)))
    return expected, float(np.sqrt(max(line @ covariance[3:, 3:] @ line, 0.0)))


def judge(similarity: float, rival: float | None, agreed: float, expected_mm: float, depth_sd_mm: float) -> Verdict:
    """The verdict from what the restarts found."""
    failed = similarity < FAILED_BELOW
    reason = ""
    if failed:
        reason = (
            f"The DRR does not resemble the X-ray (correlation {similarity:.2f}, at least {FAILED_BELOW:g} is needed)."
        )
    elif similarity < TRUSTED_FROM:
        reason = (
            f"The DRR resembles the X-ray too little (correlation {similarity:.2f}, trusted from {TRUSTED_FROM:g})."
        )
    elif rival is not None and similarity - rival < AMBIGUOUS:
        reason = f"Another pose fits nearly as well (correlation {rival:.2f} against {similarity:.2f})."
    elif expected_mm > TRUSTED_MM:
        reason = f"The X-ray does not hold the pose firmly: {expected_mm:.1f} mm are to be expected."
    return Verdict(not reason, failed, reason, expected_mm, depth_sd_mm, rival, agreed)
