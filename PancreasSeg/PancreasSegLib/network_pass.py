"""The network at work on upright slices (torch; worker only)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from PancreasSegLib.organ_network import OrganNetwork

OFFSETS_MM = (-8.0, -4.0, 0.0, 4.0, 8.0)
"""Heights of the neighboring slices that the network looks at; of each the nearest slice is taken."""
_BATCH = 8


def fast_half(device: str) -> bool:
    """Whether to compute in bfloat16: where the processor multiplies it in hardware, or on a graphics card."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    tests = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return device == "cpu" and any(getattr(torch.cpu, test, bool)() for test in tests)


def probabilities(network: OrganNetwork, x: torch.Tensor, device: str) -> torch.Tensor:
    """(n, classes, h, w) float32 on the CPU, of pictures (n, slices, h, w) in 0..1 of any size."""
    multiple = network.multiple
    height, width = x.shape[2:]
    padded = F.pad(x, (0, -width % multiple, 0, -height % multiple)).to(device)
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=fast_half(device)):
        logits = network(padded.contiguous(memory_format=torch.channels_last))
    return torch.softmax(logits.float()[:, :, :height, :width], 1).cpu()


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
) -> np.ndarray:
    """(len(wanted), classes, h, w) float16 probabilities of some slices.

    Args:
        pictures: (n, h, w) uint8, upright.
        z_mm: (n,) heights.
        wanted: indices of slices.
        progress: told the share that is done.
    """
    classes = network.out.out_channels
    out = np.empty((len(wanted), classes, *pictures.shape[1:]), np.float16)
    for start in range(0, len(wanted), _BATCH):
        index = wanted[start : start + _BATCH]
        stack = np.stack([neighbors(pictures, z_mm, int(one)) for one in index])
        out[start : start + len(index)] = probabilities(network, torch.from_numpy(stack).float() / 255, device).numpy()
        progress((start + len(index)) / len(wanted))
    return out
