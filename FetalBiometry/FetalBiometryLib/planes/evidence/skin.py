"""How an outline sits on the skin: the contour about it along which the echo falls most, from inside to outside.

One contour around the whole body, found by dynamic programming: single bright spots and walls cannot pull it aside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.ellipse import Ellipse

_DIRECTIONS = 96
_SHARES = np.linspace(0.80, 1.20, 81)  # of the outline's distance from the centre
_WIDTH = 8  # samples on each side of the border whose means are compared: 4 % of the radius
_FALL = 25.0  # grey values; a fall of that size counts three quarters, larger ones little more
_SEEN = 0.25  # fall, 0..1, from which the border counts as seen
_NEAR = 0.04  # share of the radius within which skin belongs to the outline
#: What it costs the contour to move by 0, 1 or 2 samples from one direction to the next.
_MOVES = {-2: 0.21, -1: 0.07, 0: 0.0, 1: 0.07, 2: 0.21}


@dataclass(frozen=True)
class SkinFit:
    """The skin's contour against an outline; distances in shares of the outline's radius in each direction.

    Attributes:
        offset: median distance of the skin seen from the outline, without sign; how far the outline is off.
        signed: the same with its sign; negative where the skin runs inside the outline.
        along: share of the directions in which skin is seen within 4 % of the outline.
    """

    offset: float
    signed: float
    along: float


def skin_fit(picture: np.ndarray, ellipse: Ellipse) -> SkinFit:
    """Find the skin within 20 % of an outline in a picture (H, W); offset 0 where none is seen (then along is 0)."""
    fall = _falls(picture, ellipse)
    path = _contour(fall)
    seen = fall[np.arange(_DIRECTIONS), path] > _SEEN
    if not seen.any():
        return SkinFit(0.0, 0.0, 0.0)
    offsets = np.round(_SHARES[path] - 1, 6)
    near = seen & (np.abs(offsets) <= _NEAR)
    return SkinFit(float(np.median(np.abs(offsets[seen]))), float(np.median(offsets[seen])), float(near.mean()))


def _falls(picture: np.ndarray, ellipse: Ellipse) -> np.ndarray:
    """(directions, shares) 0..1: how much darker it is outside of each place on each ray than inside."""
    smooth = ndimage.gaussian_filter(picture.astype(np.float32), 0.01 * ellipse.b + 0.5)
    outline, centre = ellipse.points(_DIRECTIONS), np.array([ellipse.cx, ellipse.cy])
    samples = centre + (outline - centre)[:, None, :] * _SHARES[None, :, None]
    values = ndimage.map_coordinates(smooth, [samples[..., 1], samples[..., 0]], order=1, mode="constant")
    halves = np.repeat([1.0, -1.0], _WIDTH) / _WIDTH
    fall = np.tanh(np.clip(ndimage.correlate1d(values, halves, axis=1, mode="nearest"), 0, None) / _FALL)
    fall[:, :3] = fall[:, -3:] = 0.0
    return fall


def _contour(fall: np.ndarray) -> np.ndarray:
    """(directions,) index of the share at which the best closed contour crosses each ray."""
    turns = np.concatenate((fall, fall, fall))  # the middle turn does not know where the first began
    shares = fall.shape[1]
    gain, back = turns[0].copy(), np.zeros(turns.shape, int)
    moves = np.array(list(_MOVES))
    for i in range(1, len(turns)):
        padded = np.pad(gain, 2, constant_values=-np.inf)
        options = np.array([padded[2 + move : 2 + move + shares] - cost for move, cost in _MOVES.items()])
        best = options.argmax(0)
        gain = options[best, np.arange(shares)] + turns[i]
        back[i] = np.arange(shares) + moves[best]
    path = np.empty(len(turns), int)
    path[-1] = int(gain.argmax())
    for i in range(len(turns) - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path[len(fall) : 2 * len(fall)]
