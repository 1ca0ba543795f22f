"""Train a network on pairs that are made on the fly; resumable, for so many minutes.

.venv/bin/python -m Training.xray_poses.train --network shared --data ../shared/data --out build/xray_poses --minutes 20
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from Registration2D3DLib.learned.stage import make_network
from Registration2D3DLib.rendering.volume import averaged

from .data import TRAINED, VALIDATED, read_ct
from .simulated import Pairs, pairs_of

NAMES = ("shared", "published")
_RATE, _VOXEL_MM, _BATCHED = 1.5e-3, 3.0, 2
_SEED = 14_000_000


def loss_of(name: str, network: torch.nn.Module, pairs: Pairs) -> torch.Tensor:
    """Of displacements their Gaussian likelihood, of the parameters Huber's."""
    if name == "published":
        told = network(pairs.patches[:, :, 0] - pairs.patches[:, :, 1], pairs.places)
        return torch.nn.functional.smooth_l1_loss(told, pairs.motions, beta=0.5)
    told = network(pairs.patches.flatten(0, 1))
    square = ((told[:, :2] - pairs.displacements.flatten(0, 1)) ** 2).sum(1)
    log_variance = told[:, 2].clamp(-4, 6)
    return (square / (2 * log_variance.exp()) + log_variance).mean()


@torch.no_grad()
def errors_of(name: str, network: torch.nn.Module, pairs: Pairs) -> list[float]:
    """Median errors in pixels: of the landmarks, or of the three groups; then those of telling nothing."""
    if name == "published":
        told = network(pairs.patches[:, :, 0] - pairs.patches[:, :, 1], pairs.places)
        apart, plain = (told - pairs.motions).abs(), pairs.motions.abs()
        parts = (slice(0, 3), slice(3, 5), slice(5, 6))
        return [round(float(each[:, part].median()), 3) for each in (apart, plain) for part in parts]
    told = network(pairs.patches.flatten(0, 1))
    true = pairs.displacements.flatten(0, 1)
    sure = told[:, 2] <= told[:, 2].median()
    apart = (told[:, :2] - true).norm(dim=1)
    return [round(float(each.median()), 3) for each in (apart, apart[sure], true.norm(dim=1))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=NAMES, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20.0, help="of all runs together")
    parser.add_argument("--device", default="cpu", help="of the network; pairs are made on the CPU")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(_SEED)
    network = make_network(args.network).to(args.device)
    optimizer = torch.optim.AdamW(network.parameters(), _RATE)
    state: dict[str, Any] = {"step": 0, "minutes": 0.0}
    checkpoint = args.out / f"{args.network}.pt"
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
    scans = [_coarse(args.data, name) for name in TRAINED]
    kept = [_coarse(args.data, name) for name in VALIDATED]
    rng = np.random.default_rng(7)
    judged = _joined([pairs_of(*kept[n % len(kept)], rng) for n in range(12)], args.device)
    rng = np.random.default_rng(_SEED + state["step"])
    began, step, done = time.monotonic(), int(state["step"]), float(state["minutes"])
    spent = done
    while spent < args.minutes:
        pairs = _joined([pairs_of(*scans[rng.integers(len(scans))], rng) for _ in range(_BATCHED)], args.device)
        for group in optimizer.param_groups:
            group["lr"] = _RATE * max(0.02, 0.5 * (1 + math.cos(math.pi * min(1.0, spent / args.minutes))))
        optimizer.zero_grad()
        loss_of(args.network, network, pairs).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        spent = done + (time.monotonic() - began) / 60
        if step % 100 == 0 or spent >= args.minutes:
            row = {"step": step, "minutes": round(spent, 2), "errors_px": errors_of(args.network, network, judged)}
            print(json.dumps(row), flush=True)
            kept_state = {"step": step, "minutes": spent, "network": network.state_dict()}
            torch.save(kept_state | {"optimizer": optimizer.state_dict()}, checkpoint.with_suffix(".unfinished"))
            checkpoint.with_suffix(".unfinished").replace(checkpoint)


def _coarse(data: Path, name: str) -> tuple[np.ndarray, Any]:
    mu, grid = averaged(*read_ct(data, name), _VOXEL_MM)
    return mu.numpy(), grid


def _joined(parts: list[Pairs], device: str) -> Pairs:
    names = ("patches", "displacements", "places", "motions")
    return Pairs(*(torch.cat([getattr(part, name) for part in parts]).to(device) for name in names))


if __name__ == "__main__":
    main()
