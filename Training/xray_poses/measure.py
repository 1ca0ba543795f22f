"""Registrations of CTs to simulated X-rays from starts within 10 degrees and 20 mm: success, accuracy, time.

.venv/bin/python -m Training.xray_poses.measure --data ../shared/data --out build/xray_poses [--cases 10]

Further: --views 2, --first network.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from DeepMedLib.geometry import transform_points
from DeepMedLib.models.loading import load_model
from Registration2D3DLib.geometry.accuracy import mean_error_mm, projected_error_mm, targets
from Registration2D3DLib.geometry.c_arm import CArm
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.learned.landmarks import landmarks_of
from Registration2D3DLib.learned.stage import FirstStage, make_network
from Registration2D3DLib.matching.level import Level
from Registration2D3DLib.matching.registering import Improver, register
from Registration2D3DLib.options import BUNDLES, PUBLISHED, SEARCH
from Registration2D3DLib.rendering.volume import Volume, averaged

from ..weights import as_shipped
from .data import MODELS, TESTED, read_ct
from .siddon import siddon

SUCCESS_MM, TURN_DEG, SHIFT_MM = 2.0, 10.0, 20.0
SIZE, PIXEL_MM = 256, 1.2
NONE = "no network"
"""What a network adds is the difference to this: the same starts, refined as they are."""


class Unchanged:
    """A first stage that does nothing."""

    def improve(self, _level: Level, poses: np.ndarray) -> np.ndarray:
        return poses


def degraded(exact: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(h, w) float32 of 0..255: scatter, a contrast curve, noise of 1 %, a collimator of up to 40 pixels a side."""
    picture = exact + rng.uniform(0, 0.6) * gaussian_filter(exact, 25)
    picture = (picture / picture.max()) ** rng.uniform(0.6, 1.4) + rng.normal(0, 0.01, picture.shape)
    top, left, bottom, right = rng.integers(0, 40, 4)
    seen = np.zeros(picture.shape, bool)
    seen[top : SIZE - bottom, left : SIZE - right] = True
    return np.rint(255 * np.clip(np.where(seen, picture, 0), 0, 1)).astype(np.float32)


def case_of(
    mu: np.ndarray, grid: Any, volume: Volume, views: int, rng: np.random.Generator, stage: Improver | None = None
) -> dict[str, Any]:
    """One registration with its errors."""
    center = volume.center
    true = motion(rng.uniform(-0.2, 0.2, 3), rng.uniform(-20, 20, 3) - center, center)
    first = rng.uniform(-90, 90)
    geometry: list[View] = [
        CArm(
            1000.0, rng.uniform(650, 800), first + 80 * number, rng.uniform(-20, 20), (PIXEL_MM, PIXEL_MM), SIZE, SIZE
        ).view()
        for number in range(views)
    ]
    pictures = [degraded(siddon(mu, grid, view, true), rng) for view in geometry]
    turn = np.radians(rng.uniform(-TURN_DEG, TURN_DEG, 3))
    start = motion(turn, rng.uniform(-SHIFT_MM, SHIFT_MM, 3), transform_points(true, center)) @ true
    began, cpu = time.perf_counter(), time.process_time()
    found = register(volume, pictures, geometry, start, first=stage)
    points = targets(center, np.array(grid.size_ijk) * grid.spacing)
    return {
        "start_mm": projected_error_mm(start, true, points, geometry[0].source),
        "mTREproj_mm": projected_error_mm(found.pose, true, points, geometry[0].source),
        "mTRE_mm": mean_error_mm(found.pose, true, points),
        "expected_mm": found.verdict.expected_mm,
        "similarity": found.similarity,
        "found_by": found.found_by,
        "trusted": found.verdict.trusted,
        "failed": found.verdict.failed,
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - cpu,
    }


def figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Success, medians, and how far "trusted" is to be relied on."""
    across = np.array([row["mTREproj_mm"] for row in rows])
    trusted = np.array([row["trusted"] for row in rows])
    return {
        "registrations": len(rows),
        "success_2_mm": float((across <= SUCCESS_MM).mean()),
        "mTREproj_median_mm": float(np.median(across)),
        "mTREproj_p95_mm": float(np.quantile(across, 0.95)),
        "mTRE_median_mm": float(np.median([row["mTRE_mm"] for row in rows])),
        "search_was_needed": sum("search" in row["found_by"] for row in rows),
        "trusted": int(trusted.sum()),
        "trusted_within_2_mm": float((across[trusted] <= SUCCESS_MM).mean()) if trusted.any() else None,
        "cpu_seconds_median": float(np.median([row["cpu_seconds"] for row in rows])),
        "seconds_median": float(np.median([row["seconds"] for row in rows])),
    }


def _network(first: str, checkpoint: Path | None) -> torch.nn.Module | None:
    bundle = BUNDLES[first]
    if bundle is None:
        return None
    if checkpoint is None:
        return load_model(MODELS, bundle, "cpu").network
    network = make_network("published" if first == PUBLISHED else "shared")
    network.load_state_dict(as_shipped(torch.load(checkpoint, weights_only=True)["network"]))
    return network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--views", type=int, default=1)
    parser.add_argument("--cases", type=int, default=10, help="of each scan")
    parser.add_argument("--first", choices=(*BUNDLES, NONE), default=SEARCH, help="first stage")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path, help="weights of the training instead of the shipped ones")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    network = None if args.first == NONE else _network(args.first, args.checkpoint)
    args.out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(TESTED):
        mu, grid = read_ct(args.data, name)
        finest = float((np.array(grid.size_ijk) * grid.spacing).max()) / 256
        volume = Volume.from_attenuation(*averaged(mu, grid, finest))
        stage: Improver | None = None if network is None else FirstStage(network, landmarks_of(volume))
        stage = Unchanged() if args.first == NONE else stage
        rng = np.random.default_rng(500_000 + 1000 * number + args.views)
        for _ in range(args.cases):
            row = {"scan": name, **case_of(mu, grid, volume, args.views, rng, stage)}
            rows.append(row)
            print(json.dumps(row), flush=True)
            record = {
                "views": args.views,
                "first": args.first,
                "threads": args.threads,
                "figures": figures(rows),
                "rows": rows,
            }
            target = args.out / f"measured_{args.views}_{args.first.replace(' ', '_')}.json"
            target.write_text(json.dumps(record, indent=1), encoding="utf-8")
    print(json.dumps(figures(rows), indent=1))


if __name__ == "__main__":
    main()
