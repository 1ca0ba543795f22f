"""Train the slice recogniser: `python -m Training.slice_position.train --data ../shared/data`.

Stage 1, multi-instance: every patch votes for a section of the body, the slice is judged by its best patches, and so
patches that tell come out without local labels. Stage 2, boosting: patches found to tell are trained for their section,
all others as "says nothing" (Yan et al., IEEE TMI 35(5):1332, 2016).

Single slices have a published place; whole scans are placed by a few anatomical levels (levels.py).
Resumes from build/slice_position; one run for each fold, one on everything, and the same for the plain network.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from DeepMedLib.ct.regions.position import section_centres
from ScanCoverageLib.slice_network import SECTIONS, SliceNetwork, voted
from Training.slice_position.data import FOLDS, Slices, known_slices, scan_slices
from Training.slice_position.looks import flip, plain, vary

EPOCHS = {"multi-instance": 45, "boosting": 20}
"""The two stages of the seed."""

BATCH = 32
FLIPPED = 0.4  # share of slices that are shown wrongly turned
SCAN_SLICES = 500  # a random part of the scans' slices in each epoch
REPEAT = 8  # times that a single slice is seen in an epoch, each time varied anew
SOFTNESS = 2.5  # width of a slice's target over the sections, on the scale 0..100
TELLING = 0.5  # probability of the true section's neighbourhood from which a patch counts as telling


def load_slices(data: Path, cache: Path) -> tuple[Slices, Slices]:
    """Known and scan slices, made once."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        known, scans = known_slices(data), scan_slices(data)
        names = Slices.__dataclass_fields__
        arrays = {f"known_{n}": getattr(known, n) for n in names} | {f"scans_{n}": getattr(scans, n) for n in names}
        np.savez(cache, **arrays)
    with np.load(cache) as stored:
        parts = [
            Slices(*(stored[f"{group}_{name}"] for name in Slices.__dataclass_fields__)) for group in ("known", "scans")
        ]
    return parts[0], parts[1]


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    """(B, 1, S, S) of 0..1."""
    return torch.from_numpy(pictures.astype(np.float32) / 255.0)[:, None]


def targets(position: np.ndarray) -> torch.Tensor:
    """(B, SECTIONS) soft truth about positions 0..100."""
    centres = section_centres(SECTIONS)
    weight = np.exp(-0.5 * ((position[:, None] - centres[None]) / SOFTNESS) ** 2) + 1e-9
    return torch.from_numpy((weight / weight.sum(1, keepdims=True)).astype(np.float32))


def answers(network: SliceNetwork, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Section probabilities (n, SECTIONS) and turn probabilities (n, 4) of cached slices, as used."""
    network.eval()
    sections, turns = [], []
    with torch.inference_mode():
        for start in range(0, len(pictures), 64):
            _, answer, turn = network(plain(as_tensor(pictures[start : start + 64])))
            sections.append(answer.exp().numpy())
            turns.append(torch.softmax(turn, 1).numpy())
    return np.concatenate(sections), np.concatenate(turns)


def expected(probabilities: np.ndarray) -> np.ndarray:
    """(n,) expected position."""
    return probabilities @ section_centres(SECTIONS)


def loss_of(
    network: SliceNetwork, views: torch.Tensor, truth: torch.Tensor, turn: torch.Tensor, stage: str
) -> torch.Tensor:
    """Loss of a batch."""
    votes, answer, turns = network(views)
    loss = -(truth * answer).sum(1).mean()
    if network.patches:
        loss = loss - 0.5 * (truth * voted(votes)).sum(1).mean()
    loss = loss + 0.3 * functional.cross_entropy(turns, turn, label_smoothing=0.05)
    if stage == "boosting" and network.patches:
        log_patches = torch.log_softmax(votes.flatten(2), dim=1)  # (B, sections + 1, places)
        with torch.no_grad():
            near = (truth > 0.05 * truth.max(1, keepdim=True).values).float()
            telling = (log_patches[:, :-1].exp() * near[:, :, None]).sum(1)
            best = telling >= telling.topk(6, dim=1).values[:, -1:]  # some patch must tell
            tells = (telling > TELLING) | best
        right = -(truth[:, :, None] * log_patches[:, :-1]).sum(1)
        nothing = -log_patches[:, -1]
        loss = loss + 0.25 * ((right * tells).sum() / tells.sum() + (nothing * ~tells).sum() / (~tells).sum().clamp(1))
    return loss


def train(known: Slices, scans: Slices, patches: bool, out: Path, seed: int, log: Path) -> SliceNetwork:
    """One network; resumes."""
    torch.manual_seed(seed)
    network = SliceNetwork(patches=patches)
    total = sum(EPOCHS.values())
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    first = 0
    if out.exists():
        state = torch.load(out, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        first = int(state["epoch"])
    stages = [stage for stage, epochs in EPOCHS.items() for _ in range(epochs)]
    for epoch in range(first, total):
        started = time.monotonic()
        stage = stages[epoch]
        rng = np.random.default_rng([seed, epoch])
        generator = torch.Generator().manual_seed(1000 * seed + epoch)
        some = rng.permutation(len(scans.mm))[:SCAN_SLICES]
        images = np.concatenate([np.repeat(known.pictures, REPEAT, 0), scans.pictures[some]])
        where = np.concatenate([np.repeat(known.position, REPEAT), scans.position[some]])
        order = rng.permutation(len(images))
        for group in optimizer.param_groups:
            group["lr"] = float(2e-3 * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * epoch / total))))
        network.train()
        losses = []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            index = order[start : start + BATCH]
            turn = torch.from_numpy(rng.integers(0, 4, len(index)) * (rng.random(len(index)) < FLIPPED * 4 / 3))
            views = flip(vary(as_tensor(images[index]), generator), turn)
            # A wrongly turned slice must still be placed: the turn is told beside it.
            loss = loss_of(network, views, targets(where[index]), turn, stage)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimizer.step()
            losses.append(float(loss.detach()))
        state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch + 1}
        torch.save(state, out)
        record = {"run": out.stem, "epoch": epoch, "stage": stage, "loss": round(float(np.mean(losses)), 4)}
        record["seconds"] = round(time.monotonic() - started, 1)
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    return network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/slice_position"))
    parser.add_argument("--runs", nargs="*", default=[], help="names of runs, such as patches_0; all when left out")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    known, scans = load_slices(arguments.data, arguments.work / "cache.npz")
    for kind in ("patches", "plain"):
        for fold in range(FOLDS + (kind == "patches")):  # the last run of the network that is shipped: on everything
            name = f"{kind}_{fold}"
            if arguments.runs and name not in arguments.runs:
                continue
            a, b = known.take(known.fold != fold), scans.take(scans.fold != fold)
            out = arguments.work / f"{name}.pt"
            train(a, b, kind == "patches", out, fold, arguments.work / "log.jsonl")


if __name__ == "__main__":
    main()
