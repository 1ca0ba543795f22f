"""Looking at one picture several times: mirrored, zoomed, turned, and the maps brought back (torch; worker only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from FetalBiometryLib.inference.canvas import canvas_to_picture
from FetalBiometryLib.planes.framing import Frame

#: Mirror left-right, mirror up-down, zoom about the centre, turn in degrees.
Look = tuple[bool, bool, float, float]


@dataclass(frozen=True)
class Looks:
    """What a network saw in all looks at one picture.

    Attributes:
        channels: names of the maps.
        maps: (c, h, w) float32 mean probabilities on the canvas.
        each: (looks, c, h, w) float32 the looks one by one.
        frame: the canvas frame of the picture.
    """

    channels: tuple[str, ...]
    maps: np.ndarray
    each: np.ndarray
    frame: Frame

    def of(self, channel: str) -> tuple[np.ndarray, np.ndarray]:
        """Probability of a channel: mean (h, w) and looks (n, h, w)."""
        index = self.channels.index(channel)
        return self.maps[index], self.each[:, index]

    def union_of(self, channels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Probability that any of the channels holds: of the mean (h, w) and of the looks (n, h, w)."""
        index = [self.channels.index(channel) for channel in channels]
        return 1 - np.prod(1 - self.maps[index], axis=0), 1 - np.prod(1 - self.each[:, index], axis=1)

    def picture_maps(self) -> dict[str, np.ndarray]:
        """Mean probabilities on the picture's pixels by channel, each (H, W) float32."""
        maps = canvas_to_picture(torch.from_numpy(self.maps)[None], self.frame)[0].numpy()
        return dict(zip(self.channels, maps, strict=True))


def look_grid(looks: Sequence[Look], size: tuple[int, int], inverse: bool) -> torch.Tensor:
    """Sampling grids (n, h, w, 2) that apply the looks to a canvas of ``size``, or undo them."""
    height, width = size
    to_pixels = np.diag([width / 2, height / 2])
    thetas = []
    for mirror_x, mirror_y, zoom, degrees in looks:
        t = np.deg2rad(degrees)
        turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
        # Pixels of the canvas -> pixels of the look, about the centre.
        forward = zoom * turn @ np.diag([-1.0 if mirror_x else 1.0, -1.0 if mirror_y else 1.0])
        sampling = forward if inverse else np.linalg.inv(forward)
        thetas.append(np.column_stack((np.linalg.inv(to_pixels) @ sampling @ to_pixels, [0, 0])))
    theta = torch.tensor(np.array(thetas), dtype=torch.float32)
    return F.affine_grid(theta, [len(looks), 1, height, width], align_corners=False)
