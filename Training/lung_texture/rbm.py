"""The seed's classifier for comparison: the convolutional classification restricted Boltzmann machine.

    python -m Training.lung_texture.rbm --data ../shared/data --work build/lung_texture --minutes 4

After van Tulder and de Bruijne (IEEE TMI 35(5):1262, 2016). Gaussian visible units v (standardised HU), K binary
feature maps h, one label y that every position of a map shares:

    E(v, y, h) = |v - c|^2 / 2 - sum_k sum_ij h_kij ((W_k * v)_ij + b_k + U_ky) - d_y

so that p(y | v) is proportional to exp(d_y + sum_k sum_ij softplus((W_k * v)_ij + b_k + U_ky)). The objective is
mix * generative + (1 - mix) * discriminative: the first the log likelihood of (v, y) by contrastive divergence with one
Gibbs step, the second log p(y | v) exactly. Mix 1 is purely generative, 0 purely discriminative.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from LungTextureLib.classes import KEYS
from LungTextureLib.patches import balanced_accuracy
from Training.lung_texture import data

MIXES = (0.0, 0.05, 0.3, 1.0)
FILTERS, SIZE = 20, 9
MEAN_HU, SD_HU = -870.0, 90.0
BATCH, RATE = 32, 2e-3


class ClassificationRbm(nn.Module):
    """Parameters as in the equation above."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.W = nn.Parameter(0.02 * torch.randn(FILTERS, 1, SIZE, SIZE))
        self.b = nn.Parameter(torch.full((FILTERS,), -1.0))
        self.c = nn.Parameter(torch.zeros(()))
        self.U = nn.Parameter(0.01 * torch.randn(FILTERS, classes))
        self.d = nn.Parameter(torch.zeros(classes))

    def label_terms(self, v: torch.Tensor) -> torch.Tensor:
        """(B, classes) what the exponent of p(y | v) is."""
        drive = F.conv2d(v, self.W, self.b).flatten(2)
        return self.d + torch.stack(
            [F.softplus(drive + self.U[:, y, None]).sum((1, 2)) for y in range(self.U.shape[1])], 1
        )

    def free_energy(self, v: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """(B,) free energy of visible units and labels."""
        return 0.5 * ((v - self.c) ** 2).sum((1, 2, 3)) - self.label_terms(v).gather(1, y[:, None])[:, 0]

    @torch.no_grad()
    def sampled(self, v: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(v, y) after one Gibbs step."""
        drive = F.conv2d(v, self.W, self.b) + self.U.T[y][:, :, None, None]
        h = torch.bernoulli(torch.sigmoid(drive))
        mean = F.conv_transpose2d(h, self.W) + self.c
        label = torch.distributions.Categorical(logits=self.d + h.sum((2, 3)) @ self.U).sample()  # type: ignore[no-untyped-call]
        return mean + torch.randn_like(mean), label


def visible(hu: np.ndarray) -> torch.Tensor:
    """(n, 1, 31, 31) standardised."""
    return torch.from_numpy(np.clip((hu - MEAN_HU) / SD_HU, -3, 5).astype(np.float32))[:, None]


def train(patches: data.Patches, mix: float, seconds: float, seed: int = 5) -> ClassificationRbm:
    """A machine on the patches given, in so many seconds of processor time."""
    torch.manual_seed(seed)
    machine = ClassificationRbm(len(KEYS))
    optimizer = torch.optim.Adam(machine.parameters(), RATE)
    v, y = visible(patches.hu), torch.from_numpy(patches.label)
    weight = np.sqrt(1 / np.bincount(patches.label, minlength=len(KEYS)))[patches.label]
    chance, start = np.random.default_rng(seed), time.process_time()
    while (done := (time.process_time() - start) / seconds) < 1:
        optimizer.param_groups[0]["lr"] = RATE * (1 - done)
        pick = torch.from_numpy(chance.choice(len(y), BATCH, p=weight / weight.sum()))
        seen, label = torch.rot90(v[pick], int(chance.integers(4)), (2, 3)), y[pick]
        loss = torch.zeros(())
        if mix < 1:
            loss = loss + (1 - mix) * F.cross_entropy(machine.label_terms(seen), label)
        if mix > 0:
            # Per visible unit, so that both parts have one scale.
            contrast = machine.free_energy(seen, label) - machine.free_energy(*machine.sampled(seen, label))
            loss = loss + mix * contrast.mean() / 31
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(machine.parameters(), 1.0)
        optimizer.step()
    return machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/lung_texture"))
    parser.add_argument("--minutes", type=float, default=4.0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    patches = data.load(arguments.data)
    path = arguments.work / "rbm.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    for fold in reversed(range(data.FOLDS)):
        for mix in MIXES:
            key = f"{fold}/{mix:g}"
            if key in found:
                continue
            seconds = 60 * arguments.minutes / data.FOLDS / len(MIXES)
            machine = train(patches.of(patches.fold != fold), mix, seconds)
            aside = patches.of(patches.fold == fold)
            with torch.inference_mode():
                answer = machine.label_terms(visible(aside.hu)).argmax(1).numpy()
            found[key] = round(balanced_accuracy(aside.label, answer), 4)
            torch.save(machine.state_dict(), arguments.work / f"rbm_{fold}_{mix:g}.pt")
            path.write_text(json.dumps(found, indent=1))
            print(key, found[key], flush=True)


if __name__ == "__main__":
    main()
