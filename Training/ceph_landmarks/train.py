"""Train the landmark networks of lateral cephalograms; stops and resumes at any time.

    python -m Training.ceph_landmarks.train --data ../shared/data --work build/ceph_landmarks --processes 2
    python -m Training.ceph_landmarks.finish --data ../shared/data --work build/ceph_landmarks

Stage A learns from ISBI films 001-150 alone (every tenth kept out, `data.split_of`) and is what the figure "a clinic
never seen" is measured with. Stage B goes on from it with the Hamedan films added (one in five kept out); its films
kept out say how sure the points are. Stage C goes on from both with ISBI's kept-out films added, too, and is shipped
with the calibration of stage B. Each stage trains the coarse network (whole film) and the fine one (the face in its
canonical frame). The state of each job (weights, running mean of weights, optimiser, position) is saved after every
epoch; starting the same command again goes on from there. The shipped networks took 256 minutes of busy cores; two
jobs run side by side with `--processes 2`, which ends after the longer of two chains, three hours by that log.
With `--device cuda` only the networks run on the GPU; films are turned and bent by the CPU.

Another set of films or landmarks: see `data.Source`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.networks.nets import UNet

from CephSketcherLib.landmarks.face_frame import robust_similarity
from CephSketcherLib.landmarks.network import CANVAS, FACE, channels, fine_input, letterbox, map_of_face
from Training.weights import follow, mean_of

from . import augment, data
from .losses import coarse_loss, fine_loss

COARSE, FINE = "coarse", "fine"


def network_config(kind: str, landmarks: int) -> dict[str, Any]:
    """Arguments of MONAI's UNet."""
    shape = (
        {"in_channels": 2, "channels": [16, 32, 64, 128, 192, 256], "strides": [2, 2, 2, 2, 2]}
        if kind == COARSE
        else {"in_channels": 8, "channels": [16, 32, 64, 96, 128, 192], "strides": [1, 2, 2, 2, 2]}
    )
    rest = {"spatial_dims": 2, "out_channels": landmarks, "num_res_units": 2, "norm": "batch", "act": "LEAKYRELU"}
    return shape | rest


@dataclass(frozen=True)
class Job:
    """One network of one stage.

    Attributes:
        clinics: films of the split `train` of these are used, as often as said.
        after: job whose weights it starts from; "" for fresh ones.
        inner: also uses the films kept out for choices and calibration, which must be over by then.
    """

    name: str
    kind: str
    epochs: int
    rate: float
    clinics: dict[str, int]
    after: str = ""
    batch: int = 4
    inner: bool = False


JOBS = (
    Job("coarse_a", COARSE, 36, 3e-3, {"isbi": 1}, batch=8),
    Job("fine_a", FINE, 50, 3e-3, {"isbi": 1}),
    Job("coarse_b", COARSE, 4, 1e-3, {"isbi": 1, "hamedan": 1}, "coarse_a", 8),
    Job("fine_b", FINE, 24, 1.5e-3, {"isbi": 1, "hamedan": 1}, "fine_a"),
    Job("fine_b2", FINE, 11, 1.2e-3, {"isbi": 2, "hamedan": 1}, "fine_b"),
    Job("fine_b3", FINE, 22, 1.5e-3, {"isbi": 2, "hamedan": 1}, "fine_b2"),
    Job("fine_a2", FINE, 130, 2e-3, {"isbi": 1}, "fine_a"),
    Job("fine_b4", FINE, 70, 2e-3, {"isbi": 2, "hamedan": 1}, "fine_b3"),
    Job("fine_a3", FINE, 40, 1e-3, {"isbi": 1}, "fine_a2", inner=True),
    Job("fine_b5", FINE, 20, 1e-3, {"isbi": 2, "hamedan": 1}, "fine_b4", inner=True),
)
#: Coarse job, fine jobs whose answers are averaged, and the fine job of one clinic alone that joins where it agrees;
#: "+" joins jobs of one network whose weights are averaged, the end of one course of the learning rate and the next.
STAGES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "a": ("coarse_a", ("fine_a+fine_a2",), ""),
    "b": ("coarse_b", ("fine_b4",), "fine_a+fine_a2"),
    "c": ("coarse_b", ("fine_b5",), "fine_a+fine_a3"),
}


def batch_of(
    films: data.Films, order: np.ndarray, kind: str, shape: np.ndarray, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random views of films: pictures (n, 1, h, w), points (n, readers, L, 2) on them, present (n,)."""
    pictures, points, present = [], [], []
    for i in order:
        picture = films.pictures[i]
        if kind == COARSE:
            start, canvas, strength = letterbox(picture.shape[0], picture.shape[1]), CANVAS, augment.COARSE
        else:
            mean = np.nanmean(films.points[i], 0)
            noisy = mean + rng.normal(0, 2.0 * data.CACHE_ZOOM, mean.shape)  # as the coarse points will be
            start, canvas, strength = robust_similarity(noisy, shape), FACE, augment.FINE
        seen, where = augment.view(picture, films.points[i], start, canvas, strength, rng)
        seen = augment.grey(seen, rng)
        empty = kind == COARSE and rng.random() < 0.22
        pictures.append(augment.nothing(seen, rng) if empty else seen)
        points.append(where)
        present.append(not empty)
    return torch.cat(pictures), torch.stack(points), torch.tensor(present)


def loss_of(
    network: torch.nn.Module, kind: str, batch: tuple[torch.Tensor, torch.Tensor, torch.Tensor], device: str = "cpu"
) -> torch.Tensor:
    """Loss of a batch as `batch_of` gives it; the maps come back to the CPU, where everything else is."""
    pictures, points, present = batch
    seen = channels(pictures) if kind == COARSE else fine_input(pictures)
    logits = network(seen.contiguous(memory_format=torch.channels_last).to(device)).cpu()
    return coarse_loss(logits, points, present) if kind == COARSE else fine_loss(logits, map_of_face(points))


def train(job: Job, films: data.Films, shape: np.ndarray, work: Path, stop: float, device: str = "cpu") -> bool:
    """Run or go on with a job; False when time was up before its end."""
    config = network_config(job.kind, len(shape))
    network = UNet(**config).to(memory_format=torch.channels_last)  # type: ignore[arg-type]
    average = UNet(**config).to(device)  # type: ignore[arg-type]
    network.to(device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=job.rate, weight_decay=1e-2)
    state_file, epoch = work / f"{job.name}.pt", 0
    if state_file.exists():
        state = torch.load(state_file, map_location="cpu", weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        epoch = state["epoch"]
    elif job.after:
        state = torch.load(work / f"{job.after}.pt", map_location="cpu", weights_only=True)
        network.load_state_dict(state["average"])
    else:
        torch.manual_seed(0)
        network.apply(lambda layer: getattr(layer, "reset_parameters", lambda: None)())
        state = {}
    average.load_state_dict(state.get("average", network.state_dict()))
    names = ("train", "inner") if job.inner else ("train",)
    chosen = np.concatenate([np.repeat(films.where(name, *names), times) for name, times in job.clinics.items()])
    steps = len(chosen) // job.batch
    while epoch < job.epochs:
        started = time.monotonic()
        rng = np.random.default_rng([len(job.name), ord(job.name[-1]), epoch])
        order = rng.permutation(chosen)
        network.train()
        losses = []
        for step in range(steps):
            done = epoch * steps + step + 1
            progress = done / (job.epochs * steps)
            rate = job.rate * min(1.0, done / 100) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * progress)))
            for group in optimiser.param_groups:
                group["lr"] = float(rate)
            part = order[step * job.batch : (step + 1) * job.batch]
            loss = loss_of(network, job.kind, batch_of(films, part, job.kind, shape, rng), device)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            losses.append(loss.item())
            follow(average, network, 1 - min(0.995, done / (done + 10)))
        epoch += 1
        record = {
            "network": network.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "epoch": epoch,
        }
        unfinished = state_file.with_suffix(".tmp")
        torch.save(record, unfinished)
        unfinished.replace(state_file)
        line = {"job": job.name, "epoch": epoch, "loss": round(float(np.mean(losses)), 4)}
        line["seconds"] = round(time.monotonic() - started, 1)
        with open(work / "log.jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")
        print(line, flush=True)
        if time.monotonic() > stop and epoch < job.epochs:
            return False
    return True


def kind_of(job: str) -> str:
    """Of the network of a job, or of several joined by "+"."""
    return job.partition("_")[0]


def weights_of(work: Path, job: str) -> dict[str, torch.Tensor]:
    """The running mean of a job's weights; of jobs joined by "+", the mean of theirs."""
    states = (torch.load(work / f"{name}.pt", map_location="cpu", weights_only=True) for name in job.split("+"))
    return mean_of([state["average"] for state in states])


def canonical(folder: Path, work: Path) -> np.ndarray:
    """The mean face that fixes the canonical frame, (L, 2) face pixels; kept beside the weights."""
    path = work / "shape.json"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data.canonical_shape(data.isbi(folder)).round(3).tolist()), encoding="utf-8")
    return np.array(json.loads(path.read_text(encoding="utf-8")))


def is_done(job: Job, work: Path) -> bool:
    """Whether a job has seen all its epochs."""
    path = work / f"{job.name}.pt"
    return path.exists() and torch.load(path, map_location="cpu", weights_only=True)["epoch"] >= job.epochs


def side_by_side(jobs: list[Job], work: Path, processes: int, command: list[str]) -> None:
    """Run jobs in processes of one thread each, every one as soon as the job that it comes after is done.

    Args:
        command: starts this file; the job is put behind it.

    Raises:
        SystemExit: a job failed, and the others were ended; or time was up.
    """
    waiting = [job for job in jobs if not is_done(job, work)]
    running: dict[str, subprocess.Popen[bytes]] = {}
    late = False
    try:
        while waiting or running:
            busy = {*running, *(job.name for job in waiting)}
            for job in [job for job in waiting if job.after not in busy][: processes - len(running)]:
                waiting.remove(job)
                environment = os.environ | {"OMP_NUM_THREADS": "1"}
                running[job.name] = subprocess.Popen([*command, "--jobs", job.name], env=environment)
            time.sleep(0.5)
            ended = {name: process.returncode for name, process in running.items() if process.poll() is not None}
            for name, code in ended.items():
                del running[name]
                if code:
                    raise SystemExit(f"{name} failed with code {code}")
                if not is_done(next(job for job in jobs if job.name == name), work):
                    waiting.clear()  # time is up: the others end after their epoch, too
                    late = True
    finally:
        for process in running.values():
            process.terminate()
            process.wait()
    if late:
        raise SystemExit("time is up; start again to go on")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with ceph/isbi2015 and ceph/hamedan")
    parser.add_argument("--work", type=Path, default=Path("build/ceph_landmarks"))
    parser.add_argument("--minutes", type=float, default=10_000, help="stop after the epoch in which time is up")
    parser.add_argument("--jobs", default=",".join(job.name for job in JOBS))
    parser.add_argument("--processes", type=int, default=1, help="how many jobs run side by side, a thread each")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    stop = time.monotonic() + 60 * arguments.minutes
    shape = canonical(arguments.data, arguments.work)
    sources = [data.isbi(arguments.data), data.hamedan(arguments.data)]
    films = data.load(sources, shape, arguments.work / "cache.npz")
    jobs = [job for job in JOBS if job.name in arguments.jobs.split(",")]
    if arguments.processes > 1:
        command = [sys.executable, "-m", "Training.ceph_landmarks.train", "--device", arguments.device]
        for name in ("data", "work", "minutes"):
            command += [f"--{name}", str(getattr(arguments, name))]
        side_by_side(jobs, arguments.work, arguments.processes, command)
    for job in jobs:
        if not train(job, films, shape, arguments.work, stop, arguments.device):
            print("time is up; start again to go on", flush=True)
            return
    print("done", flush=True)


if __name__ == "__main__":
    main()
