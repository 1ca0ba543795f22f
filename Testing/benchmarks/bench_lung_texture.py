"""Time and memory of `deepmed texture`'s task on a chest CT of 512 x 512 x 300. Not a test.

.venv/bin/python Testing/benchmarks/bench_lung_texture.py [--threads 2] [--slices 300]
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from pathlib import Path

from DeepMedLib.jobs.task import Task, run_here
from Testing.benchmarks.bench_ct_masks import large_phantom

MODELS = Path(__file__).resolve().parents[2] / "LungTexture" / "Resources" / "LungTextureModels"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--slices", type=int, default=300)
    arguments = parser.parse_args()
    import SimpleITK as sitk
    import torch

    torch.set_num_threads(arguments.threads)
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(arguments.threads)
    values, _labels, grid = large_phantom(arguments.slices)
    asked = {"resources": str(MODELS), "device": "cpu", "ijk_to_ras": grid.ijk_to_ras.tolist(), "scan": "bench"}
    wall, processor = time.perf_counter(), time.process_time()
    found = run_here(Task("LungTextureLib.texture_task:run", {"volume": values}, asked), None)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{platform.machine()}, {arguments.threads} threads, load {os.getloadavg()[0]:.1f}, {values.shape[::-1]}")
    print(f"{wall:.1f} s ({processor:.1f} s of processor time), peak {peak:.1f} GB")
    print(found.values["result"]["seconds"])


if __name__ == "__main__":
    main()
