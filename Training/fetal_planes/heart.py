"""Train the heart network: the base network's weights go on with the thorax alone, seen from near.

    python -m Training.fetal_planes.heart --data ../shared/data --work build/fetal_planes

FOCUS `validation` pictures only (48; thorax and spine of 14), and thorax phantoms as one picture in thirty. The
square that is seen is laid about the body that the planes network finds, as it is when measuring. Stops and resumes
at any time.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from monai.networks.nets import UNet

from FetalBiometryLib.inference.canvas import picture_to_canvas
from FetalBiometryLib.inference.planes_network import HEART_CANVAS, HEART_MARGIN, heart_frame, look_at_planes
from FetalBiometryLib.inference.task import BODY
from FetalBiometryLib.phantom.head import TRAINING_SEED
from FetalBiometryLib.phantom.thorax import thorax_phantom
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.region import fit_region, picture_bounds
from Training.weights import follow

from . import sources
from .crossval import network_of
from .data import augment
from .sources import REGIONS, Sample
from .train import NETWORK, loss_of

STEPS, BATCH, RATE = 700, 8, 1.5e-3
WIDE = 1.5 * HEART_MARGIN  # what is cached, so that shifting and zooming out show picture and no rim
SIDE = 224
PHANTOMS = 12


def _samples(fetal: Path) -> list[Sample]:
    found = list(sources.focus(fetal / "focus_four_chamber", "validation"))
    for i in range(PHANTOMS):
        phantom = thorax_phantom(TRAINING_SEED + 500 + i, height=661, width=959)
        shape = phantom.picture.shape
        masks: dict[str, np.ndarray | None] = {
            "heart": 255 * phantom.heart.mask(shape[0], shape[1], 2),
            "thorax": 255 * phantom.thorax.mask(shape[0], shape[1], 2),
        }
        found.append(Sample(phantom.picture, masks, "thorax", "phantom", name=f"phantom_{i}"))
    return found


def load(fetal: Path, work: Path) -> dict[str, np.ndarray]:
    """pictures (n, S, S), targets (n, 7, S, S) uint8, known (n, 7), phantom (n,)."""
    file = work / "heart_cache.npz"
    if file.exists():
        return dict(np.load(file))
    network = network_of(work, "more")
    pictures, targets, known, phantom = [], [], [], []
    for sample in _samples(fetal):
        looks = look_at_planes(network, sample.picture)
        body = fit_region(*looks.union_of(BODY["thorax"]), looks.frame, picture_bounds(looks.frame))
        if body is None:
            continue
        seen = heart_frame(body.ellipse, sample.picture.shape[0], sample.picture.shape[1], WIDE)
        factor = SIDE / HEART_CANVAS[0]
        frame = Frame(
            seen.height, seen.width, SIDE, SIDE, factor * seen.scale, factor * seen.offset_x, factor * seen.offset_y
        )
        masks = {k: m for k, m in sample.masks.items() if k in ("heart", "thorax", "spine") and m is not None}
        target = np.zeros((len(REGIONS), SIDE, SIDE), np.uint8)
        for channel, mask in masks.items():
            target[REGIONS.index(channel)] = _moved(mask, frame)
        pictures.append(_moved(sample.picture, frame))
        targets.append(target)
        known.append([channel in masks for channel in REGIONS])
        phantom.append(sample.group == "phantom")
    cache = {
        "pictures": np.stack(pictures),
        "targets": np.stack(targets),
        "known": np.array(known),
        "phantom": np.array(phantom),
    }
    np.savez(file, **cache)  # type: ignore[arg-type]
    return cache


def _moved(array: np.ndarray, frame: Frame) -> np.ndarray:
    return (picture_to_canvas(array, frame)[0, 0] * 255 + 0.5).clamp(0, 255).byte().numpy()


def train(fetal: Path, work: Path, minutes: float, device: str) -> None:
    cache = load(fetal, work)
    network = UNet(**NETWORK).to(device, memory_format=torch.channels_last)  # type: ignore[arg-type]
    average = UNet(**NETWORK).to(device)  # type: ignore[arg-type]
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-2)
    state_file, step = work / "heart.pt", 0
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    else:
        before = torch.load(work / "more.pt", weights_only=True)["average"]
        network.load_state_dict(before)
        average.load_state_dict(before)
    rng = np.random.default_rng([11, step])
    generator = torch.Generator().manual_seed(500 + step)
    hull = cache["known"][:, REGIONS.index("thorax")]
    chance = np.where(cache["phantom"], 0.0, np.where(hull, 1.5, 1.0))
    chance = chance / chance.sum() * (29 / 30) + cache["phantom"] / max(1, cache["phantom"].sum()) / 30
    unknown = torch.full((BATCH,), -1)
    network.train()
    losses: list[float] = []
    started = time.monotonic()
    stop = started + 60 * minutes
    while step < STEPS:
        warm = min(1.0, (step + 1) / 50)
        for group in optimiser.param_groups:
            group["lr"] = float(RATE * warm * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * step / STEPS))))
        index = rng.choice(len(chance), BATCH, p=chance / chance.sum())
        x = torch.from_numpy(cache["pictures"][index])[:, None].float() / 255
        y = torch.from_numpy(cache["targets"][index]).float() / 255
        # The cache shows more than the network does: a crop of the middle, moved and zoomed.
        cut = round(0.5 * SIDE * (1 - 1 / 1.4))
        x, y = x[:, :, cut:-cut, cut:-cut], y[:, :, cut:-cut, cut:-cut]
        x, y = augment(x, y, HEART_CANVAS, generator, 0.8)
        logits = network(x.to(device).contiguous(memory_format=torch.channels_last)).cpu()
        loss = loss_of(logits, y, torch.from_numpy(cache["known"][index]), unknown)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        follow(average, network, 0.01)
        if step % 50 == 0 or step == STEPS:
            state = {"network": network.state_dict(), "average": average.state_dict(), "step": step}
            torch.save({**state, "optimiser": optimiser.state_dict()}, work / "heart.tmp")
            (work / "heart.tmp").replace(state_file)
            line = {"part": "heart", "step": step, "loss": round(float(np.mean(losses)), 4)}
            print({**line, "seconds": round(time.monotonic() - started, 1)}, flush=True)
            with open(work / "log.jsonl", "a") as log:
                log.write(json.dumps(line) + "\n")
            losses, started = [], time.monotonic()
            if started > stop:
                print("time is up; start again to go on", flush=True)
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/fetal_planes"))
    parser.add_argument("--minutes", type=float, default=10_000)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    train(arguments.data / "fetal", arguments.work, arguments.minutes, arguments.device)


if __name__ == "__main__":
    main()
