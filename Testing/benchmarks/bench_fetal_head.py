"""Time one picture through the whole Logic with the model loaded, and the memory it takes. Not a test.

.venv/bin/python Testing/benchmarks/bench_fetal_head.py [--runs 9]
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
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    from deepmed_headless import boot, load_named

    boot()
    import slicer
    import torch

    module = load_named("FetalBiometry")
    logic = module.FetalBiometryLogic()
    logic.runInProcess = True
    seconds: dict[str, list[float]] = {"whole": [], "network": []}
    for run in range(arguments.runs + 1):
        slicer.mrmlScene.Clear(0)
        node = module.samples.loadPhantom(seed=run + 1)
        started = time.perf_counter()
        preparation = logic.prepare(node, device="cpu", plane="head")
        before = time.perf_counter()
        computed = module.run_here(preparation.task)
        after = time.perf_counter()
        logic.finish(preparation, computed)
        if run:  # the first loads the model
            seconds["whole"].append(time.perf_counter() - started)
            seconds["network"].append(after - before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    weights = Path(logic.modelsFolder()) / "head" / "models" / "model.npz"
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}, 800 x 540 phantoms")
    for name, values in seconds.items():
        spread = f"min {min(values):.3f}, max {max(values):.3f}"
        print(f"{name:8s} median {np.median(values):.3f} s, {spread} ({len(values)} runs)")
    print(f"peak memory {peak:.0f} MB, model file {weights.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
