"""Time the organs of a CT of 512 x 512 x 250 on the CPU, beside MONAI's windows with the same network. Not a test.

.venv/bin/python Testing/benchmarks/bench_organs.py ../shared/data/abdomen/btcv_ct/0005 [--threads 2] [--size 512 250]

The case is resampled to that size. MONAI's way, as its bundles do it: the whole scan at the network's spacing, windows
over every slice with an overlap, probabilities of all classes brought back to the scan's grid, then the largest taken.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from monai.inferers import sliding_window_inference

from DeepMedLib.geometry import Grid
from DeepMedLib.resampling import resample
from DeepMedLib.series import read_scan
from PancreasSegLib.cascade import segment
from PancreasSegLib.network_pass import neighbors, probabilities
from PancreasSegLib.organ_model import OrganModels, load_models
from PancreasSegLib.organs import BY_KEY, CHANNELS
from PancreasSegLib.upright import upright

RESOURCES = Path(__file__).resolve().parents[2] / "PancreasSeg" / "Resources" / "PancreasSegModels"
WINDOW = (128, 160)


def by_windows(array: np.ndarray, grid: Grid, models: OrganModels, overlap: float) -> np.ndarray:
    """Labels (slices, rows, columns) of the upright scan, from windows over every slice."""
    scan = upright(array, grid)
    stacks = np.stack([neighbors(scan.pictures, scan.z_mm, index) for index in range(len(scan.pictures))])
    network = models.organs.network

    def look(x: torch.Tensor) -> torch.Tensor:
        return probabilities(network, x, "cpu")

    x = torch.from_numpy(stacks).float() / 255
    maps = torch.cat(
        [sliding_window_inference(x[n : n + 1], WINDOW, 4, look, overlap, "gaussian") for n in range(len(x))]
    )
    depth, rows, columns = scan.straight.canonical().target.shape_kji
    top, bottom, left, right = scan.box
    volume = F.interpolate(
        maps.transpose(0, 1)[None], (depth, bottom - top, right - left), mode="trilinear", align_corners=False
    )[0]
    labels = np.zeros((depth, rows, columns), np.uint8)
    table = np.array([0, *(BY_KEY[key].label for key in CHANNELS)], np.uint8)
    labels[:, top:bottom, left:right] = table[volume.argmax(0).numpy()]
    return labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=Path, help="folder with ct.nii.gz")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, nargs=2, default=(512, 250), metavar=("COLUMNS", "SLICES"))
    parser.add_argument("--overlap", type=float, default=0.25, help="of MONAI's windows; 0 leaves them out")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    scan = read_scan(arguments.case / "ct.nii.gz")
    columns, slices = arguments.size
    extent = np.array(scan.grid.size_ijk) * scan.grid.spacing
    spacing = extent / np.array([columns, columns, slices])
    grid = Grid.from_parts(spacing, scan.grid.origin, scan.grid.directions, (slices, columns, columns))
    array = resample(scan.array, scan.grid, grid, fill=-1000)
    models = load_models(RESOURCES, "cpu")
    for organs in (CHANNELS, ("pancreas",)):
        started = time.perf_counter()
        made = segment(array, grid, models, organs, lambda share, text: None)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{len(organs)} organs: {seconds:.1f} s, peak {peak:.0f} MB, stages {made.seconds}", flush=True)
    if arguments.overlap:
        started = time.perf_counter()
        by_windows(array, grid, models, arguments.overlap)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"windows, overlap {arguments.overlap}: {time.perf_counter() - started:.1f} s, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
