"""Train the network; stops and resumes at any time.

    python -m Training.abdomen_organs.train --data ../shared/data --work build/abdomen_organs --minutes 70

The learning rate falls over the minutes given to the first start; the state (weights, their running mean, optimiser,
minutes used) is saved every few minutes. `finish.py` then makes the bundle.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from PancreasSegLib.framing import PIXEL_MM
from PancreasSegLib.network_pass import OFFSETS_MM
from PancreasSegLib.organ_network import ORIENTATIONS, OrganNetwork
from PancreasSegLib.organs import CHANNELS
from Training.abdomen_organs import data
from Training.abdomen_organs.looks import as_jpeg, change_grey, sampled, turned, warp_grid
from Training.abdomen_organs.losses import marginal_loss
from Training.weights import follow

NETWORK: dict[str, Any] = {
    "slices": 5,
    "classes": len(CHANNELS) + 1,
    "channels": [16, 48, 96, 128, 160, 192],
}
RATE, DECAY = 2e-3, 1e-2
SAVE_EVERY = 180.0  # seconds


@dataclass(frozen=True)
class Stage:
    """One resolution: coarse pictures first, for they cost little.

    Attributes:
        until: share of the whole time at which it ends.
        size: rows and columns.
        pixel_mm: of a pixel.
    """

    until: float
    size: tuple[int, int]
    pixel_mm: float


STAGES = (Stage(0.55, (96, 128), 3.2), Stage(1.0, (128, 160), PIXEL_MM))


@dataclass(frozen=True)
class Draw:
    """From which sources a batch is drawn, in order, with what chance each."""

    sources: tuple[str, ...]
    chances: tuple[float, ...]


MIXED = (
    *[Draw(("btcv",), (1.0,))] * 4,
    *[Draw(("nih", "nih_crop"), (0.65, 0.35))] * 2,
    Draw(("msd", "curvas", "ircad"), (0.5, 0.35, 0.15)),
    Draw(("btcv", "chest", "deeplesion"), (0.4, 0.3, 0.3)),
)
POLISH = (
    *[Draw(("btcv",), (1.0,))] * 4,
    *[Draw(("nih", "nih_crop"), (0.65, 0.35))] * 3,
    Draw(("msd", "curvas", "ircad", "chest", "deeplesion"), (0.35, 0.25, 0.1, 0.15, 0.15)),
)
"""Of the last minutes of the mixed recipe: the pancreas more often."""
CLEAN = tuple([Draw(("nih", "nih_crop"), (0.65, 0.35))] * 8)
"""Of the clean bundle: sources whose licences ask for attribution only."""
RECIPES = {"mixed": MIXED, "clean": CLEAN}


class Sampler:
    """Draws pictures that are not kept aside, abdominal ones more often."""

    def __init__(self, pictures: data.Pictures, rng: np.random.Generator) -> None:
        self.pictures, self.rng = pictures, rng
        shown = np.array([np.bincount(label.ravel(), minlength=len(CHANNELS) + 1) > 0 for label in pictures.labels])
        self.with_pancreas, self.with_organ = shown[:, 1], np.asarray(shown[:, 1:].any(1))
        train = ~pictures.held
        self.indices = {
            str(name): np.flatnonzero(train & (pictures.source == name)) for name in np.unique(pictures.source)
        }
        ends = np.flatnonzero(np.diff(pictures.stack)) + 1
        self.first = np.concatenate(([0], ends))
        self.end = np.concatenate((ends, [len(pictures.stack)]))

    def index(self, draw: Draw) -> int:
        """One picture."""
        name = str(self.rng.choice(draw.sources, p=draw.chances))
        among = self.indices[name]
        if name == "btcv":
            cases = self.pictures.case[among]
            among = among[cases == self.rng.choice(np.unique(cases))]
            wish = self.rng.random()
            wanted = self.with_pancreas if wish < 0.5 else self.with_organ if wish < 0.88 else ~self.with_organ
            among = among[wanted[among]] if wanted[among].any() else among
        return int(self.rng.choice(among))

    def stack(self, index: int) -> np.ndarray:
        """(slices, H, W): the picture with its neighbours, alone now and then."""
        p = self.pictures
        number = int(p.stack[index])
        inside = slice(int(self.first[number]), int(self.end[number]))
        if inside.stop - inside.start == 1 or self.rng.random() < 0.15:
            return np.repeat(p.pictures[index][None], len(OFFSETS_MM), 0)
        spread = self.rng.uniform(0.75, 1.35)
        heights = p.z_mm[inside]
        places = [int(np.abs(heights - p.z_mm[index] - spread * o).argmin()) for o in OFFSETS_MM]
        return p.pictures[inside][places]

    def batch(self, draws: tuple[Draw, ...]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Stacks (n, slices, H, W) uint8, labels (n, H, W) uint8, known (n, classes) bool."""
        chosen = [self.index(draw) for draw in draws]
        stacks = [self.stack(i) for i in chosen]
        stacks = [as_jpeg(s, int(self.rng.integers(30, 90))) if self.rng.random() < 0.12 else s for s in stacks]
        known = self.pictures.known[chosen][:, None] >> np.arange(len(CHANNELS) + 1) & 1
        labels = torch.from_numpy(self.pictures.labels[chosen])
        return torch.from_numpy(np.stack(stacks)), labels, torch.from_numpy(known.astype(bool))


def lying_loss(
    network: OrganNetwork, stacks: torch.Tensor, stage: Stage, generator: torch.Generator, device: str
) -> torch.Tensor:
    """Whether the network tells which way slices were turned; slices stand alone, as pictures do.

    The views are square, or their shape would tell.
    """
    side = stage.size[0]
    grid = warp_grid(len(stacks), (side, side), stage.pixel_mm / data.CANVAS_MM, data.CANVAS, generator)
    middle = stacks[:, len(OFFSETS_MM) // 2, None]
    views, _ = sampled(middle, middle[:, 0], grid)
    views = change_grey(views, generator)
    ways = torch.randint(0, ORIENTATIONS, (len(stacks),), generator=generator)
    views = torch.stack([turned(view, int(way)) for view, way in zip(views, ways, strict=True)])
    views = views.expand(-1, len(OFFSETS_MM), -1, -1).to(device).contiguous(memory_format=torch.channels_last)
    with torch.autocast(device, torch.bfloat16):
        answer = network.orientation(views)
    return F.cross_entropy(answer.float(), ways.to(device), label_smoothing=0.05)


def rate_at(minutes: float, step: int, total: float, polish: float) -> float:
    """The learning rate: rising for 200 steps, then falling over ``total`` minutes, then from a fifth anew."""
    progress = min(1.0, minutes / total) if minutes < total or polish == 0 else min(1.0, (minutes - total) / polish)
    start = RATE if minutes < total else RATE / 5
    return float(start * min(1.0, (step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * progress))))


def train(folder: Path, work: Path, recipe: str, minutes: float, total: float, polish: float, device: str) -> None:
    """Go on for some minutes; the learning rate reaches its end after ``total`` and ``polish`` minutes."""
    torch.set_flush_denormal(True)
    pictures = data.load(folder, work / "cache.npz")
    torch.manual_seed(11)
    network = OrganNetwork(**NETWORK).to(device, memory_format=torch.channels_last)
    average = OrganNetwork(**NETWORK).to(device)
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    used, step = 0.0, 0
    state_file = work / f"{recipe}.pt"
    if state_file.exists():
        state = torch.load(state_file, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        used, step = state["seconds"], state["step"]
        print(f"resumed at step {step}", flush=True)
    sampler = Sampler(pictures, np.random.default_rng([step, 5]))
    generator = torch.Generator().manual_seed(step)
    start = saved = time.monotonic()
    losses: list[float] = []
    lying: list[float] = []
    network.train()
    while True:
        now = time.monotonic()
        elapsed = used + now - start
        over = now - start > 60 * minutes or elapsed >= 60 * (total + polish)
        if now - saved > SAVE_EVERY or over:
            state = {"network": network.state_dict(), "average": average.state_dict(), "step": step, "seconds": elapsed}
            torch.save({**state, "optimiser": optimiser.state_dict()}, work / f"{recipe}.tmp")
            (work / f"{recipe}.tmp").replace(state_file)
            line = {"step": step, "minutes": round(elapsed / 60, 1), "loss": round(float(np.mean(losses)), 4)}
            line["lying"] = round(float(np.mean(lying)), 4)
            with open(work / f"{recipe}.jsonl", "a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            print(line, flush=True)
            losses, lying, saved = [], [], now
            if over:
                return
        for group in optimiser.param_groups:
            group["lr"] = rate_at(elapsed / 60, step, total, polish)
        progress = elapsed / (60 * total)
        draws = POLISH if progress >= 1 and recipe == "mixed" else RECIPES[recipe]
        stacks, labels, known = sampler.batch(draws)
        stage = next((stage for stage in STAGES if progress < stage.until), STAGES[-1])
        pixel = stage.pixel_mm / data.CANVAS_MM
        x, y = sampled(stacks, labels, warp_grid(len(stacks), stage.size, pixel, data.CANVAS, generator))
        x = change_grey(x, generator).to(device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device, torch.bfloat16):
            logits = network(x)
        loss = marginal_loss(logits, y.to(device), known.to(device))
        losses.append(loss.item())
        if step % 4 == 0:
            told = lying_loss(network, stacks[2:7], stage, generator, device)
            lying.append(told.item())
            loss = loss + 0.15 * told
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step += 1
        decay = min(0.998, step / (step + 10))
        follow(average, network, 1 - decay)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with abdomen, chest and bodypart")
    parser.add_argument("--work", type=Path, default=Path("build/abdomen_organs"))
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="mixed")
    parser.add_argument("--minutes", type=float, default=70.0, help="of this start")
    parser.add_argument("--total", type=float, default=70.0, help="of all starts together")
    parser.add_argument("--polish", type=float, default=15.0, help="minutes after those, at a lower rate")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    train(
        arguments.data,
        arguments.work,
        arguments.recipe,
        arguments.minutes,
        arguments.total,
        arguments.polish,
        arguments.device,
    )


if __name__ == "__main__":
    main()
