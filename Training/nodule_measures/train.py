"""Train the outlining network: `python -m Training.nodule_measures.train --data ../shared/data`.

On boxes (outline, opinions) and single slices (opinions) of LIDC-IDRI without the patients of one fold. Resumes from
--work; --minutes counts the processor's minutes over all calls, and the learning rate falls to its end with them.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from NoduleCADLib.classify.nodule_network import DISTANCE_MM, LARGEST, OFFSETS_MM, SIDE, SPACING_MM, NoduleNetwork
from Training.nodule_measures.data import WIDE, make_cache
from Training.weights import follow

BOXES, FLAT = 40, 24  # slices of boxes and single slices in a batch
RATE = 2e-3
ALONE = 0.3  # share of box slices shown without their neighbors, as single slices are

Sample = dict[str, np.ndarray]


def drawn(cache: Sample, fold: int, rng: np.random.Generator) -> Sample:
    """A batch: slices of nodules drawn evenly by nodule, most of them inside, and single slices."""
    train = np.flatnonzero(cache["fold"] != fold)
    owners = np.unique(cache["owner"][train])
    of = []
    for owner in rng.choice(owners, BOXES):
        own = train[
            np.searchsorted(cache["owner"][train], owner) : np.searchsorted(cache["owner"][train], owner, "right")
        ]
        weight = 0.35 + cache["inside"][own]
        of.append(rng.choice(own, p=weight / weight.sum()))
    flat = np.flatnonzero(cache["flat_fold"] != fold)
    malignancy = cache["flat_scores"][flat, 0]
    weight = 1.0 + 1.0 * (malignancy > 3.5) + 2.0 * (cache["flat_scores"][flat, 1] < 4.0)
    weight *= np.sqrt(cache["flat_readers"][flat])
    single = rng.choice(flat, FLAT, p=weight / weight.sum())
    views = cache["views"][of]
    alone = rng.random(BOXES) < ALONE
    views[alone] = views[alone][:, 2:3]
    repeated = np.repeat(cache["flat"][single][:, None], len(OFFSETS_MM), 1)
    return {
        "views": np.concatenate([views, repeated]),
        "masks": cache["masks"][of],
        "off": np.concatenate([cache["off"][of], np.zeros(FLAT, np.float32)]),
        "scores": np.concatenate([cache["scores"][of], cache["flat_scores"][single]]),
        "trust": np.concatenate([cache["inside"][of] > 0.6, np.ones(FLAT)])
        * np.sqrt(np.concatenate([cache["readers"][of], cache["flat_readers"][single]]))
        / 2.0,
    }


def varied(sample: Sample, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """(B, 6, 64, 64) views turned, mirrored, moved, scaled, softened and noisy, and (BOXES, 64, 64) outlines."""
    views = torch.from_numpy(((sample["views"].clip(-1000, 1000) + 1000) / 1400).astype(np.float32))
    n = len(views)

    def uniform(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    def normal(sd: float) -> torch.Tensor:
        return sd * torch.randn(n, generator=generator)

    angle, scale = uniform(-np.pi, np.pi), torch.exp(uniform(-0.12, 0.12))
    mirrored = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    part = SIDE / WIDE
    half = WIDE * SPACING_MM / 2
    dx, dy = normal(1.2).clamp(-4, 4), normal(1.2).clamp(-4, 4)
    cosine, sine = torch.cos(angle) * scale * part, torch.sin(angle) * scale * part
    theta = torch.stack(
        [torch.stack([cosine * mirrored, -sine, dx / half], 1), torch.stack([sine * mirrored, cosine, dy / half], 1)], 1
    )
    grid = functional.affine_grid(theta, [n, 1, SIDE, SIDE], align_corners=False)
    views = functional.grid_sample(views, grid, padding_mode="border", align_corners=False)
    masks = torch.from_numpy(sample["masks"].astype(np.float32) / 255)[:, None]
    masks = functional.grid_sample(masks, grid[: len(masks)], padding_mode="border", align_corners=False)[:, 0]
    soft = functional.avg_pool2d(functional.pad(views, (1, 1, 1, 1), mode="replicate"), 3, 1)
    views = torch.lerp(views, soft, uniform(-0.4, 0.7)[:, None, None, None])
    views = views * uniform(0.96, 1.04)[:, None, None, None] + uniform(-0.03, 0.03)[:, None, None, None]
    views = views + torch.randn(views.shape, generator=generator) * uniform(0, 0.03)[:, None, None, None]
    # The mark lies where the view's middle is, up to a jitter: it is not the center of the truth.
    steps = (torch.arange(SIDE) - (SIDE - 1) / 2) * SPACING_MM
    off = torch.from_numpy(sample["off"]) + normal(1.0)
    jx, jy = normal(0.8), normal(0.8)
    squared = (
        (steps[None, None, :] - jx[:, None, None]) ** 2
        + (steps[None, :, None] - jy[:, None, None]) ** 2
        + off[:, None, None] ** 2
    )
    return torch.cat([views, torch.sqrt(squared)[:, None] / DISTANCE_MM], 1), masks


def loss_of(
    outline: torch.Tensor, opinion: torch.Tensor, masks: torch.Tensor, scores: torch.Tensor, trust: torch.Tensor
) -> torch.Tensor:
    """Cross entropy and Dice of the outlines, cross entropy of the scores as shares of their scale."""
    logits = outline[: len(masks)]
    entropy = functional.binary_cross_entropy_with_logits(logits, masks, reduction="none").mean((1, 2))
    inside = torch.sigmoid(logits)
    both, total = (inside * masks).sum((1, 2)), (inside + masks).sum((1, 2))
    dice = 1 - (2 * both + 5) / (total + 5)
    share = (scores - 1) / (torch.tensor(LARGEST, device=scores.device) - 1)
    said = functional.binary_cross_entropy_with_logits(opinion, share, reduction="none")
    weight = torch.tensor([2.0, 1.0, 0.5, 0.5], device=scores.device)
    opinions = ((said * weight).sum(1) * trust).sum() / trust.sum().clamp_min(1)
    return 2 * entropy.mean() + dice.mean() + 0.5 * opinions


def train(cache: Sample, fold: int, state_file: Path, minutes: float, device: str) -> None:
    """One network and the running mean of its weights; resumes."""
    torch.manual_seed(fold)
    network = NoduleNetwork().to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=2e-2)
    step, spent = 0, 0.0
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    losses: list[float] = []
    started = time.process_time()
    while (done := (spent + time.process_time() - started) / (60.0 * minutes)) < 1.0:
        rng, generator = np.random.default_rng([fold, step]), torch.Generator().manual_seed(1_000_003 * fold + step)
        sample = drawn(cache, fold, rng)
        views, masks = varied(sample, generator)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 200) * (0.01 + 0.495 * (1 + math.cos(math.pi * done)))
        network.train()
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            outline, opinion = network(views.to(device, memory_format=torch.channels_last))
        scores = torch.from_numpy(sample["scores"]).to(device)
        trust = torch.from_numpy(sample["trust"].astype(np.float32)).to(device)
        loss = loss_of(outline.float(), opinion.float(), masks.to(device), scores, trust)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        follow(average, network, max(0.003, 1 / (2 + step / 5)))  # of a short run: its last fifth
        losses.append(float(loss.detach()))
        step += 1
        if step % 100 == 0:
            used = spent + time.process_time() - started
            state = {"network": network.state_dict(), "average": average.state_dict(), "step": step, "spent": used}
            torch.save(state | {"optimizer": optimizer.state_dict()}, state_file)
            record = {"run": state_file.stem, "step": step, "minutes": round(used / 60, 2)}
            record["loss"] = round(float(np.mean(losses[-100:])), 4)
            with open(state_file.with_suffix(".jsonl"), "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
    torch.save(average.state_dict(), state_file.with_name(f"{state_file.stem}_done.pt"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/nodule_measures"))
    parser.add_argument("--fold", type=int, default=0, help="patients that are kept aside")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if not (arguments.work / "cache.npz").exists():
        make_cache(arguments.data, arguments.work / "cache.npz")
    with np.load(arguments.work / "cache.npz") as stored:
        cache = dict(stored)
    state_file = arguments.work / f"fold_{arguments.fold}.pt"
    train(cache, arguments.fold, state_file, arguments.minutes, arguments.device)


if __name__ == "__main__":
    main()
