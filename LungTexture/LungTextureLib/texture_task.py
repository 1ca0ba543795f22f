"""The worker's task: one chest CT in, textures and densities of its lungs out (torch)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.checks import CtReport, check_ct
from DeepMedLib.ct.lungs import LungMask, lung_mask
from DeepMedLib.ct.volumes import LUNG_EDGE_MM, surfaces_mm2, volume_sd_ml
from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.remark import Remark
from LungTextureLib.airway_wall import measure_wall
from LungTextureLib.airways import airways_of, packed_lines, tubes_of
from LungTextureLib.classes import KEYS
from LungTextureLib.densitometry import HIGHEST, LOWEST, density, histograms, value_step
from LungTextureLib.lung_map import look_at_lungs, painted
from LungTextureLib.reliability import LEAST_ML, Reliability, judge
from LungTextureLib.shares import labels_of, zone_shares
from LungTextureLib.texture_model import load_texture_model
from LungTextureLib.texture_result import TextureResult, ZoneDensity
from LungTextureLib.zones import ZONES, members, zone_map

_ERODED = 2  # voxels; air of the windpipe beside its wall is not pure


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Read a chest CT.

    Args:
        arrays: ``volume`` (k, j, i) HU.
        options: ``resources`` folder of the bundles, ``device`` auto/cpu/cuda, ``ijk_to_ras`` 4x4, ``textures`` whether
            they are wanted, ``scan`` its name, ``remarks`` what is known about it already (`Remark.to_dict`).

    Returns:
        arrays ``lungs`` (k, j, i) uint8, 1 right and 2 left; where textures are told ``textures`` (k, j, i) uint8, the
        classes from 1 and "not sure" after them, and ``emphysema`` (k, j, i) uint8, percent probability of any class
        but normal; where there is a tree ``airways`` (k, j, i) uint8, its lumen, ``airway_points`` (n, 3)
        RAS mm of its branches' centre lines and ``airway_lines`` (n,) the branch of each, from 0; values ``result`` as
        TextureResult.to_json and what made it: ``model``, ``version``, ``sha256``, ``device``, ``engine``.

    Raises:
        BadInput: the volume is no CT that can be read.
    """
    array = np.asarray(arrays["volume"])
    grid = Grid(np.array(options["ijk_to_ras"], float), array.shape)
    seconds: dict[str, float] = {}
    clock = _Clock(seconds)
    progress(0.0, "Checking the scan")
    report = check_ct(array, grid)
    progress(0.05, "Segmenting the lungs")
    found = lung_mask(array, grid)
    clock.stop("lungs")
    base: dict[str, Any] = {
        "scan": str(options.get("scan", "scan")),
        "size_ijk": grid.size_ijk,
        "spacing_mm": tuple(float(value) for value in grid.spacing),
    }
    known = [Remark.from_dict(remark) for remark in options.get("remarks", ())]
    checks = [*known, *report.remarks(), *(Remark(text) for text in found.report.warnings)]
    made: dict[str, str] = {"model": "none: densitometry alone"}
    if found.report.right_ml + found.report.left_ml < LEAST_ML:
        reason = "No lung, or too little of it, was found: this module reads chest CT."
        result = TextureResult(**base, checks=tuple(checks), reason=reason)
        return TaskResult({"lungs": found.labels}, {"result": result.to_json(), **made})
    turn = grid.canonical()
    values, lungs = canonical_view(array, turn), canonical_view(found.labels, turn)
    zones = zone_map(lungs, turn.target)
    counts = histograms(values, zones)
    supported = _supported(report, found, turn.target, counts, array)
    clock.stop("densitometry")
    out: dict[str, np.ndarray] = {"lungs": found.labels}
    shares: list[Any] = []
    if options.get("textures", True) and not supported.no_texture:
        model = load_texture_model(Path(str(options["resources"])), str(options.get("device", "auto")))
        made = model.about()
        spacing = (float(turn.target.spacing[2]), float(turn.target.spacing[1]), float(turn.target.spacing[0]))
        places = look_at_lungs(
            model.model.network,
            values,
            lungs,
            spacing,
            model.temperature,
            model.model.device.name,
            lambda f, m: progress(0.4 + 0.5 * f, m),
        )
        label = labels_of(places.probabilities, model.threshold)
        code = np.zeros(len(label), int)
        for k in np.unique(places.k):
            of = places.k == k
            code[of] = zones.codes_of(int(k))[places.row[of], places.column[of]].astype(int) - 1
        shares = zone_shares(label, code, places.k, KEYS, model.share_sd)
        clock.stop("network")
        progress(0.92, "Painting the map")
        percent = np.rint(100 * (1 - places.probabilities[:, 0])).astype(np.uint8) + 1
        for name, value in (("textures", (label + 1).astype(np.uint8)), ("emphysema", percent)):
            out[name] = np.zeros(array.shape, np.uint8)
            canonical_view(out[name], turn)[...] = painted(places, value, lungs, spacing)
        out["emphysema"] -= out["emphysema"] > 0
        clock.stop("map")
    airways = None
    if found.airway.found:
        lines = [tube.line for tube in tubes_of(found.airway)]
        airways = airways_of(
            found.airway, [measure_wall(array, grid, lines, place) for place in options.get("places", ())]
        )
        out["airways"] = found.airway.mask.astype(np.uint8)
        out["airway_points"], out["airway_lines"] = packed_lines(lines)
        clock.stop("airways")
    elif options.get("places"):
        checks.append(Remark(f"No airway was measured. {found.airway.stopped_reason}"))
    surfaces = surfaces_mm2(found.labels, grid, 2)
    densities = []
    for zone in ZONES:
        measured = density(counts[members(zone)].sum(0), grid.voxel_volume / 1000)
        if measured is not None:
            densities.append(ZoneDensity(zone, measured))
    result = TextureResult(
        **base,
        shares=tuple(shares),
        densities=tuple(densities),
        volume_sd_ml=(
            volume_sd_ml(float(surfaces[1]), LUNG_EDGE_MM),
            volume_sd_ml(float(surfaces[2]), LUNG_EDGE_MM),
        ),
        cut=found.report.cut,
        no_texture=supported.no_texture,
        no_density=supported.no_density,
        checks=(*checks, *supported.remarks),
        airways=airways,
        seconds=seconds,
    )
    return TaskResult(out, {"result": result.to_json(), **made})


def _supported(report: CtReport, found: LungMask, grid: Grid, counts: np.ndarray, array: np.ndarray) -> Reliability:
    """What the scan's slices, pixels and values support."""
    everything = counts.sum(0)
    mean = float((everything * np.arange(LOWEST, HIGHEST + 1)).sum() / everything.sum())
    return judge(
        float(grid.spacing[2]),
        float(np.mean(grid.spacing[:2])),
        value_step(everything),
        mean,
        windpipe_noise(array, found.airway.mask),
        report.clipped_at,
    )


def windpipe_noise(array: np.ndarray, airway: np.ndarray) -> float | None:
    """Standard deviation (HU) of the air inside the widest airways; None with fewer than 200 voxels of it."""
    boxes = ndimage.find_objects(airway.astype(np.uint8))
    if not boxes:
        return None
    inner = ndimage.binary_erosion(airway[boxes[0]], iterations=_ERODED)
    values = array[boxes[0]][inner]
    return float(values.std()) if len(values) >= 200 else None


class _Clock:
    """Seconds of the stages, one after another."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def stop(self, name: str) -> None:
        now = time.monotonic()
        self._seconds[name] = round(now - self._last, 3)
        self._last = now
