"""Running the head network on one picture with test-time augmentation (torch; imported by the worker only)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from FetalBiometryLib.inference.canvas import canvas_to_picture, picture_to_canvas
from FetalBiometryLib.inference.framing import Frame
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.head_shape import ShapeFit, fit_head

CANVAS = (192, 288)
CHANNELS = ("head", "brain", "csp", "ventricle")

#: (mirror left-right, mirror up-down, zoom about the centre, turn in degrees) of each look at the picture.
LOOKS = (
    (False, False, 1.0, 0.0),
    (True, False, 1.0, 0.0),
    (False, True, 1.0, 0.0),
    (False, False, 0.85, 6.0),
    (True, False, 0.92, -6.0),
    (False, False, 1.08, -3.0),
)


@dataclass(frozen=True)
class HeadLooks:
    """What the network saw in all looks at one picture.

    Attributes:
        maps: (4, h, w) float32 mean probabilities on the canvas, channels as `CHANNELS`.
        mean_fit: the head of the mean map, in canvas pixels; steadier than any single look. None without a head.
        fits: one fit a look, in canvas pixels; None where a look found no head.
        frame: the canvas frame of the picture.
    """

    maps: np.ndarray
    mean_fit: ShapeFit | None
    fits: tuple[ShapeFit | None, ...]
    frame: Frame

    def to_picture(self, ellipse: Ellipse) -> Ellipse:
        """A canvas ellipse in the picture's own pixels."""
        centre = self.frame.to_picture(np.array([[ellipse.cx, ellipse.cy]]))[0]
        return Ellipse.make(
            centre[0], centre[1], ellipse.a / self.frame.scale, ellipse.b / self.frame.scale, ellipse.angle
        )

    def picture_maps(self) -> np.ndarray:
        """(4, H, W) float32 mean probabilities on the picture's pixels."""
        return canvas_to_picture(torch.from_numpy(self.maps)[None], self.frame)[0].numpy()


def _grid(look: tuple[bool, bool, float, float], inverse: bool) -> torch.Tensor:
    """Sampling grid (1, h, w, 2) that applies a look to the canvas, or undoes it."""
    mirror_x, mirror_y, zoom, degrees = look
    height, width = CANVAS
    t = np.deg2rad(degrees)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    mirror = np.diag([-1.0 if mirror_x else 1.0, -1.0 if mirror_y else 1.0])
    forward = zoom * turn @ mirror  # pixels of the canvas -> pixels of the look, about the centre
    sampling = forward if inverse else np.linalg.inv(forward)
    to_pixels = np.diag([width / 2, height / 2])
    matrix = np.linalg.inv(to_pixels) @ sampling @ to_pixels
    theta = torch.tensor(np.column_stack((matrix, [0, 0])), dtype=torch.float32)[None]
    return F.affine_grid(theta, [1, 1, height, width], align_corners=False)


def look_at(
    network: torch.nn.Module,
    picture: np.ndarray,
    device: str = "cpu",
    progress: Callable[[float, str], None] | None = None,
    looks: tuple[tuple[bool, bool, float, float], ...] = LOOKS,
) -> HeadLooks:
    """Run all looks on a grey picture (H, W), values 0..255."""
    frame = Frame.letterbox(picture.shape[0], picture.shape[1], *CANVAS)
    canvas = picture_to_canvas(picture, frame)
    total = torch.zeros(len(CHANNELS), *CANVAS)
    weight = torch.zeros(1, *CANVAS)
    fits = []
    with torch.inference_mode():
        for i, look in enumerate(looks):
            if progress is not None:
                progress(i / len(looks), f"Look {i + 1} of {len(looks)}")
            plain = look == (False, False, 1.0, 0.0)
            seen = canvas if plain else F.grid_sample(canvas, _grid(look, False), align_corners=False)
            logits = network(seen.to(device)).float().cpu()
            if not plain:  # undone on the logits, which are smooth where probabilities are steep
                logits = F.grid_sample(logits, _grid(look, True), padding_mode="border", align_corners=False)
            probability = torch.sigmoid(logits)[0]
            valid = torch.ones(1, *CANVAS)
            if look[2] > 1:  # a zoomed-in look has not seen the margin
                valid = F.grid_sample(torch.ones(1, 1, *CANVAS), _grid(look, True), align_corners=False)[0]
            total += probability * valid
            weight += valid
            fits.append(fit_head(probability[0].numpy()))
    maps = (total / weight).numpy()
    return HeadLooks(maps, fit_head(maps[0]), tuple(fits), frame)
