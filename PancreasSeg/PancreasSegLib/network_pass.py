"""The network at work on upright slices (torch; worker only)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F

from PancreasSegLib.organ_network import OrganNetwork

OFFSETS_MM = (-8.0, -4.0, 0.0, 4.0, 8.0)
"""Heights of the neighboring slices that the network looks at; of each the nearest slice is taken."""
ZOOMS = (0.88, 1.0, 1.14)
"""Bodies differ in size more than the training scans did: three sizes are looked at and their answers averaged."""
_BATCH = 8
_FREE = 12  # pixels about the body's box at least


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


def neighbors(pictures: np.ndarray, z_mm: np.ndarray, index: int) -> np.ndarray:
    """(slices, h, w) uint8: a slice with those about it."""
    places = [int(np.abs(z_mm - z_mm[index] - offset).argmin()) for offset in OFFSETS_MM]
    return pictures[places]


def look_at(
    network: OrganNetwork,
    pictures: np.ndarray,
    z_mm: np.ndarray,
    wanted: np.ndarray,
    device: str,
    progress: Callable[[float], None],
    zooms: Sequence[float] = ZOOMS,
) -> np.ndarray:
    """(len(wanted), classes, h, w) float16 probabilities of some slices.

    Args:
        pictures: (n, h, w) uint8, upright.
        z_mm: (n,) heights.
        wanted: indices of slices.
        progress: told the share that is done.
        zooms: sizes at which they are looked at.
    """
    size = pictures.shape[1:]
    out = np.empty((len(wanted), network.out.out_channels, *size), np.float16)
    for start in range(0, len(wanted), _BATCH):
        index = wanted[start : start + _BATCH]
        stack = np.stack([neighbors(pictures, z_mm, int(one)) for one in index])
        total = torch.zeros(())
        for zoom in zooms:
            total = total + _at_size(network, torch.from_numpy(stack).float() / 255, zoom, device)
        out[start : start + len(index)] = (total / len(zooms)).numpy()
        progress((start + len(index)) / len(wanted))
    return out


def _at_size(network: OrganNetwork, x: torch.Tensor, zoom: float, device: str) -> torch.Tensor:
    """Probabilities of pictures (n, slices, h, w) that were looked at in another size."""
    if zoom == 1:
        return probabilities(network, x, device)
    height, width = x.shape[2:]
    size = (max(8, round(height * zoom)), max(8, round(width * zoom)))
    seen = F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
    found = probabilities(network, seen, device)
    return F.interpolate(found, (height, width), mode="bilinear", align_corners=False)
