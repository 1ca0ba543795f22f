"""The worker's tasks: a CT, or an 8-bit slice picture, in; labels and findings out (torch)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.ct.checks import CtReport, check_ct
from DeepMedLib.ct.coverage import OrganVerdict
from DeepMedLib.ct.sentences import coverage_sentences
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.remark import Gravity, Remark
from PancreasSegLib.calibration import Calibration
from PancreasSegLib.cascade import segment
from PancreasSegLib.findings import OrganFinding, organ_findings
from PancreasSegLib.lesions import burden, liver_lesions
from PancreasSegLib.organ_model import OrganModels, load_models
from PancreasSegLib.organs import BY_KEY, check_shipped, chosen_organs
from PancreasSegLib.organs_result import OrgansResult, SliceResult
from PancreasSegLib.validated import shown_organs
from PancreasSegLib.windowed import WAYS, segment_slice

ENGINE_NAME = "DeepMed cascade"


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Outline organs in a CT.

    Args:
        arrays: ``volume`` (k, j, i) HU.
        options: ``resources`` folder of the bundles, ``device``, ``ijk_to_ras`` 4x4, ``organs`` in words,
            ``unvalidated`` whether organs below their bar are shown, ``uncertainty`` whether that volume is wanted,
            ``scan`` its name, ``remarks`` what is known about it already (`Remark.to_dict`).

    Returns:
        arrays ``labels`` (k, j, i) uint8 and, where wanted, ``uncertainty`` (k, j, i) uint8 0..100; values ``result``
        as OrgansResult.to_json, ``model``, ``version``, ``sha256``, ``device``, ``engine``.

    Raises:
        BadInput: the volume is no CT, or an organ has no model.
    """
    array = np.asarray(arrays["volume"])
    grid = Grid(np.array(options["ijk_to_ras"], float), array.shape)
    check_shipped(chosen_organs(str(options.get("organs", "all"))))
    started = time.monotonic()
    progress(0.0, "Checking the scan")
    report = check_ct(array, grid)
    checked = time.monotonic()
    models = load_models(Path(str(options["resources"])), str(options.get("device", "auto")))
    organs, left_out = _shown(options, models)
    loaded = time.monotonic()
    made = segment(array, grid, models, organs, progress, bool(options.get("uncertainty")))
    progress(0.96, "Measuring")
    remarks = (*(Remark.from_dict(remark) for remark in options.get("remarks", ())), *left_out)
    seconds = {"checks": round(checked - started, 3), "model": round(loaded - checked, 3), **made.seconds}
    result = finish(
        str(options.get("scan", "scan")),
        array,
        grid,
        made.labels,
        organs,
        models.calibration,
        report,
        ENGINE_NAME,
        made.sure,
        remarks,
        seconds,
    )
    out = {"labels": made.labels} | ({} if made.uncertainty is None else {"uncertainty": made.uncertainty})
    return TaskResult(out, {"result": result.to_json(), **models.about()})


def finish(
    scan: str,
    array: np.ndarray,
    grid: Grid,
    labels: np.ndarray,
    organs: Sequence[str],
    calibration: Calibration,
    report: CtReport,
    engine_name: str,
    sure: Mapping[str, float] | None = None,
    remarks: Sequence[Remark] = (),
    seconds: Mapping[str, float] | None = None,
) -> OrgansResult:
    """The result of any engine's labels.

    Args:
        scan: name.
        array: (k, j, i) HU.
        labels: (k, j, i) uint8 with the ids of `ORGANS`.
        organs: keys that were asked for.
        calibration: of the network; `UNCALIBRATED` for a user's.
        report: of `check_ct`.
        engine_name: for people.
        sure: mean probability of each organ's voxels.
        remarks: what else is known about the scan.
        seconds: of the stages so far.
    """
    started = time.monotonic()
    found = organ_findings(labels, grid, organs, calibration, report.padding, array, sure)
    asked = "liver_lesion" in organs
    measured = {"measure": round(time.monotonic() - started, 3)}
    return OrgansResult(
        scan,
        grid.size_ijk,
        (float(grid.spacing[0]), float(grid.spacing[1]), float(grid.spacing[2])),
        found,
        (*remarks, *_for_organs(report)),
        tuple(coverage_sentences([_verdict(item) for item in found])),
        engine_name,
        "" if any(item.state != "absent" for item in found) else _nothing(organs),
        {**(seconds or {}), **measured},
        lesions=liver_lesions(labels, grid) if asked else (),
        tumor_burden=burden(labels) if asked and "liver" in organs else None,
    )


def run_slice(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Outline organs in an 8-bit axial slice picture.

    Args:
        arrays: ``picture`` (H, W) uint8, bright = dense.
        options: ``resources``, ``device``, ``organs``, ``scan`` its name; ``way`` how it lies (index into
            `windowed.WAYS`), left out to let the network tell.

    Returns:
        arrays ``labels`` (H, W) uint8 as the picture lies; values ``result`` as SliceResult.to_json and those of `run`.

    Raises:
        BadInput: not an 8-bit grey picture, or an organ has no model.
    """
    picture = np.asarray(arrays["picture"])
    check_shipped(chosen_organs(str(options.get("organs", "all"))))
    started = time.monotonic()
    models = load_models(Path(str(options["resources"])), str(options.get("device", "auto")))
    organs, left_out = _shown(options, models)
    loaded = time.monotonic()
    progress(0.3, "Outlining the organs")
    way = options.get("way")
    made = segment_slice(picture, models, None if way is None else int(way))
    asked = np.isin(made.labels, [BY_KEY[key].label for key in organs])
    labels = np.where(asked, made.labels, 0).astype(np.uint8)
    result = SliceResult(
        str(options.get("scan", "picture")),
        (picture.shape[1], picture.shape[0]),
        WAYS[made.way],
        round(made.way_probability, 4),
        {key: int((labels == BY_KEY[key].label).sum()) for key in organs},
        {"model": round(loaded - started, 3), "slice": round(time.monotonic() - loaded, 3)},
        unvalidated=tuple(key for key in organs if not models.calibration.validated(key)),
        left_out=" ".join(remark.text for remark in left_out),
    )
    return TaskResult({"labels": labels}, {"result": result.to_json(), **models.about()})


def _shown(options: Mapping[str, Any], models: OrganModels) -> tuple[tuple[str, ...], tuple[Remark, ...]]:
    return shown_organs(str(options.get("organs", "all")), models.calibration, bool(options.get("unvalidated")))


def _for_organs(report: CtReport) -> tuple[Remark, ...]:
    """The remarks on the scan; a saved soft-tissue window is no harm here: the networks learned from such."""
    if report.clipped_at is None:
        return report.remarks()
    return tuple(
        Remark(remark.text, Gravity.NOTE) if "were cut off" in remark.text else remark for remark in report.remarks()
    )


def _verdict(item: OrganFinding) -> OrganVerdict:
    return OrganVerdict(item.label, item.name.lower(), item.state, item.sides, {}, 0, item.volume_ml)  # type: ignore[arg-type]


def _nothing(organs: Sequence[str]) -> str:
    names = [BY_KEY[key].name.lower() for key in organs]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"No {listed} was found on this scan."
