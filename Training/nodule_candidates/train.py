"""Train the candidates' stream: `python -m Training.nodule_candidates.train --data ../shared/data`.

On LUNA16's candidate patches alone, without the blocks of rows that judge it. Resumes from --work; --minutes counts the
processor's minutes over all calls, and the learning rate falls to its end with them.
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

from NoduleCADLib.classify.candidate_network import CandidateNetwork
from Training.nodule_candidates.data import Patches, load_patches, split
from Training.nodule_candidates.looks import vary
from Training.weights import follow

BATCH = 64
NODULES = 0.35  # share of nodules in a batch; 0.17 of the patches are
RATE = 2e-3
HARD = 0.5  # other candidates are drawn half evenly, half by how much they were mistaken for nodules


def batch_of(patches: Patches, mistaken: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(BATCH,) places of a batch's patches."""
    nodules, others = np.flatnonzero(patches.label == 1), np.flatnonzero(patches.label == 0)
    positive = round(NODULES * BATCH)
    weight = (1 - HARD) / len(others) + HARD * mistaken[others] / mistaken[others].sum()
    drawn = rng.choice(others, BATCH - positive, p=weight / weight.sum())
    return np.concatenate([rng.choice(nodules, positive), drawn])


def train(patches: Patches, state_file: Path, minutes: float, device: str, seed: int) -> torch.nn.Module:
    """The running mean of the network's weights; resumes."""
    torch.manual_seed(seed)
    network = CandidateNetwork().to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=2e-2)
    step, spent = 0, 0.0
    mistaken = np.ones(len(patches.label))
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent, mistaken = state["step"], state["spent"], state["mistaken"].numpy()
    losses: list[float] = []
    started = time.process_time()
    while (done := (spent + time.process_time() - started) / (60.0 * minutes)) < 1.0:
        rng, generator = np.random.default_rng([seed, step]), torch.Generator().manual_seed(1_000_003 * seed + step)
        of = batch_of(patches, mistaken, rng)
        views = vary(patches.pictures[of], generator).to(device, memory_format=torch.channels_last)
        truth = torch.from_numpy(patches.label[of].astype(np.float32)).to(device)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 200) * (0.01 + 0.495 * (1 + math.cos(math.pi * done)))
        network.train()
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            logit = network(views)
        smooth = truth * 0.96 + 0.02
        loss = functional.binary_cross_entropy_with_logits(logit.float(), smooth)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        follow(average, network, max(0.003, 1 / (2 + step / 5)))  # of a short run: its last fifth
        losses.append(float(loss.detach()))
        seen = torch.sigmoid(logit.detach().float()).cpu().numpy()
        mistaken[of] = 0.7 * mistaken[of] + 0.3 * (seen + 0.02)
        step += 1
        if step % 200 == 0:
            used = spent + time.process_time() - started
            torch.save(
                {
                    "network": network.state_dict(),
                    "average": average.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "step": step,
                    "spent": used,
                    "mistaken": torch.from_numpy(mistaken),
                },
                state_file,
            )
            record = {"run": state_file.stem, "step": step, "minutes": round(used / 60, 2)}
            record["loss"] = round(float(np.mean(losses[-200:])), 4)
            with open(state_file.with_suffix(".jsonl"), "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
    torch.save(average.state_dict(), state_file.with_name(f"{state_file.stem}_done.pt"))
    return average


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/nodule_candidates"))
    parser.add_argument("--fold", type=int, default=0, help="blocks of rows that are kept aside")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    patches = load_patches(arguments.data)
    of, _ = split(patches.row, arguments.fold)
    state_file = arguments.work / f"fold_{arguments.fold}.pt"
    train(patches.take(of), state_file, arguments.minutes, arguments.device, seed=arguments.fold)


if __name__ == "__main__":
    main()
