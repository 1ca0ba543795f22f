"""Weights of a network: their running mean during training, and their form in the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from DeepMedLib.models.bundles import PACKED
from DeepMedLib.models.packed import is_stepped, pack, unpack


@torch.no_grad()
def follow(average: torch.nn.Module, network: torch.nn.Module, share: float) -> None:
    """Move the running mean towards the network: ``average += share * (network - average)``; counters stay."""
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(value, share)


def mean_of(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Mean of the weights of networks that come from one another; counters of the first."""
    return {
        key: torch.stack([state[key] for state in states]).mean(0) if value.dtype.is_floating_point else value
        for key, value in states[0].items()
    }


def packed(state: dict[str, torch.Tensor]) -> bytes:
    """A state dict as bundles hold it: large tensors in steps of ten bits, small ones in fp16, running statistics and
    counters as they are (their range can exceed fp16)."""
    return pack({key: _small(key, value.detach().cpu().numpy()) for key, value in state.items()})


def as_shipped(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What a network gets whose weights were read from a bundle: float32, rounded as `packed` rounds."""
    return {key: torch.from_numpy(value) for key, value in unpack(packed(state)).items()}


def shipped(bundle: Path) -> dict[str, torch.Tensor]:
    """The weights in a bundle's folder, float32."""
    return {key: torch.from_numpy(value) for key, value in unpack((bundle / PACKED).read_bytes()).items()}


def _small(key: str, value: np.ndarray) -> np.ndarray:
    keep = value.dtype.kind != "f" or "running_" in key or is_stepped(value)
    return value if keep else value.astype(np.float16)
