"""Networks at work on upright slices: probabilities of the coarse and of the fine one (torch; worker only)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from PancreasSegLib.coarse_grid import coarse_stack, heights
from PancreasSegLib.organ_network import OrganNetwork

OFFSETS_MM = (-8.0, -4.0, 0.0, 4.0, 8.0)
"""Heights of the neighboring slices that the fine network looks at; of each the nearest slice is taken."""
_BATCH = 8
_PIECE = 64  # coarse slices that are looked at in one go; a longer scan in pieces
_OVERLAP = 16


def fast_half(device: str) -> bool:
    """Whether to compute in bfloat16: where the processor multiplies it in hardware, or on a graphics card."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    tests = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return device == "cpu" and any(getattr(torch.cpu, test, bool)() for test in tests)


def probabilities(network: OrganNetwork, x: torch.Tensor, device: str) -> torch.Tensor:
    """Log probabilities (n, classes, ...) float32 on the CPU, of pictures (n, slices, ...) in 0..1 of any size."""
    multiple = network.multiple
    padding: list[int] = []
    for side in reversed(x.shape[2:]):
        padding += [0, -side % multiple]
    padded = F.pad(x, padding).to(device)
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=fast_half(device)):
        logits = network(padded)
    logits = logits.float()[(slice(None), slice(None), *(slice(0, side) for side in x.shape[2:]))]
    return torch.log_softmax(logits, 1).cpu()


def coarse_pass(network: OrganNetwork, pictures: np.ndarray, z_mm: np.ndarray, device: str) -> torch.Tensor:
    """(classes, m, h // 2, w // 2) probabilities on the coarse grid of upright slices (n, h, w) uint8."""
    stack = torch.from_numpy(coarse_stack(pictures, z_mm)).float() / 255
    count = len(stack)
    step = _PIECE - _OVERLAP
    total: torch.Tensor | None = None
    weight = torch.zeros(count)
    for start in range(0, max(1, count - _OVERLAP), step):
        end = min(count, start + _PIECE)
        part = probabilities(network, stack[None, None, start:end], device)[0].exp()
        if total is None:
            total = torch.zeros((part.shape[0], count, *part.shape[2:]))
        # Towards the ends of a piece the network sees less around it.
        position = torch.arange(end - start, dtype=torch.float32)
        share = torch.minimum(position + 1, (end - start) - position).clamp(max=_OVERLAP / 2)
        total[:, start:end] += part * share.view(1, -1, 1, 1)
        weight[start:end] += share
    assert total is not None
    return total / weight.view(1, -1, 1, 1)


def coarse_at(coarse: torch.Tensor, z_mm: np.ndarray, at_mm: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """(len(at_mm), classes, *size) coarse probabilities at some heights, linear between.

    Args:
        coarse: as `coarse_pass`.
        z_mm: (n,) heights of the scan's slices.
        at_mm: heights that are asked for.
        size: rows and columns of the fine pictures.
    """
    levels = heights(z_mm)
    place = np.interp(at_mm, levels, np.arange(len(levels)))
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(levels) - 1)
    share = torch.from_numpy((place - low).astype(np.float32)).view(-1, 1, 1, 1)
    between = coarse[:, low].transpose(0, 1) * (1 - share) + coarse[:, high].transpose(0, 1) * share
    # Coarse pixels are pairs of fine ones; an odd last row or column repeats its neighbor.
    even = F.interpolate(between, (2 * coarse.shape[2], 2 * coarse.shape[3]), mode="bilinear", align_corners=False)
    return F.pad(even, (0, size[1] - even.shape[3], 0, size[0] - even.shape[2]), mode="replicate")


def neighbors(pictures: np.ndarray, z_mm: np.ndarray, index: int) -> np.ndarray:
    """(slices, h, w) uint8: a slice with those about it."""
    places = [int(np.abs(z_mm - z_mm[index] - offset).argmin()) for offset in OFFSETS_MM]
    return pictures[places]


def fine_pass(
    network: OrganNetwork,
    pictures: np.ndarray,
    z_mm: np.ndarray,
    wanted: np.ndarray,
    device: str,
    progress: Callable[[float], None],
    prior: Callable[[np.ndarray], torch.Tensor],
    blend: float,
) -> np.ndarray:
    """(len(wanted), classes, h, w) float16 probabilities of some slices, blended with the coarse network's.

    Args:
        pictures: (n, h, w) uint8, upright.
        z_mm: (n,) heights.
        wanted: indices of slices.
        progress: told the share that is done.
        prior: coarse probabilities at some heights, (m, classes, h, w).
        blend: weight of the prior's logarithm.
    """
    out: list[np.ndarray] = []
    for start in range(0, len(wanted), _BATCH):
        index = wanted[start : start + _BATCH]
        stack = np.stack([neighbors(pictures, z_mm, int(one)) for one in index])
        log = probabilities(network, torch.from_numpy(stack).float() / 255, device)
        log = log + blend * torch.log(prior(z_mm[index]).clamp_min(1e-4))
        out.append(torch.softmax(log, 1).half().numpy())
        progress(min(1.0, (start + len(index)) / len(wanted)))
    return np.concatenate(out)
