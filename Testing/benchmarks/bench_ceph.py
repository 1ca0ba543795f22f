"""Time one film through the landmark task with the models loaded, then outlines and measures. Not a test.

.venv/bin/python Testing/benchmarks/bench_ceph.py [--film FILE] [--runs 7]
"""

from __future__ import annotations

import argparse
import platform
import resource
import time
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path, help="a film; the generated sample without one")
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    from deepmed_headless import boot, load_named

    boot()
    import slicer
    import torch

    logic = load_named("CephSketcher").CephSketcherLogic()
    logic.runInProcess = True
    seconds: dict[str, list[float]] = {"task": [], "whole": []}
    for run in range(arguments.runs + 1):
        slicer.mrmlScene.Clear(0)
        node = logic.loadFilm(arguments.film) if arguments.film else _sample()
        started = time.perf_counter()
        preparation = logic.prepare(node)
        before = time.perf_counter()
        computed = _run(preparation)
        after = time.perf_counter()
        logic.finish(preparation, computed)
        if run:  # the first loads the models
            seconds["whole"].append(time.perf_counter() - started)
            seconds["task"].append(after - before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    models = Path(logic.modelsFolder())
    weights = sum(path.stat().st_size for path in models.rglob("model.npz"))
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    for name, values in seconds.items():
        spread = f"min {min(values):.3f}, max {max(values):.3f}"
        print(f"{name:8s} median {np.median(values):.3f} s, {spread} ({len(values)} runs)")
    print(f"peak memory {peak:.0f} MB, model files {weights / 1e6:.1f} MB")


def _sample() -> object:
    from CephSketcherMrml import samples

    return samples.loadPhantom()


def _run(preparation: object) -> object:
    from DeepMedLib.jobs.task import run_here

    return run_here(preparation.task)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
