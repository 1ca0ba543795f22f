"""Train the coarse network, which sees a whole scan at once; stops and resumes at any time.

    python -m Training.abdomen_organs.coarse --data ../shared/data --work build/abdomen_organs --minutes 20

Its scans are those of the fine network, at 6 x 5 x 5 mm, and the upper half of a chest scan, where no organ is.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from PancreasSegLib.coarse_grid import SLICE_MM, coarse_stack, slices_at
from PancreasSegLib.framing import PIXEL_MM, resized
from PancreasSegLib.organ_network import OrganNetwork
from PancreasSegLib.organs import CHANNELS
from Training.abdomen_organs import data
from Training.abdomen_organs.losses import marginal_loss
from Training.weights import follow

NETWORK: dict[str, Any] = {"dimensions": 3, "slices": 1, "classes": len(CHANNELS) + 1, "channels": [16, 32, 64, 96]}
SIZE = (32, 64, 80)  # 192 x 320 x 400 mm
BATCH = 2
RATE, DECAY = 2e-3, 1e-2
EMPHASIS = 5.0
SAVE_EVERY = 120.0  # seconds


def coarse_scans(pictures: data.Pictures) -> list[tuple[np.ndarray, np.ndarray, bool, str]]:
    """(picture (k, h, w) uint8, labels likewise, kept aside, source) of every scan, from the feet up."""
    out = []
    for number in np.unique(pictures.stack[np.isin(pictures.source, ("btcv", "chest"))]):
        of = pictures.stack == number
        rows, columns = (round(side * data.CANVAS_MM / PIXEL_MM) // 2 * 2 for side in data.CANVAS)
        small = coarse_stack(resized(pictures.pictures[of], (rows, columns)), pictures.z_mm[of])
        half = (rows // 2, columns // 2)
        labels = resized(pictures.labels[of][slices_at(pictures.z_mm[of])], half, labels=True)
        first = int(np.flatnonzero(of)[0])
        out.append((small, labels, bool(pictures.held[first]), str(pictures.source[first])))
    return out


def warp(picture: np.ndarray, labels: np.ndarray, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """(1, *SIZE) and labels (*SIZE) of a random piece: shifted, scaled and turned a little about each axis.

    Args:
        picture, labels: (k, h, w) uint8.
    """
    draw = torch.rand(12, generator=generator)
    angles = torch.tensor([0.09, 0.09, 0.2]) * (2 * draw[:3] - 1)
    zoom = torch.exp(torch.tensor([0.22, 0.16, 0.16]) * (2 * draw[3:6] - 1))
    mm = torch.tensor([SLICE_MM, 2 * PIXEL_MM, 2 * PIXEL_MM])
    rotation = torch.eye(3)
    for (a, b), angle in zip(((0, 1), (0, 2), (1, 2)), angles, strict=True):
        one = torch.eye(3)
        one[a, a] = one[b, b] = torch.cos(angle)
        one[a, b], one[b, a] = -torch.sin(angle), torch.sin(angle)
        rotation = rotation @ one
    steps = torch.diag(1 / mm) @ rotation @ torch.diag(mm * zoom)  # voxels in voxels
    shape = torch.tensor(picture.shape, dtype=torch.float32)
    centre = (shape - 1) / 2
    low, high = SIZE[0] * 0.3, float(shape[0]) - SIZE[0] * 0.3
    centre[0] = low + (high - low) * draw[6] if high > low else centre[0]
    centre[1:] += 10 * (2 * draw[7:9] - 1)
    axes = [torch.arange(n, dtype=torch.float32) - (n - 1) / 2 for n in SIZE]
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1) @ steps.T + centre
    bend = torch.randn((1, 3, 4, 5, 5), generator=generator) * draw[9]
    bend = F.interpolate(bend, SIZE, mode="trilinear", align_corners=True)[0].movedim(0, -1)
    grid = ((2 * (places + bend) + 1) / shape - 1).flip(-1)[None]
    x = F.grid_sample(torch.from_numpy(picture)[None, None].float() / 255, grid, align_corners=False)[0]
    y = F.grid_sample(torch.from_numpy(labels)[None, None].float(), grid, mode="nearest", align_corners=False)[0, 0]
    gain = torch.rand(4, generator=generator)
    bottom, top = 0.35 * gain[0] - 0.1, 0.65 + 0.6 * gain[1]
    x = ((x - bottom) / (top - bottom)).clamp(0, 1) ** torch.exp(0.6 * gain[2] - 0.3)
    return x + 0.03 * gain[3] * torch.randn(x.shape, generator=generator), y.long()


def train(folder: Path, work: Path, minutes: float, total: float) -> None:
    """As `Training.abdomen_organs.train.train`."""
    torch.set_flush_denormal(True)
    scans = coarse_scans(data.load(folder, work / "cache.npz"))
    learned = [scan for scan in scans if not scan[2]]
    abdomen = [scan for scan in learned if scan[3] == "btcv"]
    chest = [scan for scan in learned if scan[3] == "chest"]
    torch.manual_seed(12)
    layout = torch.channels_last_3d
    network = OrganNetwork(**NETWORK).to(memory_format=layout)
    average = OrganNetwork(**NETWORK)
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    used, step = 0.0, 0
    state_file = work / "coarse.pt"
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        used, step = state["seconds"], state["step"]
    rng, generator = np.random.default_rng([step, 6]), torch.Generator().manual_seed(step)
    known = torch.ones((BATCH, len(CHANNELS) + 1), dtype=torch.bool)
    start = saved = time.monotonic()
    losses: list[float] = []
    network.train()
    while True:
        now = time.monotonic()
        elapsed = used + now - start
        progress = elapsed / (60 * total)
        if now - saved > SAVE_EVERY or now - start > 60 * minutes or progress >= 1:
            state = {"network": network.state_dict(), "average": average.state_dict(), "step": step, "seconds": elapsed}
            torch.save({**state, "optimiser": optimiser.state_dict()}, work / "coarse.tmp")
            (work / "coarse.tmp").replace(state_file)
            line = {"step": step, "minutes": round(elapsed / 60, 1), "loss": round(float(np.mean(losses)), 4)}
            with open(work / "coarse.jsonl", "a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            print(line, flush=True)
            losses, saved = [], now
            if now - start > 60 * minutes or progress >= 1:
                return
        rate = RATE * min(1.0, (step + 1) / 60) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(1.0, progress))))
        for group in optimiser.param_groups:
            group["lr"] = float(rate)
        pieces = []
        for _ in range(BATCH):
            among = chest if chest and rng.random() < 0.06 else abdomen
            picture, labels, _held, _source = among[int(rng.integers(len(among)))]
            pieces.append(warp(picture, labels, generator))
        x = torch.stack([piece[0] for piece in pieces]).contiguous(memory_format=layout)
        y = torch.stack([piece[1] for piece in pieces])
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(x)
        loss = marginal_loss(logits, y, known, EMPHASIS)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step += 1
        decay = min(0.99, step / (step + 10))
        follow(average, network, 1 - decay)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with abdomen, chest and bodypart")
    parser.add_argument("--work", type=Path, default=Path("build/abdomen_organs"))
    parser.add_argument("--minutes", type=float, default=20.0, help="of this start")
    parser.add_argument("--total", type=float, default=20.0, help="of all starts together")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    train(arguments.data, arguments.work, arguments.minutes, arguments.total)


if __name__ == "__main__":
    main()
