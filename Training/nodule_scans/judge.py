"""Whole scans with nodules planted in them: `python -m Training.nodule_scans.judge --data ../shared/data`.

Nodules come from patients on whom the outlining network did not train. The chest of the registration data is
LIDC-IDRI-0001 again and left out. One, three and nine planes are compared.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
import torch
from scipy import ndimage

from DeepMedLib.ct.lungs import lung_mask
from DeepMedLib.geometry import from_sitk
from DeepMedLib.models.loading import load_model
from NoduleCADLib.axial_scan import AxialScan
from NoduleCADLib.candidates.detectors import find_candidates
from NoduleCADLib.candidates.field import make_field
from NoduleCADLib.classify.inference import scores
from NoduleCADLib.classify.planes import PLANES
from NoduleCADLib.froc import READ_OFF, Finding, Mark, cpm_interval, froc, judged
from Training.bundle_files import write_json
from Training.nodule_candidates.finish import RESOURCES
from Training.nodule_measures.data import boxes, fold_of, rows_of
from Training.nodule_scans.insert import Planted, plant, swap, whole

HOSTS = ("chest/ct/CPTAC-C3N-00247.nii.gz",)
TEST = "chest/ct/LIDC-IDRI-0001.nii.gz"
NODULES, HEALTHY = 8, 4
WAYS = {"axial": 1, "three planes": 3, "nine planes": 9}


def healthy_places(scan: AxialScan, lungs: np.ndarray, known: list[Finding], random: np.random.Generator) -> np.ndarray:
    """(n, 3) voxel coordinates of lung without large vessels, 8 mm from its edge, far from findings."""
    step = 4
    coarse = lungs[::step, ::step] > 0
    spacing = scan.spacing * (step, step, 1)
    deep = ndimage.distance_transform_edt(coarse, spacing) > 8
    places = np.argwhere(deep) * (step, step, 1)
    random.shuffle(places)
    kept: list[np.ndarray] = []
    for place in places:
        ras = scan.ras(place)
        if all(np.linalg.norm(ras - each.center) > 30 for each in known) and all(
            np.linalg.norm((place - other) * scan.spacing) > 32 for other in kept
        ):
            kept.append(place.astype(float))
        if len(kept) == NODULES + 2 * HEALTHY:
            break
    return np.array(kept)


def planted_scan(
    scan: AxialScan, lungs: np.ndarray, nodules: list[Any], known: list[Finding], seed: int
) -> tuple[np.ndarray, list[Planted]]:
    """An array (x, y, z) with nodules and healthy lung planted, and where."""
    random = np.random.default_rng([77, seed])
    hu = np.ascontiguousarray(scan.hu).astype(np.float32)
    places = healthy_places(scan, lungs, known, random)
    told = []
    for number, place in enumerate(places[: len(places) - HEALTHY]):
        box = nodules[int(random.integers(len(nodules)))]
        is_nodule = number < NODULES
        if is_nodule:
            plant(hu, scan, place, box, random)
        else:
            swap(hu, scan, place, places[len(places) - 1 - (number - NODULES)], box)
        x, y, z = scan.ras(place)
        told.append(Planted((float(x), float(y), float(z)), float(box.row["diameter_mm"]), is_nodule))
    return hu, told


def marks_of(found: np.ndarray, score: np.ndarray) -> list[Mark]:
    """Marks by falling score, those within 5 mm of a better one left out."""
    kept: list[Mark] = []
    for n in np.argsort(-score):
        if all(np.linalg.norm(found[n] - mark.position) > 5.0 for mark in kept):
            x, y, z = found[n]
            kept.append(Mark((float(x), float(y), float(z)), float(score[n])))
    return kept


def run(data: Path, work: Path, variants: int) -> dict[str, Any]:
    """Figures on planted scans."""
    folds = fold_of(data)
    nodules = [box for box in boxes(data) if folds[box.row["patient_id"]] == 0 and whole(box)]
    model = load_model(RESOURCES, "candidates", "cpu")
    told: dict[str, Any] = {"nodules_to_choose_from": len(nodules), "hosts": [*HOSTS, TEST], "variants": variants}
    counts: dict[str, dict[str, list[Any]]] = {way: {"other": [], "test": []} for way in WAYS}
    hits = {"all": 0, "candidates": 0, "healthy": 0, "healthy_marked": 0}
    for path in (*HOSTS, TEST):
        array, grid = from_sitk(sitk.ReadImage(str(data / path)))
        lungs = lung_mask(array, grid)
        scan = AxialScan.of(array, grid)
        own = scan.turned(lungs.labels)
        nodule, excluded = _known(data, path)
        for seed in range(variants):
            hu, planted = planted_scan(scan, own, nodules, [*nodule, *excluded], seed)
            changed = AxialScan(hu, scan.grid, scan.reorientation)
            found = find_candidates(changed, make_field(changed, lungs))
            places = np.array([each.xyz for each in found])
            ras = changed.ras(places)
            truth = [Finding(each.center, each.diameter_mm) for each in planted if each.nodule]
            hits["all"] += len(truth)
            hits["candidates"] += sum(any(each.holds(point) for point in ras) for each in truth)
            for way, planes in WAYS.items():
                score = scores(model, changed, places, PLANES[:planes])
                marked = judged(marks_of(ras, score), [*truth, *nodule], excluded)
                counts[way]["test" if path == TEST else "other"].append(marked)
    told["planted"] = hits["all"]
    told["candidate_sensitivity"] = round(hits["candidates"] / hits["all"], 3)
    for way, parts in counts.items():
        record: dict[str, Any] = {}
        for part, scans in parts.items():
            curve = froc(scans)
            low, high = cpm_interval(scans, 300)
            record[part] = {
                "scans": curve.scans,
                "nodules": curve.nodules,
                "sensitivity": {f"{rate:g}": round(curve.at(rate), 3) for rate in READ_OFF},
                "mean": round(curve.cpm, 3),
                "mean_95": [round(low, 3), round(high, 3)],
            }
        told[way] = record
    told["ways"] = list(WAYS)
    return told


def _known(data: Path, path: str) -> tuple[list[Finding], list[Finding]]:
    """Nodules and excluded findings of a host, RAS mm."""
    out = []
    for name, diameter in (("nodules.csv", "diameter_mm"), ("excluded_marks.csv", "")):
        rows = [row for row in rows_of(data / "chest" / "ct" / name) if row["scan"] in path]
        out.append(
            [
                Finding(
                    (-float(row["coordX"]), -float(row["coordY"]), float(row["coordZ"])),
                    float(row[diameter]) if diameter else -1.0,
                )
                for row in rows
            ]
        )
    return out[0], out[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/nodule_candidates"))
    parser.add_argument("--variants", type=int, default=4)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    told = run(arguments.data, arguments.work, arguments.variants)
    write_json(arguments.work / "scans.json", told)
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
