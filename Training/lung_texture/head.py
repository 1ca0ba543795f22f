"""Fit the last layer anew: all classes weigh the same, each patch is seen as it lies, turned and mirrored.

Training draws classes by the root of their number and changes patches at random; the last layer alone, fitted on plain
patches with equal weights, finds the mild and severe grades more often. The mean of both layers is used.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from LungTextureLib.patches import WAYS
from LungTextureLib.texture_network import TextureNetwork
from Training.lung_texture import data

DECAY = 0.01  # on standardised features


def refit(network: TextureNetwork, patches: data.Patches) -> TextureNetwork:
    """The network with every member's last layer moved halfway to the one fitted on these patches."""
    label = torch.from_numpy(patches.label)
    seen = torch.from_numpy(patches.hu)[:, None]
    ways = torch.cat([torch.rot90(seen.flip(3) if flip else seen, turn, (2, 3)) for turn, flip in WAYS])
    for member in network.members:
        caught: list[torch.Tensor] = []
        hook = member.answer.register_forward_hook(lambda _layer, given, _out, keep=caught: keep.append(given[0]))
        with torch.inference_mode():
            for part in ways.split(128):
                network(part)
        hook.remove()
        weight, bias = _fitted(torch.cat(caught)[:, :, 0, 0].clone(), label.repeat(len(WAYS)))
        with torch.no_grad():
            member.answer.weight.lerp_(weight[:, :, None, None], 0.5)
            member.answer.bias.lerp_(bias, 0.5)
    return network


def _fitted(features: torch.Tensor, label: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (classes, features) and biases of a multinomial logistic regression with balanced classes."""
    mean, spread = features.mean(0), features.std(0) + 1e-3
    standard = (features - mean) / spread
    share = 1 / torch.bincount(label).float()
    weight = torch.zeros(len(share), features.shape[1], requires_grad=True)
    bias = torch.zeros(len(share), requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(standard @ weight.T + bias, label, weight=share / share.mean())
        value = value + DECAY * (weight**2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return (weight / spread).detach(), (bias - (weight / spread) @ mean).detach()
