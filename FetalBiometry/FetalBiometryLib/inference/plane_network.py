"""Running the planes network on one picture with test-time augmentation (torch; imported by the worker only).

One network looks at all planes: it outlines head, abdomen, heart and thorax, marks a femur's shaft and its ends and
the spine. What its deepest layer holds describes the picture; a linear classifier tells the plane from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from FetalBiometryLib.inference.canvas import canvas_to_picture, picture_to_canvas
from FetalBiometryLib.inference.framing import Frame
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import PLANES

CANVAS = (128, 192)
CHANNELS = ("head", "abdomen", "heart", "thorax", "femur", "femur_end", "spine", *(f"is_{p}" for p in PLANES))
REGIONS = 7  # the channels before the evidence maps; those only helped to train

HEART_CANVAS = (128, 128)
HEART_MARGIN = 1.25  # the heart network sees the thorax with this much around it

#: (mirror left-right, mirror up-down, zoom about the centre, turn in degrees) of each look at the picture.
LOOKS = (
    (False, False, 1.0, 0.0),
    (True, False, 1.0, 0.0),
    (False, False, 0.88, 5.0),
    (True, False, 0.94, -6.0),
    (False, False, 1.07, -3.0),
    (True, False, 1.0, 9.0),
)


@dataclass(frozen=True)
class PlaneLooks:
    """What the network saw in all looks at one picture.

    Attributes:
        maps: (7, h, w) float32 mean probabilities on the canvas, channels as the first of `CHANNELS`.
        each: (looks, 7, h, w) float32 the looks one by one.
        descriptors: (looks, d) float32: mean and largest activation of the deepest layer, mean of every output map,
            mean and largest probability of every region.
        frame: the canvas frame of the picture.
    """

    maps: np.ndarray
    each: np.ndarray
    descriptors: np.ndarray
    frame: Frame

    def map_of(self, channel: str) -> np.ndarray:
        """(h, w) mean probability of a channel."""
        return self.maps[CHANNELS.index(channel)]

    def maps_of(self, channel: str) -> np.ndarray:
        """(looks, h, w) probabilities of a channel."""
        return self.each[:, CHANNELS.index(channel)]

    def union_of(self, channels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Probability that any of the channels holds: of the mean (h, w) and of the looks (n, h, w)."""
        index = [CHANNELS.index(channel) for channel in channels]
        return 1 - np.prod(1 - self.maps[index], axis=0), 1 - np.prod(1 - self.each[:, index], axis=1)

    def picture_maps(self) -> np.ndarray:
        """(7, H, W) float32 mean probabilities on the picture's pixels."""
        return canvas_to_picture(torch.from_numpy(self.maps)[None], self.frame)[0].numpy()


def _grid(looks: tuple[tuple[bool, bool, float, float], ...], size: tuple[int, int], inverse: bool) -> torch.Tensor:
    """Sampling grids (n, h, w, 2) that apply the looks to a canvas of ``size``, or undo them."""
    height, width = size
    to_pixels = np.diag([width / 2, height / 2])
    thetas = []
    for mirror_x, mirror_y, zoom, degrees in looks:
        t = np.deg2rad(degrees)
        turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
        forward = zoom * turn @ np.diag([-1.0 if mirror_x else 1.0, -1.0 if mirror_y else 1.0])
        sampling = forward if inverse else np.linalg.inv(forward)
        thetas.append(np.column_stack((np.linalg.inv(to_pixels) @ sampling @ to_pixels, [0, 0])))
    theta = torch.tensor(np.array(thetas), dtype=torch.float32)
    return F.affine_grid(theta, [len(looks), 1, height, width], align_corners=False)


def deepest(network: torch.nn.Module) -> torch.nn.Module:
    """The innermost layer of a MONAI U-Net, inside all its skip connections."""
    inside = network.model if hasattr(network, "model") else network
    while True:
        skips = [child for child in inside.children() if type(child).__name__ == "SkipConnection"]
        if not skips:
            return inside
        inside = skips[0].submodule


def describe(network: torch.nn.Module, canvases: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (n, c, h, w) and descriptors (n, d) of canvases (n, 1, h, w), both on the CPU."""
    held: list[torch.Tensor] = []
    hook = deepest(network).register_forward_hook(lambda _module, _inputs, output: held.append(output))
    try:
        with torch.inference_mode():
            logits = network(canvases).float().cpu()
    finally:
        hook.remove()
    deep = held[0].float().cpu()
    probability = torch.sigmoid(logits[:, :REGIONS])
    parts = (
        deep.mean((2, 3)),
        deep.amax((2, 3)),
        logits.mean((2, 3)),
        probability.mean((2, 3)),
        probability.amax((2, 3)),
    )
    return logits, torch.cat(parts, 1)


def heart_frame(body: Ellipse, height: int, width: int, margin: float = HEART_MARGIN) -> Frame:
    """The square about a body in a picture of ``height x width`` pixels that the heart network sees.

    Args:
        body: outline of the body's cross-section, picture pixels.
        height, width: of the picture.
        margin: half of the square's side over the body's long semi-axis.
    """
    side = HEART_CANVAS[0]
    scale = side / (2 * margin * body.a)
    offset_x, offset_y = (0.5 * side - scale * (c + 0.5) for c in (body.cx, body.cy))
    return Frame(height, width, *HEART_CANVAS, scale, offset_x, offset_y)


def look_at_plane(
    network: torch.nn.Module,
    picture: np.ndarray,
    device: str = "cpu",
    looks: tuple[tuple[bool, bool, float, float], ...] = LOOKS,
    frame: Frame | None = None,
) -> PlaneLooks:
    """Run all looks on a grey picture (H, W), values 0..255; on the whole of it unless a frame is given."""
    if frame is None:
        frame = Frame.letterbox(picture.shape[0], picture.shape[1], *CANVAS)
    n, size = len(looks), (frame.canvas_height, frame.canvas_width)
    canvas = picture_to_canvas(picture, frame).expand(n, 1, *size)
    seen = F.grid_sample(canvas, _grid(looks, size, False), align_corners=False)
    logits, descriptors = describe(network, seen.to(device))
    back = _grid(looks, size, True)  # undone on the logits, which are smooth where probabilities are steep
    logits = F.grid_sample(logits[:, :REGIONS], back, padding_mode="border", align_corners=False)
    valid = F.grid_sample(torch.ones(n, 1, *size), back, align_corners=False)
    probability = torch.sigmoid(logits)
    maps = (probability * valid).sum(0) / valid.sum(0).clamp_min(1e-3)
    return PlaneLooks(maps.numpy(), probability.numpy(), descriptors.numpy(), frame)
