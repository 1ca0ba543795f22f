"""Train the fetal-head network; stops and resumes at any time.

    python -m Training.fetal_head.train --data ../shared/data --work build/fetal_head

Two stages, low resolution first. The state (weights, running mean of weights, optimiser, position) is saved after
every epoch; starting the same command again goes on from there. `finish.py` then makes the bundle.
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

from Training.weights import follow

from . import data

NETWORK = {
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": data.CHANNELS,
    "channels": [16, 32, 64, 128, 192, 256],
    "strides": [2, 2, 2, 2, 2],
    "num_res_units": 2,
    "norm": "batch",
    "act": "LEAKYRELU",
}


@dataclass(frozen=True)
class Stage:
    """One resolution of the curriculum."""

    size: tuple[int, int]
    epochs: int
    rate: float
    shape_weight: float  # weight of the moment loss
    early: int = 1  # how often a first-trimester head is shown in an epoch: there are few, and they are the hardest


STAGES = (
    Stage((128, 192), 34, 3e-3, 0.05),
    Stage((192, 288), 12, 1.5e-3, 0.2),
    Stage((256, 384), 4, 3e-4, 0.2),
    Stage((192, 288), 8, 8e-4, 0.2),
    Stage((192, 288), 8, 8e-4, 0.2, early=2),
)
BATCH = 8
REPEAT = {"hc18": 1, "head_structures": 1, "no_head": 2, "phantom": 1}


def axes_of(maps: torch.Tensor) -> torch.Tensor:
    """Log semi-axes (n, 2) of soft masks (n, H, W) from their second moments; differentiable."""
    h, w = maps.shape[1:]
    x, y = torch.arange(w, dtype=maps.dtype), torch.arange(h, dtype=maps.dtype)
    px, py = maps.sum(1), maps.sum(2)
    total = px.sum(1).clamp_min(1)
    cx, cy = (px @ x) / total, (py @ y) / total
    dx, dy = x[None] - cx[:, None], y[None] - cy[:, None]
    xx, yy = (px * dx**2).sum(1) / total, (py * dy**2).sum(1) / total
    xy = torch.einsum("nhw,nh,nw->n", maps, dy, dx) / total
    mean, spread = 0.5 * (xx + yy), torch.sqrt(0.25 * (xx - yy) ** 2 + xy**2 + 1e-3)
    return torch.log(torch.stack((mean + spread, (mean - spread).clamp_min(0.5)), 1)) / 2


def loss_of(logits: torch.Tensor, target: torch.Tensor, known: torch.Tensor, shape_weight: float) -> torch.Tensor:
    """Cross entropy + Dice over the known channels, plus the relative error of the head's moments.

    The moment term asks directly for what is reported: the axes and so the circumference.
    """
    weight = known[:, :, None, None].float()
    emphasis = torch.tensor([1.0, 1.0, 4.0, 4.0])[None, :, None, None]
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    entropy = (entropy * weight * (1 + (emphasis - 1) * target)).mean((2, 3)).sum() / weight.sum().clamp_min(1)
    probability = torch.sigmoid(logits)
    overlap = (probability * target).sum((2, 3))
    total = probability.sum((2, 3)) + target.sum((2, 3))
    has = known & (target.sum((2, 3)) > 20)
    dice = ((1 - 2 * overlap / (total + 1)) * has).sum() / has.sum().clamp_min(1)
    # Heads cut by the frame have no full ellipse to compare with.
    border = torch.cat((target[:, 0, 0], target[:, 0, -1], target[:, 0, :, 0], target[:, 0, :, -1]), 1).amax(1)
    whole = has[:, 0] & (border < 0.1)
    shape = torch.zeros(())
    if whole.any():
        shape = (axes_of(probability[whole, 0]) - axes_of(target[whole, 0])).abs().mean() * 10
    return entropy + dice + shape_weight * shape


def epoch_order(cache: data.Cache, early: np.ndarray, stage: Stage, rng: np.random.Generator) -> np.ndarray:
    """Indices of one epoch, pictures repeated by their source and age."""
    train = np.flatnonzero(cache.split == "train")
    times = np.array([REPEAT[str(s)] for s in cache.source]) * np.where(early, stage.early, 1)
    return rng.permutation(np.repeat(train, times[train]))


def train(folder: Path, work: Path, minutes: float, device: str) -> None:
    torch.set_flush_denormal(True)
    cache = data.load(folder / "fetal", work / "cache.npz")
    early = data.early_heads(folder / "fetal", cache)
    network = UNet(**NETWORK).to(device, memory_format=torch.channels_last)
    average = UNet(**NETWORK).to(device)
    average.load_state_dict(network.state_dict())
    stage_index, epoch = 0, 0
    state_file = work / "state.pt"
    optimiser = torch.optim.AdamW(network.parameters(), lr=STAGES[0].rate, weight_decay=1e-2)
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        stage_index, epoch = state["stage"], state["epoch"]
        print(f"resumed at stage {stage_index}, epoch {epoch}", flush=True)
    stop = time.monotonic() + 60 * minutes
    while stage_index < len(STAGES):
        stage = STAGES[stage_index]
        while epoch < stage.epochs:
            started = time.monotonic()
            rng = np.random.default_rng([stage_index, epoch])
            generator = torch.Generator().manual_seed(1000 * stage_index + epoch)
            order = epoch_order(cache, early, stage, rng)
            network.train()
            losses = []
            steps = len(order) // BATCH
            for step in range(steps):
                progress = (epoch + step / steps) / stage.epochs
                warm = min(1.0, (epoch * steps + step + 1) / 100)
                for group in optimiser.param_groups:
                    group["lr"] = float(stage.rate * warm * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * progress))))
                index = np.sort(order[step * BATCH : (step + 1) * BATCH])
                x = torch.from_numpy(cache.pictures[index])[:, None].float() / 255
                y = torch.from_numpy(cache.targets[index]).float() / 255
                x, y = data.augment(x, y, stage.size, generator)
                logits = network(x.to(device).contiguous(memory_format=torch.channels_last)).cpu()
                loss = loss_of(logits, y, torch.from_numpy(cache.known[index]), stage.shape_weight)
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
                optimiser.step()
                losses.append(loss.item())
                decay = min(0.997, (len(losses) + epoch * steps) / (len(losses) + epoch * steps + 10))
                follow(average, network, 1 - decay)
            epoch += 1
            state = {
                "network": network.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "stage": stage_index,
                "epoch": epoch,
            }
            torch.save(state, work / "state.tmp")
            (work / "state.tmp").replace(state_file)
            line = {"stage": stage_index, "epoch": epoch, "loss": float(np.mean(losses))}
            line["seconds"] = round(time.monotonic() - started, 1)
            with open(work / "log.jsonl", "a") as log:
                log.write(json.dumps(line) + "\n")
            print(line, flush=True)
            if time.monotonic() > stop:
                print("time is up; start again to go on", flush=True)
                return
        stage_index, epoch = stage_index + 1, 0
    print("done", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with fetal/hc18 and so on")
    parser.add_argument("--work", type=Path, default=Path("build/fetal_head"))
    parser.add_argument("--minutes", type=float, default=10_000)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    train(arguments.data, arguments.work, arguments.minutes, arguments.device)


if __name__ == "__main__":
    main()
