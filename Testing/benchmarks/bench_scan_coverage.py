"""Time a CT of 512 x 512 x 300 through the whole Logic with the model loaded, and the memory it takes. Not a test.

.venv/bin/python Testing/benchmarks/bench_scan_coverage.py [--runs 3] [--size 512 300]
"""

from __future__ import annotations

import argparse
import platform
import resource
import time

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--size", type=int, nargs=2, default=(512, 300), metavar=("COLUMNS", "SLICES"))
    arguments = parser.parse_args()
    from deepmed_headless import boot, load_named

    boot()
    import slicer
    import torch

    from DeepMedLib.geometry import Grid
    from DeepMedLib.mrml.inputs.volumes import volumeFromArray
    from DeepMedLib.resampling import resample

    module = load_named("ScanCoverage")
    logic = module.ScanCoverageLogic()
    logic.runInProcess = True
    phantom = module.trunkPhantom.phantom()
    columns, slices = arguments.size
    extent = np.array(phantom.grid.size_ijk) * phantom.grid.spacing
    spacing = extent / np.array([columns, columns, slices])
    target = Grid.from_parts(spacing, phantom.grid.origin, phantom.grid.directions, (slices, columns, columns))
    array = resample(phantom.values, phantom.grid, target, fill=-1000)
    rng = np.random.default_rng(0)
    array = array + rng.integers(-20, 21, array.shape, np.int16)
    seconds: dict[str, list[float]] = {"verdict": [], "with lungs and airways": []}
    for run in range(arguments.runs + 1):
        for name, lungs in (("verdict", False), ("with lungs and airways", True)):
            slicer.mrmlScene.Clear(0)
            node = volumeFromArray(array, target, "scan")
            started = time.perf_counter()
            result = logic.process(node, lungs=lungs, device="cpu").result
            if run:  # the first loads the model
                seconds[name].append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shape = " x ".join(str(count) for count in target.size_ijk)
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}, phantom {shape}")
    for name, values in seconds.items():
        spread = f"min {min(values):.2f}, max {max(values):.2f}"
        print(f"{name:24s} median {np.median(values):.2f} s, {spread} ({len(values)} runs)")
    print(f"stages of the last: {result.seconds}")
    print(f"peak memory {peak:.0f} MB (two copies of the volume of this script included)")


if __name__ == "__main__":
    main()
