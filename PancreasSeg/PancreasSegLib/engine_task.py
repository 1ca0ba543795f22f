"""The worker's task for a network that a user brings: scan check, crop, several runs, labels with our ids (torch)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.ct.checks import check_ct
from DeepMedLib.ct.volumes import surfaces_mm2, volume_sd_ml
from DeepMedLib.engines.class_names import organ_key
from DeepMedLib.engines.cropped import Repeated, body_box, segment_repeatedly
from DeepMedLib.engines.opening import open_engine
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.remark import Gravity, Remark
from PancreasSegLib.findings import OrganFinding
from PancreasSegLib.lesions import inside_liver
from PancreasSegLib.organ_model import without_edges
from PancreasSegLib.organs import BY_KEY, ORGANS, chosen_organs
from PancreasSegLib.organs_task import finish

_EDGE = 0.25  # of a voxel: where between two voxel centers the surface lies is not known


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Outline organs in a CT with a user's network.

    Args:
        arrays: as `organs_task.run`.
        options: as there, and ``engine`` a path or name, ``trust`` a hash, ``runs`` how often it is asked.

    Returns:
        as `organs_task.run`; ``uncertainty`` is 100 less the agreement of the runs in per cent.

    Raises:
        BadInput: the volume is no CT, or the network does not know the organs.
        BundleRefused: the network is incomplete or not trusted.
    """
    array = np.asarray(arrays["volume"])
    grid = Grid(np.array(options["ijk_to_ras"], float), array.shape)
    started = time.monotonic()
    progress(0.0, "Checking the scan")
    report = check_ct(array, grid)
    checked = time.monotonic()
    progress(0.02, "Opening the network")
    engine = open_engine(str(options["engine"]), str(options.get("device", "auto")), [str(options.get("trust", ""))])
    labels_of = _our_labels(engine.names)
    organs = _wanted(str(options.get("organs", "all")), labels_of, engine.names)
    opened = time.monotonic()
    runs = int(options.get("runs", 3))
    found = segment_repeatedly(
        engine, array, grid, body_box(array), runs, lambda share, what: progress(0.05 + 0.85 * share, what)
    )
    ran = time.monotonic()
    labels = _with_our_ids(found.answer.labels, {key: labels_of[key] for key in organs})
    if "liver_lesion" in organs and "liver" in labels_of:
        both = _with_our_ids(found.answer.labels, {key: labels_of[key] for key in ("liver", "liver_lesion")})
        away = (both == BY_KEY["liver_lesion"].label) & (inside_liver(both) == 0)
        labels[away] = 0
    progress(0.92, "Measuring")
    remarks = tuple(Remark.from_dict(remark) for remark in options.get("remarks", ()))
    seconds = {
        "checks": round(checked - started, 3),
        "model": round(opened - checked, 3),
        "network": round(ran - opened, 3),
    }
    told = Remark(_INTERVALS.format(runs=runs) if runs > 1 else _ONE_RUN, Gravity.NOTE)
    result = finish(
        str(options.get("scan", "scan")),
        array,
        grid,
        labels,
        organs,
        without_edges(Path(str(options["resources"]))),
        report,
        engine.name,
        remarks=(*remarks, told),
        seconds=seconds,
    )
    if runs > 1:
        result = replace(result, organs=_with_spread(result.organs, labels, grid, found, labels_of))
    out = {"labels": labels}
    if options.get("uncertainty") and found.agreement is not None:
        out["uncertainty"] = (100 - found.agreement).astype(np.uint8)
    return TaskResult(out, {"result": result.to_json(), **found.answer.about})


_INTERVALS = (
    "The intervals rest on {runs} runs of this network with its frame moved, and on the size of the voxels; what it "
    "always gets wrong is not in them."
)
_ONE_RUN = "This network was asked once, so its volumes have no interval."


def _our_labels(names: Mapping[int, str]) -> dict[str, list[int]]:
    """Keys of `ORGANS` that the network knows, with its labels for them."""
    found: dict[str, list[int]] = {}
    for label, name in names.items():
        key = organ_key(name)
        if key in BY_KEY:
            found.setdefault(key, []).append(label)
    return found


def _wanted(text: str, known: Mapping[str, Sequence[int]], names: Mapping[int, str]) -> tuple[str, ...]:
    """The organs asked for; "all" are those that the network knows.

    Raises:
        BadInput: it knows none of them, or not all that were named.
    """
    listed = ", ".join(list(names.values())[:12]) + (" ..." if len(names) > 12 else "")
    if not known:
        raise BadInput(
            f"The network finds none of the organs that are measured here; it has: {listed}.", "Use another."
        )
    if text.strip().lower() == "all":
        return tuple(organ.key for organ in ORGANS if organ.key in known)
    wanted = chosen_organs(text)
    missing = [BY_KEY[key].name.lower() for key in wanted if key not in known]
    if missing:
        raise BadInput(f"The network does not find the {missing[0]}; it has: {listed}.", "Choose other organs.")
    return wanted


def _with_our_ids(labels: np.ndarray, wanted: Mapping[str, Sequence[int]]) -> np.ndarray:
    table = np.zeros(int(labels.max()) + 1, np.uint8)
    for key, theirs in wanted.items():
        for label in theirs:
            if label < len(table):
                table[label] = BY_KEY[key].label
    return np.asarray(table[labels])


def _with_spread(
    organs: Sequence[OrganFinding],
    labels: np.ndarray,
    grid: Grid,
    found: Repeated,
    labels_of: Mapping[str, Sequence[int]],
) -> tuple[OrganFinding, ...]:
    """The findings with intervals from the spread of the runs and the size of a voxel."""
    surfaces = surfaces_mm2(labels, grid, max(organ.label for organ in ORGANS))
    edge_mm = _EDGE * float(np.cbrt(grid.voxel_volume))
    told = []
    for organ in organs:
        if organ.state == "absent":
            told.append(organ)
            continue
        spread = [found.sd_ml[label] for label in labels_of[organ.key]]
        sd = float(np.hypot(np.linalg.norm(spread), volume_sd_ml(float(surfaces[organ.label]), edge_mm)))
        told.append(replace(organ, half_ml=round(1.96 * sd, 3)))
    return tuple(told)
