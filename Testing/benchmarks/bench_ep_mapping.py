"""Measure EP Mapping: numbers from sparse points on drawn atria, and seconds of the whole Logic. Not a test.

.venv/bin/python Testing/benchmarks/bench_ep_mapping.py [sparse kept-aside speed]

``sparse`` is what `velocity.numbers.MODEL_ERROR` rests on; ``kept-aside`` other spacings, ratios, sites and seeds.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Iterable

import numpy as np

NAMES = ("cv_q25", "cv_median", "cv_q75", "total_ms", "low_cm2")


def sparse(atria: Iterable[tuple[float, float]], sites: tuple[str, ...], counts: tuple[int, ...], seeds: range) -> None:
    """Errors and coverage of the numbers.

    Args:
        atria: spacing in mm and ratio of the velocities.
    """
    from EPMappingLib.maps.mapping import MapSettings, map_of_points
    from EPMappingLib.maps.measured import faces_within
    from EPMappingLib.phantom.atrium import atrium
    from EPMappingLib.velocity.numbers import low_voltage_cm2, map_conduction, map_numbers

    errors: dict[str, list[float]] = {name: [] for name in NAMES}
    held: dict[str, list[bool]] = {name: [] for name in NAMES}
    for spacing, ratio in atria:
        made = atrium(spacing, ratio)
        for site in sites:
            lat = made.activation(site)
            for count in counts:
                for seed in seeds:
                    found = map_of_points(made.surface, made.points(lat, count, seed), MapSettings())
                    velocities = map_conduction(found)
                    numbers = map_numbers(found, velocities, 0.5)
                    faces = faces_within(made.surface, found.bipolar_measured)
                    truth = (
                        *np.nanquantile(made.speeds(lat)[velocities.kept], (0.25, 0.5, 0.75)),
                        np.ptp(lat[found.lat_measured]),
                        low_voltage_cm2(found, made.voltage_mv[:, None], faces, 0.5)[0],
                    )
                    for name, true in zip(NAMES, truth, strict=True):
                        number = getattr(numbers, name)
                        errors[name].append(number.value / true - 1)
                        if number.sd is not None:
                            held[name].append(abs(number.value - true) <= 1.96 * number.sd)
    for name in NAMES:
        e = np.array(errors[name])
        covered = f", in the 95 % interval {100 * np.mean(held[name]):.0f} %" if held[name] else ""
        rms = 100 * np.sqrt((e**2).mean())
        print(f"{name}: {len(e)} maps, mean error {100 * e.mean():+.1f} %, rms {rms:.1f} %{covered}")


def speed() -> None:
    """15,000 vertices and 500 points through the whole Logic: seconds on the clock and of the processor."""
    from deepmed_headless import load_named

    logic = load_named("EPMapping").EPMappingLogic()
    logic.runInProcess = True
    from EPMappingLib.exports.study import ChamberMap, PointTable, Study
    from EPMappingLib.phantom.atrium import atrium
    from EPMappingMrml.studyNodes import POINTS, shellOfStudy

    made = atrium(0.93)
    lat = 60 + made.surface.vertices @ np.array([0.5, 0.6, 1.0])
    points = made.points(lat, 500, 3)
    table = PointTable(points.positions, {"LAT": points.lat_ms, "Bipolar": points.bipolar_mv}, points.names)
    shell = shellOfStudy(Study("x", (ChamberMap("x", made.surface, {}, table),)))
    clock, processor = time.perf_counter(), time.process_time()
    logic.process(shell, shell.GetNodeReference(POINTS))
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    print(f"{len(made.surface.vertices)} vertices, 500 points: {clock:.1f} s, processor {processor:.1f} s")


def main() -> None:
    """The parts that are named, or all."""
    parts = ("sparse", "kept-aside", "speed")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=(*parts, []), default=[])
    arguments = parser.parse_args()
    print(f"{platform.machine()}, numpy {np.__version__}", flush=True)
    run = {
        "sparse": lambda: sparse([(2.2, 2.0)], ("high left", "floor"), (150, 300, 500), range(11, 13)),
        "kept-aside": lambda: sparse(
            [(2.0, 2.0), (2.4, 3.0), (2.4, 1.2)], ("right wall", "high left"), (200, 400), range(31, 33)
        ),
        "speed": speed,
    }
    for part in arguments.parts or parts:
        run[part]()


if __name__ == "__main__":
    main()
