"""Train the planes network; stops and resumes at any time.

    python -m Training.fetal_planes.train --data ../shared/data --work build/fetal_planes

It learns from HC18, FOCUS validation pictures, FETAL_PLANES pictures of unknown patients, composites and phantoms, in
two parts that differ in what is shown how often. No patient of `fetal_planes` is in it: those judge it. A part saves
its state as it goes; `heart` then trains a second network from it, and `finish` fits the plane classifier and makes
the bundles.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from monai.networks.nets import UNet

from FetalBiometryLib.inference.planes_network import CANVAS, CHANNELS, REGIONS
from Training.weights import follow

from . import data

NETWORK = {
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": len(CHANNELS),
    "channels": [16, 32, 64, 128, 192, 256],
    "strides": [2, 2, 2, 2, 2],
    "num_res_units": 2,
    "norm": "batch",
    "act": "LEAKYRELU",
}
BATCH = 8
SAVE_EVERY = 100
BASE_WEIGHTS = {
    "hc18": 1.5,
    "focus": 1.0,
    "focus_hull": 1.0,
    "sim_abdomen": 1.3,
    "sim_femur": 1.3,
    "sim_other": 0.5,
    "extra_abdomen": 0.3,
    "extra_femur": 0.4,
    "extra_head": 0.1,
    "extra_other": 0.2,
    "extra_thorax": 0.2,
    "phantom": 0.3,
}
#: Hearts, thoraces and abdomens learn more slowly than femurs and heads.
MORE_WEIGHTS = {
    "hc18": 1.0,
    "focus": 1.5,
    "focus_hull": 1.5,
    "sim_abdomen": 1.5,
    "sim_femur": 0.6,
    "sim_other": 0.3,
    "extra_abdomen": 0.5,
    "extra_femur": 0.3,
    "extra_head": 0.1,
    "extra_other": 0.2,
    "extra_thorax": 0.2,
    "phantom": 0.3,
}
#: Cross entropy weight of what is inside, a channel: femur shafts and ends are thin.
EMPHASIS = (1.0, 1.0, 2.0, 1.0, 5.0, 8.0, 4.0)


@dataclass(frozen=True)
class Part:
    """One training run."""

    name: str
    steps: int
    rate: float
    weights: dict[str, float]
    start: str = ""  # the part whose weights it goes on from


PARTS = (Part("base", 2000, 2.5e-3, BASE_WEIGHTS), Part("more", 900, 1.5e-3, MORE_WEIGHTS, "base"))


def loss_of(logits: torch.Tensor, y: torch.Tensor, known: torch.Tensor, plane: torch.Tensor) -> torch.Tensor:
    """Cross entropy + Dice of the known regions, cross entropy of the known planes.

    Args:
        logits: (n, 12, h, w).
        y: (n, 7, h, w) 0..1.
        known: (n, 7) bool.
        plane: (n,) index, -1 unknown.
    """
    regions = logits[:, :REGIONS]
    weight = known[:, :, None, None].float()
    emphasis = torch.tensor(EMPHASIS)[None, :, None, None]
    entropy = F.binary_cross_entropy_with_logits(regions, y, reduction="none")
    entropy = (entropy * weight * (1 + (emphasis - 1) * y)).mean((2, 3)).sum() / weight.sum().clamp_min(1)
    probability = torch.sigmoid(regions)
    overlap = (probability * y).sum((2, 3))
    total = (probability**2).sum((2, 3)) + (y**2).sum((2, 3))
    has = known & (y.sum((2, 3)) > 15)
    dice = ((1 - 2 * overlap / (total + 1)) * has).sum() / has.sum().clamp_min(1)
    score = logits[:, REGIONS:].mean((2, 3))
    told = plane >= 0
    which = torch.zeros(())
    if told.any():
        which = F.cross_entropy(score[told], plane[told], label_smoothing=0.05)
    return 2 * entropy + dice + 0.5 * which


def train_part(cache: data.Cache, work: Path, part: Part, stop: float, device: str) -> bool:
    """One part from where it stopped; False when time was up before its end."""
    network = UNet(**NETWORK).to(device, memory_format=torch.channels_last)  # type: ignore[arg-type]
    average = UNet(**NETWORK).to(device)  # type: ignore[arg-type]
    optimiser = torch.optim.AdamW(network.parameters(), lr=part.rate, weight_decay=1e-2)
    state_file, step = work / f"{part.name}.pt", 0
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        if state["step"] >= part.steps:
            return True
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    elif part.start:
        before = torch.load(work / f"{part.start}.pt", weights_only=True)["average"]
        network.load_state_dict(before)
        average.load_state_dict(before)
    rng = np.random.default_rng([step])
    generator = torch.Generator().manual_seed(1000 + step)
    network.train()
    losses: list[float] = []
    started = time.monotonic()
    while step < part.steps:
        warm = min(1.0, (step + 1) / 100)
        for group in optimiser.param_groups:
            group["lr"] = float(part.rate * warm * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * step / part.steps))))
        index = data.draw(cache, part.weights, BATCH, rng)
        x = torch.from_numpy(cache.pictures[index])[:, None].float() / 255
        y = torch.from_numpy(cache.targets[index]).float() / 255
        x, y = data.augment(x, y, CANVAS, generator, 0.8 if part.start else 1.0)
        logits = network(x.to(device).contiguous(memory_format=torch.channels_last)).cpu()
        loss = loss_of(logits, y, torch.from_numpy(cache.known[index]), torch.from_numpy(cache.plane[index]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        decay = min(0.99 if part.start else 0.996, step / (step + 10))
        follow(average, network, 1 - decay)
        if step % SAVE_EVERY == 0 or step == part.steps:
            state = {"network": network.state_dict(), "average": average.state_dict(), "step": step}
            torch.save({**state, "optimiser": optimiser.state_dict()}, work / "state.tmp")
            (work / "state.tmp").replace(state_file)
            line = {"part": part.name, "step": step, "loss": round(float(np.mean(losses)), 4)}
            line["seconds"] = round(time.monotonic() - started, 1)
            with open(work / "log.jsonl", "a") as log:
                log.write(json.dumps(line) + "\n")
            print(line, flush=True)
            losses, started = [], time.monotonic()
        if time.monotonic() > stop:
            print("time is up; start again to go on", flush=True)
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with fetal/hc18 and so on")
    parser.add_argument("--work", type=Path, default=Path("build/fetal_planes"))
    parser.add_argument("--parts", nargs="*", default=[p.name for p in PARTS])
    parser.add_argument("--minutes", type=float, default=10_000)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    stop = time.monotonic() + 60 * arguments.minutes
    cache = data.load(arguments.data / "fetal", arguments.work)
    for part in PARTS:
        if part.name in arguments.parts and not train_part(cache, arguments.work, part, stop, arguments.device):
            return
    print("done", flush=True)


if __name__ == "__main__":
    main()
