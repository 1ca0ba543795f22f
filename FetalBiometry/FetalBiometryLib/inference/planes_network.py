"""Running the planes network on one picture with test-time augmentation (torch; imported by the worker only).

One network looks at all planes: it outlines head, abdomen, heart and thorax, marks a femur's shaft and its ends and
the spine. What its deepest layer holds describes the picture; a linear classifier tells the plane from that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from FetalBiometryLib.inference.canvas import picture_to_canvas
from FetalBiometryLib.inference.looks import Look, Looks, look_grid
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import PLANES
from FetalBiometryLib.planes.framing import Frame

CANVAS = (128, 192)
CHANNELS = ("head", "abdomen", "heart", "thorax", "femur", "femur_end", "spine", *(f"is_{p}" for p in PLANES))
REGIONS = 7  # the channels before the evidence maps; those only helped to train

HEART_CANVAS = (128, 128)
HEART_MARGIN = 1.25  # the heart network sees the thorax with this much around it

LOOKS: tuple[Look, ...] = (
    (False, False, 1.0, 0.0),
    (True, False, 1.0, 0.0),
    (False, False, 0.88, 5.0),
    (True, False, 0.94, -6.0),
    (False, False, 1.07, -3.0),
    (True, False, 1.0, 9.0),
)


@dataclass(frozen=True)
class PlaneLooks(Looks):
    """Looks with what tells the plane.

    Attributes:
        descriptors: (looks, d) float32: mean and largest activation of the deepest layer, mean of every output map,
            mean and largest probability of every region.
    """

    descriptors: np.ndarray


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


def look_at_planes(
    network: torch.nn.Module,
    picture: np.ndarray,
    device: str = "cpu",
    looks: tuple[Look, ...] = LOOKS,
    frame: Frame | None = None,
) -> PlaneLooks:
    """Run all looks on a grey picture (H, W), values 0..255; on the whole of it unless a frame is given."""
    if frame is None:
        frame = Frame.letterbox(picture.shape[0], picture.shape[1], *CANVAS)
    n, size = len(looks), (frame.canvas_height, frame.canvas_width)
    canvas = picture_to_canvas(picture, frame).expand(n, 1, *size)
    seen = F.grid_sample(canvas, look_grid(looks, size, False), align_corners=False)
    logits, descriptors = describe(network, seen.to(device))
    back = look_grid(looks, size, True)  # undone on the logits, which are smooth where probabilities are steep
    logits = F.grid_sample(logits[:, :REGIONS], back, padding_mode="border", align_corners=False)
    valid = F.grid_sample(torch.ones(n, 1, *size), back, align_corners=False)
    probability = torch.sigmoid(logits)
    maps = (probability * valid).sum(0) / valid.sum(0).clamp_min(1e-3)
    return PlaneLooks(CHANNELS[:REGIONS], maps.numpy(), probability.numpy(), frame, descriptors.numpy())
