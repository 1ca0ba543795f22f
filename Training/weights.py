"""Weights of a network: their running mean during training, and their half precision in the bundle."""

from __future__ import annotations

from collections.abc import Sequence

import torch


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


def half_precision(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights in fp16, running statistics and counters as they are (their range can exceed fp16)."""
    return {
        key: value.half() if value.dtype.is_floating_point and "running_" not in key else value
        for key, value in state.items()
    }


def full_precision(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What `half_precision` made, ready for a network in float32."""
    return {key: value.float() if value.dtype == torch.float16 else value for key, value in state.items()}
