"""Train the ensemble, one network after another; resumes where it was stopped.

    python -m Training.lung_texture.train --data ../shared/data --work build/lung_texture --minutes 25

Networks: several without the last fold, which stands for later subjects; one without each other fold; several on
everything, which are shipped. `--minutes` is processor time for all of them; each trained one is kept as a file.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from LungTextureLib.classes import KEYS
from LungTextureLib.texture_network import TextureNetwork
from Training.lung_texture import data
from Training.lung_texture.looks import varied
from Training.weights import follow

MEMBERS = 3
BATCH, RATE, DECAY, SMOOTHING = 40, 4e-3, 2e-2, 0.04


def runs() -> list[tuple[str, int]]:
    """Name and fold left out (-1: none) of every network, the most telling first."""
    pairs = [((f"fold{data.LATER}_{n}", data.LATER), (f"all_{n}", -1)) for n in range(MEMBERS)]
    others = [(f"fold{fold}_0", fold) for fold in reversed(range(data.FOLDS)) if fold != data.LATER]
    return [run for pair in pairs for run in pair] + others


def train_one(
    patches: data.Patches, seconds: float, seed: int, device: str, begin: Path | None
) -> tuple[TextureNetwork, list[float]]:
    """A network on all the patches given, in so many seconds of processor time; the running mean of its weights.

    Args:
        begin: weights that it goes on from, which must not have seen what is kept aside.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    network, mean = (TextureNetwork(len(KEYS)).to(device, memory_format=torch.channels_last) for _ in range(2))
    if begin is not None:
        network.load_state_dict(torch.load(begin, weights_only=True))
    mean.load_state_dict(network.state_dict())
    rate = RATE if begin is None else RATE / 2
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=DECAY)
    hu, lung = (torch.from_numpy(array)[:, None] for array in (patches.hu, patches.lung))
    label = torch.from_numpy(patches.label)
    paraseptal = label == KEYS.index("PS")
    walls = lung[paraseptal & (lung.float().mean((1, 2, 3)) < 0.95)]
    balance = np.sqrt(1 / np.bincount(patches.label, minlength=len(KEYS)))[patches.label]
    start, step, losses = time.process_time(), 0, []
    network.train()
    while (done := (time.process_time() - start) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, done / 0.05) * (0.5 + 0.5 * math.cos(math.pi * done))
        pick = torch.from_numpy(chance.choice(len(label), BATCH, p=balance / balance.sum()))
        batch = varied(hu[pick].clone(), lung[pick], paraseptal[pick], walls).to(device)
        with torch.autocast("cuda" if device.startswith("cuda") else "cpu", torch.bfloat16):
            answer = network(batch)[:, :, 0, 0]
        loss = F.cross_entropy(answer.float(), label[pick].to(device), label_smoothing=SMOOTHING)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        step += 1
        follow(mean, network, max(0.004, 1 / (step + 1)))
        losses.append(loss.item())
    return mean.eval(), [float(np.mean(losses[-200:])), float(step * BATCH / len(label))]


def answers(network: torch.nn.Module, hu: np.ndarray, turns: bool = False) -> np.ndarray:
    """(n, classes) log probabilities; ``turns``: their mean over the eight turned and mirrored patches."""
    ways = [(turn, flip) for turn in range(4) for flip in (False, True)] if turns else [(0, False)]
    picture = torch.from_numpy(np.asarray(hu, np.float32))[:, None]
    found = []
    with torch.inference_mode():
        for turn, flip in ways:
            seen = torch.rot90(picture.flip(3) if flip else picture, turn, (2, 3)).contiguous()
            found.append(torch.cat([network(part)[:, :, 0, 0] for part in seen.split(128)]))
    return torch.log_softmax(torch.stack(found).mean(0), 1).numpy()


def balanced_accuracy(label: np.ndarray, found: np.ndarray) -> float:
    """Mean of the classes' recalls."""
    return float(np.mean([(found[label == number] == number).mean() for number in np.unique(label)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/lung_texture"))
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", default="", help="networks whose names begin so")
    parser.add_argument("--begin", type=Path, help="weights without the last fold that all of them go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    patches = data.load(arguments.data)
    for number, (name, left_out) in enumerate(runs()):
        path = arguments.work / f"{name}.pt"
        if path.exists() or not name.startswith(arguments.only):
            continue
        seconds = 60 * arguments.minutes / len(runs())
        known = patches.of(patches.fold != left_out)
        network, record = train_one(known, seconds, 100 + number, arguments.device, arguments.begin)
        torch.save(network.cpu().state_dict(), path)
        said: dict[str, object] = {"network": name, "loss": round(record[0], 3), "epochs": round(record[1], 1)}
        if left_out >= 0:
            aside = patches.of(patches.fold == left_out)
            for turns in (False, True):
                found = answers(network, aside.hu, turns).argmax(1)
                said["turned" if turns else "as it lies"] = round(balanced_accuracy(aside.label, found), 4)
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
