"""Running the head network on one picture with test-time augmentation (torch; imported by the worker only)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from FetalBiometryLib.inference.canvas import picture_to_canvas
from FetalBiometryLib.inference.looks import Look, Looks, look_grid
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.region import heaviest_region

CANVAS = (192, 288)
CHANNELS = ("head", "brain", "csp", "ventricle")
#: Shown once in a plane: there is one cavum, and of the ventricles the one far from the probe is marked.
SINGLE = ("csp", "ventricle")

_PLAIN: Look = (False, False, 1.0, 0.0)
LOOKS: tuple[Look, ...] = (
    _PLAIN,
    (True, False, 1.0, 0.0),
    (False, True, 1.0, 0.0),
    (False, False, 0.85, 6.0),
    (True, False, 0.92, -6.0),
    (False, False, 1.08, -3.0),
)


def look_at_head(
    network: torch.nn.Module,
    picture: np.ndarray,
    device: str = "cpu",
    progress: Callable[[float, str], None] | None = None,
    looks: tuple[Look, ...] = LOOKS,
) -> Looks:
    """Run all looks on a grey picture (H, W), values 0..255; one after the other, for the canvas is large.

    Of each of `SINGLE` the mean map holds one region: what the network sees twice it saw once too often.
    """
    frame = Frame.letterbox(picture.shape[0], picture.shape[1], *CANVAS)
    canvas = picture_to_canvas(picture, frame)
    total = torch.zeros(len(CHANNELS), *CANVAS)
    weight = torch.zeros(1, *CANVAS)
    each = []
    with torch.inference_mode():
        for i, look in enumerate(looks):
            if progress is not None:
                progress(i / len(looks), f"Look {i + 1} of {len(looks)}")
            plain = look == _PLAIN
            seen = canvas if plain else F.grid_sample(canvas, look_grid([look], CANVAS, False), align_corners=False)
            logits = network(seen.to(device)).float().cpu()
            back = look_grid([look], CANVAS, True)
            if not plain:  # undone on the logits, which are smooth where probabilities are steep
                logits = F.grid_sample(logits, back, padding_mode="border", align_corners=False)
            probability = torch.sigmoid(logits)[0]
            valid = torch.ones(1, *CANVAS)
            if look[2] > 1:  # a zoomed-in look has not seen the margin
                valid = F.grid_sample(torch.ones(1, 1, *CANVAS), back, align_corners=False)[0]
            total += probability * valid
            weight += valid
            each.append(probability.numpy())
    maps = (total / weight).numpy()
    for index in map(CHANNELS.index, SINGLE):
        maps[index] = heaviest_region(maps[index])
    return Looks(CHANNELS, maps, np.stack(each), frame)
