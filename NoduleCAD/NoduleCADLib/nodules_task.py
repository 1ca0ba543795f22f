"""The worker's task: one chest CT in, its marks with their outlines out (torch)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.ct.checks import check_ct
from DeepMedLib.ct.lungs import LungMask, lung_mask
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.remark import Remark
from NoduleCADLib.axial_scan import AxialScan
from NoduleCADLib.candidates.detectors import find_candidates
from NoduleCADLib.candidates.field import make_field
from NoduleCADLib.classify.models import load_models
from NoduleCADLib.marking import labels_of, make_marks
from NoduleCADLib.nodules_result import NodulesResult

_LEAST_LUNG_ML = 300.0
_THICKEST_MM = 5.0
_FEWEST_SLICES = 20
PERSON = ("risk", "age", "sex", "family_history", "emphysema")


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Mark the nodules of a chest CT.

    Args:
        arrays: ``volume`` (k, j, i) HU.
        options: ``resources`` folder of the bundles, ``device``, ``ijk_to_ras`` 4x4, ``scan`` its name, ``remarks``
            what is known about it already (`Remark.to_dict`), ``fp_per_scan`` and those of `PERSON`.

    Returns:
        arrays ``labels`` (k, j, i) uint8, label n is mark n; values ``result`` as NodulesResult.to_json, ``model``,
        ``version``, ``sha256``, ``device``, ``engine``.

    Raises:
        BadInput: the volume is no chest CT that marks can be made on.
    """
    array = np.asarray(arrays["volume"])
    grid = Grid(np.array(options["ijk_to_ras"], float), array.shape)
    seconds: dict[str, float] = {}
    started = time.monotonic()

    def stop(name: str) -> None:
        nonlocal started
        now = time.monotonic()
        seconds[name] = round(now - started, 3)
        started = now

    progress(0.0, "Checking the scan")
    report = check_ct(array, grid)
    scan = AxialScan.of(array, grid)
    slice_mm = float(scan.spacing[2])
    check_slices(array.shape, slice_mm, scan.hu.shape[2])
    stop("checks")
    models = load_models(Path(str(options["resources"])), str(options.get("device", "auto")))
    stop("model")
    progress(0.05, "Segmenting lungs and airways")
    lungs = lung_mask(array, grid)
    stop("lungs")
    check_lungs(lungs)
    progress(0.4, "Looking for candidates")
    found = find_candidates(scan, make_field(scan, lungs))
    stop("candidates")
    progress(0.6, "Judging candidates")
    marks, outlines = make_marks(scan, scan.turned(lungs.labels), found, models, progress)
    stop("networks")
    labels = labels_of(scan, outlines, array.shape)
    remarks = (*(Remark.from_dict(remark) for remark in options.get("remarks", ())), *report.remarks())
    told = tuple(Remark(sentence) for sentence in lungs.report.warnings)
    cut = _cut(lungs)
    spacing = grid.spacing
    result = NodulesResult(
        scan=str(options.get("scan", "scan")),
        size_ijk=grid.size_ijk,
        spacing_mm=(float(spacing[0]), float(spacing[1]), float(spacing[2])),
        slice_mm=slice_mm,
        marks=tuple(marks),
        thresholds=models.thresholds,
        fp_per_scan=float(options.get("fp_per_scan", 1.0)),
        person={name: options[name] for name in PERSON if name in options},
        checks=(*remarks, *cut, *told),
        candidates=len(found),
        seconds=seconds,
    )
    stop("segments")
    return TaskResult({"labels": labels}, {"result": result.to_json(), **models.about()})


def check_slices(shape: tuple[int, ...], slice_mm: float, slices: int) -> None:
    """A scan that nodules can be looked for in.

    Raises:
        BadInput: too few slices, or too far apart.
    """
    if slices < _FEWEST_SLICES:
        raise BadInput(
            f"The scan has {slices} axial slices; nodules are looked for in {_FEWEST_SLICES} or more.",
            "Choose a whole chest CT.",
        )
    if slice_mm > _THICKEST_MM:
        raise BadInput(
            f"The axial slices lie {slice_mm:.1f} mm apart; small nodules fall between them.",
            f"Choose a reconstruction of {_THICKEST_MM:g} mm or thinner, best 1.25 mm.",
        )


def check_lungs(lungs: LungMask) -> None:
    """A scan that shows lung.

    Raises:
        BadInput: it does not, or hardly any.
    """
    ml = lungs.report.right_ml + lungs.report.left_ml
    if ml < _LEAST_LUNG_ML:
        told = "no lung" if ml == 0 else f"only {ml:.0f} ml of lung"
        reasons = " ".join(lungs.report.warnings) if ml else ""
        raise BadInput(f"The scan shows {told}. {reasons}".strip(), "Choose a chest CT in Hounsfield units.")


def _cut(lungs: LungMask) -> tuple[Remark, ...]:
    sides = lungs.report.cut
    if not sides:
        return ()
    return (Remark(f"The lungs are cut at the {', '.join(sides)} side: nodules beyond were not looked for."),)
