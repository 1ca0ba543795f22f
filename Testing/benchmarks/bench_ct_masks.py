"""Time checks, profiles, organ verdict, lung and airway masks on a CT of 512 x 512 x 300, and the memory. Not a test.

.venv/bin/python Testing/benchmarks/bench_ct_masks.py [--threads 2] [--slices 300]
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from DeepMedLib.ct.airway import airway_tree
from DeepMedLib.ct.checks import check_ct
from DeepMedLib.ct.coverage import organ_coverage
from DeepMedLib.ct.ct_phantom import ORGANS, trunk_phantom
from DeepMedLib.ct.lungs import lung_mask
from DeepMedLib.ct.profiles import slice_profiles
from DeepMedLib.geometry import Grid


def large_phantom(slices: int) -> tuple[np.ndarray, np.ndarray, Grid]:
    """HU and organ labels of 512 x 512 x ``slices``, 0.82 x 0.82 x 1.1 mm at 300 slices, slab by slab."""
    step = 330.0 / slices
    values, labels = np.empty((slices, 512, 512), np.int16), np.empty((slices, 512, 512), np.uint8)
    grid = None
    for start in range(0, slices, 30):
        stop = min(start + 30, slices)
        part = trunk_phantom(
            (0.82, 0.82, step), (290 + start * step, 290 + stop * step), width_mm=420, depth_mm=420, seed=7, noise=25.0
        )
        values[start:stop], labels[start:stop] = part.values, part.labels
        grid = grid or part.grid
    assert grid is not None
    return values, labels, grid.cropped((0, 0, 0), (slices, 512, 512))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--slices", type=int, default=300)
    arguments = parser.parse_args()
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(arguments.threads)
    values, labels, grid = large_phantom(arguments.slices)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{platform.machine()}, {arguments.threads} threads, load {os.getloadavg()[0]:.1f}, {values.shape[::-1]}")

    def timed(name: str, work: Callable[[], Any]) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:10s} {wall:6.2f} s ({processor:5.2f} s of processor time), peak {peak:.0f} MB")
        return result

    print(
        f"before     peak {before:.0f} MB, of which {(values.nbytes + labels.nbytes) / 1e6:.0f} MB the scan and labels"
    )
    report = timed("checks", lambda: check_ct(values, grid))
    timed("profiles", lambda: slice_profiles(values, grid))
    timed("coverage", lambda: organ_coverage(labels, grid, report.padding, ORGANS))
    timed("lungs", lambda: lung_mask(values, grid))
    timed("airway", lambda: airway_tree(values, grid))


if __name__ == "__main__":
    main()
