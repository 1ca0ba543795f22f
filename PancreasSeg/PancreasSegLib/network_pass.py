"""The network at work on upright slices (torch; worker only)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from PancreasSegLib.organ_network import OrganNetwork

OFFSETS_MM = (-8.0, -4.0, 0.0, 4.0, 8.0)
"""Heights of the neighboring slices that the network looks at; of each the nearest slice is taken."""


@dataclass(frozen=True)
class Look:
    """One way of showing a slice to the network; answers to several are averaged.

    Attributes:
        zoom: size of the body in that of the picture.
        turn: radians, by which the picture is turned, and the answer back.
        spread: factor on the heights of the neighboring slices.
    """

    zoom: float = 1.0
    turn: float = 0.0
    spread: float = 1.0


_TURN = 0.14  # eight degrees
LOOKS = (Look(0.88), Look(1.0), Look(1.14))
"""Bodies differ in size more than the training scans did."""
MORE_LOOKS = (Look(turn=_TURN), Look(turn=-_TURN), Look(spread=0.75), Look(spread=1.3))
"""For slices with organs that are hard to tell; chosen on scans of the training (pancreas +0.006 Dice there)."""
PICTURE_LOOKS = (Look(0.8), Look(0.88), Look(1.0), Look(1.14), Look(1.28), Look(turn=_TURN), Look(turn=-_TURN))
"""For pictures whose scale is a guess; chosen on slices of the training (+0.005 to +0.01)."""
_BATCH = 8
_FREE = 12  # pixels about the body's box at least
_CORNER = 16  # pixels about a picture that is turned


def fast_half(device: str) -> bool:
    """Whether to compute in bfloat16: where the processor multiplies it in hardware, or on a graphics card."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    tests = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return device == "cpu" and any(getattr(torch.cpu, test, bool)() for test in tests)


def probabilities(network: OrganNetwork, x: torch.Tensor, device: str) -> torch.Tensor:
    """(n, classes, h, w) float32 on the CPU, of pictures (n, slices, h, w) in 0..1 of any size."""
    height, width = x.shape[2:]
    (left, right), (top, bottom) = (_margins(side, network.multiple) for side in (width, height))
    padded = F.pad(x, (left, right, top, bottom)).to(device)
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=fast_half(device)):
        logits = network(padded.contiguous(memory_format=torch.channels_last))
    return torch.softmax(logits.float()[:, :, top : top + height, left : left + width], 1).cpu()


def _margins(side: int, multiple: int) -> tuple[int, int]:
    """Pixels before and after, so that the body stands as free in its frame as in training."""
    total = -(-(side + 2 * _FREE) // multiple) * multiple - side
    return total // 2, total - total // 2


def neighbors(pictures: np.ndarray, z_mm: np.ndarray, index: int, spread: float = 1.0) -> np.ndarray:
    """(slices, h, w) uint8: a slice with those about it."""
    places = [int(np.abs(z_mm - z_mm[index] - spread * offset).argmin()) for offset in OFFSETS_MM]
    return pictures[places]


def look_at(
    network: OrganNetwork,
    pictures: np.ndarray,
    z_mm: np.ndarray,
    wanted: np.ndarray,
    device: str,
    progress: Callable[[float], None],
    looks: Sequence[Look] = LOOKS,
) -> np.ndarray:
    """(len(wanted), classes, h, w) float16 probabilities of some slices.

    Args:
        pictures: (n, h, w) uint8, upright.
        z_mm: (n,) heights.
        wanted: indices of slices.
        progress: told the share that is done.
        looks: ways of showing them, one at least.
    """
    size = pictures.shape[1:]
    out = np.empty((len(wanted), network.out.out_channels, *size), np.float16)
    for start in range(0, len(wanted), _BATCH):
        index = wanted[start : start + _BATCH]
        total = torch.zeros(())
        for look in looks:
            stack = np.stack([neighbors(pictures, z_mm, int(one), look.spread) for one in index])
            total = total + seen_by(network, torch.from_numpy(stack).float() / 255, look, device)
        out[start : start + len(index)] = (total / len(looks)).numpy()
        progress((start + len(index)) / len(wanted))
    return out


def seen_by(network: OrganNetwork, x: torch.Tensor, look: Look, device: str) -> torch.Tensor:
    """Probabilities (n, classes, h, w) of pictures (n, slices, h, w) that were shown zoomed and turned."""
    height, width = x.shape[2:]
    seen = x
    if look.zoom != 1:
        size = (max(8, round(height * look.zoom)), max(8, round(width * look.zoom)))
        seen = F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
    if look.turn:
        seen = turned_by(F.pad(seen, (_CORNER,) * 4), look.turn)
    found = probabilities(network, seen, device)
    if look.turn:
        found = turned_by(found, -look.turn)[..., _CORNER:-_CORNER, _CORNER:-_CORNER]
    if look.zoom != 1:
        found = F.interpolate(found, (height, width), mode="bilinear", align_corners=False)
    return found


def turned_by(x: torch.Tensor, angle: float) -> torch.Tensor:
    """Pictures (n, c, h, w) turned about their middle by an angle in radians; zero outside."""
    height, width = x.shape[2:]
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = torch.tensor([[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]])
    grid = F.affine_grid(matrix.expand(len(x), 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)
