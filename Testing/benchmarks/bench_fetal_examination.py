"""Time a whole examination of 20 pictures in one worker, models loaded and not. Not a test.

.venv/bin/python Testing/benchmarks/bench_fetal_examination.py [--data ../shared/data] [--threads 2]
"""

from __future__ import annotations

import argparse
import platform
import resource
import time
from collections import Counter
from pathlib import Path

import numpy as np

RESOURCES = Path(__file__).resolve().parents[2] / "FetalBiometry" / "Resources" / "FetalBiometryModels"


def phantoms() -> list[np.ndarray]:
    """20 stills, five of each plane."""
    from FetalBiometryLib.phantom.abdomen import abdomen_phantom
    from FetalBiometryLib.phantom.femur import femur_phantom
    from FetalBiometryLib.phantom.head import head_phantom
    from FetalBiometryLib.phantom.thorax import thorax_phantom

    makers = (head_phantom, abdomen_phantom, femur_phantom, thorax_phantom)
    return [make(seed).picture for make in makers for seed in range(1, 6)]


def real(data: Path) -> list[np.ndarray]:
    """20 pictures of FETAL_PLANES, five or so of each plane."""
    from PIL import Image

    paths = sorted((data / "fetal" / "fetal_planes" / "images").glob("*.jpg"))
    chosen = [p for plane in (2, 3, 5, 6) for p in [q for q in paths if f"_Plane{plane}_" in q.name][:5]]
    return [np.asarray(Image.open(p).convert("L")) for p in chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    import torch

    from DeepMedLib.jobs.task import Task, run_here

    torch.set_num_threads(arguments.threads)
    pictures = real(arguments.data) if arguments.data else phantoms()
    arrays = {f"picture_{i}": p for i, p in enumerate(pictures)}
    task = Task(
        "FetalBiometryLib.inference.task:run_many",
        arrays,
        {"resources": str(RESOURCES), "device": "cpu", "plane": "auto"},
    )
    print(f"{platform.machine()}, {arguments.threads} threads, torch {torch.__version__}, {len(pictures)} pictures")
    for name in ("cold", "warm", "warm"):
        started, worked = time.perf_counter(), time.process_time()
        result = run_here(task)
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
        planes = Counter(r["plane"] if not r["abstained"] else "abstained" for r in result.values["results"])
        took = f"{seconds:.2f} s ({worked:.2f} s of processor time), {1000 * seconds / len(pictures):.0f} ms a picture"
        print(f"{name}: {took}, {dict(planes)}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
