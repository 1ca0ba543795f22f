"""What the film says about a curve: patches across it, compared with patches learned on other films.

As in active shape models (Cootes and Taylor 1995), each point of the curve has a learned distribution of the gray
profile along its normal; here the profile is averaged over a short stretch of the curve (a texture patch), compared
with what lies beside curves (a likelihood ratio), and the points of a curve are searched together: a chain whose
states are the offsets, solved exactly by the forward-backward algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from CephSketcherLib.outlines.frame import look
from CephSketcherLib.outlines.template import normals

HALF = 9
"""Profiles reach so many units to each side."""
_BLUR = (-3.0, 0.0, 3.0)  # along the curve
_FLOOR = 0.10  # total variation of a profile that is all noise, in units of the face picture's gray


@dataclass(frozen=True, eq=False)
class PatchModel:
    """Profiles on a curve and beside it.

    Attributes:
        on_mean, on_precision, on_logdet: (n, d), (n, d, d), (n,) of the normalized profile at each curve point.
        off_mean, off_precision, off_logdet: (d,), (d, d), () of profiles beside the curve.
    """

    on_mean: np.ndarray
    on_precision: np.ndarray
    on_logdet: np.ndarray
    off_mean: np.ndarray
    off_precision: np.ndarray
    off_logdet: float


def raw_profiles(picture: np.ndarray, points: np.ndarray, closed: bool, reach: int) -> np.ndarray:
    """Gray along the normals.

    Returns:
        (n, 2 * (reach + HALF) + 2): from -(reach + HALF) - 0.5 to +(reach + HALF) + 0.5 units along the normal.
    """
    across = normals(points, closed)
    along = np.stack([across[:, 1], -across[:, 0]], axis=1)
    steps = np.arange(-(reach + HALF) - 0.5, reach + HALF + 1.0)
    at = points[:, None] + steps[None, :, None] * across[:, None]
    values = [look(picture, at + shift * along[:, None]) for shift in _BLUR]
    return np.mean(values, axis=0)


def windows(profile: np.ndarray, reach: int) -> np.ndarray:
    """Normalized derivative profiles (n, 2 * reach + 1, 2 * HALF + 1) at each offset -reach .. reach."""
    slope = np.diff(profile, axis=1)
    view = np.lib.stride_tricks.sliding_window_view(slope, 2 * HALF + 1, axis=1)[:, : 2 * reach + 1]
    return view / (np.abs(view).sum(axis=2, keepdims=True) + _FLOOR)


def log_ratio(window: np.ndarray, model: PatchModel) -> np.ndarray:
    """Log likelihood ratio "on the curve" against "beside it", (n, offsets); windows (n, offsets, d)."""
    on = window - model.on_mean[:, None]
    off = window - model.off_mean
    on_term = np.matmul(on, model.on_precision)
    q_on = (on_term * on).sum(2)
    q_off = ((off @ model.off_precision) * off).sum(2)
    return 0.5 * (q_off - q_on + model.off_logdet - model.on_logdet[:, None])


def chain(
    evidence: np.ndarray, center: np.ndarray, sd: np.ndarray, stiffness: float, closed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """What a curve's points say about their offsets, together: mean and variance of the evidence alone.

    The marginals of the chain (forward-backward algorithm) with and without evidence are compared; what the evidence
    adds to prior and smoothness is the Gaussian that, times the marginal without, gives the marginal with it.

    Args:
        evidence: (n, 2 * reach + 1) log likelihoods of offsets -reach .. reach.
        center, sd: (n,) prior of each offset.
        stiffness: SD of the difference between neighbors' offsets.
        closed: the last point is the first one's neighbor (approximated: the chain runs twice round).

    Returns:
        Offset (n,), and its variance (n,), infinite where the film says nothing.
    """
    count, states = evidence.shape
    offsets = np.arange(states) - states // 2
    prior = -0.5 * ((offsets[None] - center[:, None]) / sd[:, None]) ** 2
    unary = np.stack([prior, prior + evidence], axis=1)
    half = count // 2
    if closed:
        unary = np.concatenate([unary[-half:], unary, unary[:half]])
    unary = np.exp(unary - unary.max(axis=2, keepdims=True)) + 1e-12
    step = np.exp(-0.5 * ((offsets[:, None] - offsets[None]) / stiffness) ** 2)
    total = len(unary)
    forward, backward = np.empty_like(unary), np.ones_like(unary)
    forward[0] = unary[0]
    for i in range(1, total):
        message = (forward[i - 1] @ step) * unary[i]
        forward[i] = message / message.sum(axis=1, keepdims=True)
    for i in range(total - 2, -1, -1):
        message = (backward[i + 1] * unary[i + 1]) @ step
        backward[i] = message / message.sum(axis=1, keepdims=True)
    marginal = forward * backward
    if closed:
        marginal = marginal[half : half + count]
    marginal /= marginal.sum(axis=2, keepdims=True)
    mean = marginal @ offsets
    variance = np.maximum(marginal @ offsets**2 - mean**2, 0.08)
    gain = 1 / variance[:, 1] - 1 / variance[:, 0]
    told = gain > 2e-3
    safe = np.where(told, gain, 1.0)
    offset = np.where(told, (mean[:, 1] / variance[:, 1] - mean[:, 0] / variance[:, 0]) / safe, 0.0)
    return np.clip(offset, offsets[0], offsets[-1]), np.where(told, 1 / safe, np.inf)


def fit_patches(on: np.ndarray, off: np.ndarray, pool: int = 1) -> PatchModel:
    """Learn a `PatchModel`.

    Args:
        on: (films, n, d) normalized profiles on the curve.
        off: (samples, d) beside it.
        pool: neighbors to each side that share their statistics.
    """
    count, size = on.shape[1:]
    off_mean, off_precision, off_logdet = _gaussian(off)
    means, precisions, logdets = np.empty((count, size)), np.empty((count, size, size)), np.empty(count)
    for i in range(count):
        near = on[:, max(0, i - pool) : i + pool + 1].reshape(-1, size)
        means[i], precisions[i], logdets[i] = _gaussian(near, on[:, i].mean(0))
    return PatchModel(means, precisions, logdets, off_mean, off_precision, off_logdet)


def _gaussian(samples: np.ndarray, mean: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean, precision and log determinant, the covariance shrunk towards its diagonal."""
    mean = samples.mean(0) if mean is None else mean
    apart = samples - mean
    covariance = apart.T @ apart / max(len(samples) - 1, 1)
    diagonal = np.diag(np.diag(covariance))
    covariance = 0.8 * covariance + 0.2 * diagonal + 2e-4 * np.eye(len(mean))
    return mean, np.linalg.inv(covariance), float(np.linalg.slogdet(covariance)[1])
