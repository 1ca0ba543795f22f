"""The worker's task: one CT in, its reading and, when wanted, the masks of lungs and airways out (torch)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.ct.checks import check_ct
from DeepMedLib.ct.coverage import organ_coverage
from DeepMedLib.ct.lungs import LungMask, lung_mask
from DeepMedLib.ct.padding import Padding
from DeepMedLib.ct.regions.axial import AxialStack, axial_stack
from DeepMedLib.ct.regions.pictures import telling_picture
from DeepMedLib.ct.regions.position import REGIONS, region_probabilities
from DeepMedLib.ct.regions.scan_fit import follows_a_body, smooth_position, turn_of_scan
from DeepMedLib.ct.regions.verdicts import OWN, SliceReading, Verdict, end_sentences, region_verdicts
from DeepMedLib.ct.sentences import coverage_sentences
from DeepMedLib.ct.volumes import AIRWAY_EDGE_MM, LUNG_EDGE_MM, surfaces_mm2, volume_sd_ml
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.remark import Remark
from ScanCoverageLib.coverage_result import MASKS, CoverageResult
from ScanCoverageLib.slice_inference import SliceAnswers, look_at_slices
from ScanCoverageLib.slice_model import Recognizer, load_recognizer

RIGHT, LEFT, AIRWAY = 1, 2, 3
_SHOWN = 12  # slices of the picture of telling patches


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Read a scan.

    Args:
        arrays: ``volume`` (k, j, i) HU.
        options: ``resources`` folder of the bundles, ``device`` auto/cpu/cuda, ``ijk_to_ras`` 4x4, ``lungs`` whether
            masks are wanted, ``telling`` whether a picture of the telling patches is, ``scan`` its name, ``remarks``
            what is known about it already (`Remark.to_dict`), ``answered`` organs that a segmentation answers for.

    Returns:
        arrays ``masks`` (k, j, i) uint8: 1 right lung, 2 left lung, 3 airways, and ``telling`` (H, W, 3) uint8, where
        they were wanted; values
        ``result`` as CoverageResult.to_json, ``model``, ``version``, ``sha256``, ``device``, ``engine``.

    Raises:
        BadInput: the volume is no CT that can be read.
    """
    array = np.asarray(arrays["volume"])
    grid = Grid(np.array(options["ijk_to_ras"], float), array.shape)
    seconds: dict[str, float] = {}
    clock = _Clock(seconds)
    progress(0.0, "Checking the scan")
    report = check_ct(array, grid)
    clock.stop("checks")
    recognizer = load_recognizer(Path(str(options["resources"])), str(options.get("device", "auto")))
    clock.stop("model")
    stack = axial_stack(array, grid)
    share = 0.3 if options.get("lungs") else 0.9
    answers = look_at_slices(recognizer, stack.slices, stack.aspect, lambda f, m: progress(0.05 + share * f, m))
    clock.stop("slices")
    result = read_scan(
        str(options.get("scan", "scan")),
        array,
        grid,
        stack,
        answers,
        recognizer,
        (
            *(Remark.from_dict(remark) for remark in options.get("remarks", ())),
            *report.remarks(),
        ),
        frozenset(options.get("answered", ())),
    )
    out: dict[str, np.ndarray] = {}
    if options.get("telling"):
        seen = np.flatnonzero(answers.seen)
        shown = seen[np.unique(np.linspace(0, len(seen) - 1, _SHOWN).round().astype(int))] if len(seen) else seen
        out["telling"] = telling_picture(answers.pictures[shown], answers.telling[shown], answers.position[shown])
    if options.get("lungs"):
        progress(0.4, "Segmenting lungs and airways")
        lungs = lung_mask(array, grid)
        masks = lungs.labels.copy()
        masks[lungs.airway.mask] = AIRWAY
        out["masks"] = masks
        clock.stop("lungs")
        result = with_masks(result, masks, grid, report.padding, lungs)
    record = result.to_json() | {"seconds": seconds}
    return TaskResult(out, {"result": record, **recognizer.about()})


class _Clock:
    """Seconds of the stages, one after another."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def stop(self, name: str) -> None:
        now = time.monotonic()
        self._seconds[name] = round(now - self._last, 3)
        self._last = now


def read_scan(
    scan: str,
    array: np.ndarray,
    grid: Grid,
    stack: AxialStack,
    answers: SliceAnswers,
    recognizer: Recognizer,
    checks: tuple[Remark, ...] = (),
    answered: frozenset[str] = frozenset(),
) -> CoverageResult:
    """The reading from the answers for slices: smoothed, turned into regions and sentences, or abstained."""
    base: dict[str, Any] = {
        "scan": scan,
        "size_ijk": grid.size_ijk,
        "spacing_mm": tuple(float(value) for value in grid.spacing),
        "checks": checks,
    }
    seen = answers.seen
    mm, found, sd = stack.mm[seen], answers.position[seen], answers.sd[seen]
    reason = ""
    if not seen.any():
        reason = "No body is seen in any slice."
    elif float(np.median(sd)) > recognizer.least_certain:
        reason = "The slices look like nothing that the recognizer knows."
    elif not follows_a_body(mm, found, sd):
        reason = "What the slices look like does not follow one another as in a body."
    if reason:
        unread = _readings(stack, None, None)
        return CoverageResult(**base, slices=unread, turn=None, verdicts=(), abstained=True, reason=reason)
    turn = turn_of_scan(mm, found, sd, answers.turns[seen])
    position, spread = smooth_position(mm, found, sd)
    # Slices between those looked at lie on the curve; beyond the outermost body nothing is said.
    everywhere = np.interp(stack.all_mm, mm, position), np.interp(stack.all_mm, mm, spread)
    inside = (stack.all_mm >= mm[0]) & (stack.all_mm <= mm[-1])
    readings = _readings(stack, np.where(inside, everywhere[0], np.nan), everywhere[1])
    source = f"{recognizer.model.bundle.name} {recognizer.model.bundle.version}"
    verdicts = tuple(region_verdicts(position, spread, source))
    sentences = tuple(end_sentences(position, spread, list(recognizer.organs), answered))
    return CoverageResult(**base, slices=readings, turn=turn, verdicts=verdicts, sentences=sentences)


def with_masks(
    result: CoverageResult, masks: np.ndarray, grid: Grid, padding: Padding, lungs: LungMask
) -> CoverageResult:
    """The reading with what the masks of lungs and airways tell: volumes with their uncertainty, complete or cut."""
    labels = {RIGHT: "lung_right", LEFT: "lung_left", AIRWAY: "airways"}
    edges = {RIGHT: LUNG_EDGE_MM, LEFT: LUNG_EDGE_MM, AIRWAY: AIRWAY_EDGE_MM}
    judged = organ_coverage(masks, grid, padding, {label: MASKS[key].lower() for label, key in labels.items()})
    surfaces = surfaces_mm2(masks, grid, AIRWAY)
    found: dict[str, Any] = {}
    for organ in judged:
        key = labels[organ.id]
        found[f"{key}_ml"] = round(organ.volume_ml, 1)
        found[f"{key}_sd_ml"] = round(volume_sd_ml(float(surfaces[organ.id]), edges[organ.id]), 1)
        found[f"{key}_lower_bound"] = organ.state == "cut"
    found["airways"] = lungs.airway.stopped_reason
    verdicts = tuple(Verdict(organ.name, OWN, organ.state, organ.sides, "this module's masks") for organ in judged)
    cut = coverage_sentences([organ for organ in judged if organ.state == "cut"])
    return replace(
        result,
        masks=found,
        verdicts=(*result.verdicts, *verdicts),
        sentences=(*result.sentences, *cut, *lungs.report.warnings),
    )


def _readings(stack: AxialStack, position: np.ndarray | None, sd: np.ndarray | None) -> tuple[SliceReading, ...]:
    """One reading for each slice of the volume."""
    readings = []
    for number, (index, z_mm) in enumerate(zip(stack.all_index, stack.all_z_mm, strict=True)):
        if position is None or sd is None or not np.isfinite(position[number]):
            readings.append(SliceReading(int(index), round(float(z_mm), 3), None, None, "", None))
            continue
        shares = region_probabilities(position[number : number + 1], sd[number : number + 1])[0]
        best = int(np.argmax(shares))
        readings.append(
            SliceReading(
                int(index),
                round(float(z_mm), 3),
                round(float(position[number]), 3),
                round(float(sd[number]), 3),
                REGIONS[best],
                round(float(shares[best]), 4),
            )
        )
    return tuple(readings)
