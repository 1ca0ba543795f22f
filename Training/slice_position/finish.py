"""Judge the slice recogniser by cross-validation, calibrate it, and write its bundle.

`python -m Training.slice_position.finish --data ../shared/data` after `Training.slice_position.train`.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from DeepMedLib.ct.regions.position import region_index, section_centres
from DeepMedLib.ct.regions.scan_fit import IN_PLANE, STATED, smooth_position, turn_of_scan
from DeepMedLib.ct.regions.slice_picture import SIDE
from DeepMedLib.models.bundles import write_manifest
from ScanCoverageLib.slice_network import SECTIONS, SliceNetwork
from Training import bundle_files
from Training.slice_position.card import card
from Training.slice_position.data import FOLDS, Slices, scan_files, scan_name
from Training.slice_position.organs import organ_ranges
from Training.slice_position.train import answers, expected, load_slices

RESOURCES = Path(__file__).resolve().parents[2] / "ScanCoverage" / "Resources" / "ScanCoverageModels"
VERSION = "1.0.0"


def network_of(path: Path) -> SliceNetwork:
    """A trained network."""
    network = SliceNetwork(patches=path.stem.startswith("patches"))
    network.load_state_dict(torch.load(path, weights_only=True)["network"])
    return network.eval()


def spread_of(sections: np.ndarray) -> np.ndarray:
    """(n,) standard deviation of the sections' probabilities (n, SECTIONS)."""
    centres = section_centres(SECTIONS)
    mean = sections @ centres
    return np.sqrt((sections * (centres[None] - mean[:, None]) ** 2).sum(1))


def held_out(work: Path, kind: str, slices: Slices) -> tuple[np.ndarray, np.ndarray]:
    """Section and turn probabilities of every slice by the network that did not learn from its fold."""
    sections, turns = np.zeros((len(slices.mm), SECTIONS)), np.zeros((len(slices.mm), 4))
    for fold in range(FOLDS):
        of = slices.fold == fold
        sections[of], turns[of] = answers(network_of(work / f"{kind}_{fold}.pt"), slices.pictures[of])
    return sections, turns


def profile_positions(slices: Slices) -> np.ndarray:
    """(n,) positions of the unlearned baseline: nearest neighbours in the shares of air, fat, soft tissue and bone.

    Of each held-out slice the three single slices of other folds with the most similar shares are averaged.
    """
    grey = slices.pictures.reshape(len(slices.pictures), -1)
    edges = [0, 1, 40, 110, 170, 230, 256]
    shares = np.stack([((grey >= a) & (grey < b)).mean(1) for a, b in itertools.pairwise(edges)], axis=1)
    shares = (shares - shares.mean(0)) / (shares.std(0) + 1e-9)
    out = np.zeros(len(grey))
    for n, share in enumerate(shares):
        others = np.flatnonzero(slices.fold != slices.fold[n])
        near = others[np.argsort(((shares[others] - share) ** 2).sum(1))[:3]]
        out[n] = slices.position[near].mean()
    return out


def slice_figures(position: np.ndarray, slices: Slices) -> dict[str, float]:
    """Figures of single slices."""
    right = region_index(position) == region_index(slices.position)
    return {
        "slices": len(position),
        "spearman": round(float(spearmanr(position, slices.position)[0]), 4),
        "mean_abs_error": round(float(np.abs(position - slices.position).mean()), 2),
        "region_right": round(float(right.mean()), 3),
        "region_wrong": int((~right).sum()),
    }


def calibrate(sections: np.ndarray, slices: Slices) -> tuple[float, float]:
    """Scale and floor of the standard uncertainty so that 95 % intervals cover 95 % of held-out single slices."""
    error, spread = np.abs(expected(sections) - slices.position), spread_of(sections)
    floor = 1.5
    scale = float(np.quantile(error / np.hypot(spread, floor), 0.95) / 1.96)
    return max(scale, 0.5), floor


def turned(
    data: Path, sections: np.ndarray, turns: np.ndarray, scans: Slices, scale: float, floor: float
) -> dict[str, Any]:
    """Every held-out scan as it lies, and turned in the seven wrong ways by permuting its answers exactly.

    Turning a slice permutes which of the four answers is right; the network is asked anew on flipped slices by the test
    in Testing/bundle. Here each scan is judged as stated and with its slices in reversed order.
    """
    wrong: list[str] = []
    judged = said = 0
    for number, path in enumerate(scan_files(data)):
        of = scans.scan == number
        mm, found, sd = scans.mm[of], expected(sections[of]), scale * np.hypot(spread_of(sections[of]), floor)
        for reverse in (False, True):
            turn = turn_of_scan(mm, found[::-1] if reverse else found, sd[::-1] if reverse else sd, turns[of])
            judged += 1
            right = turn.upside_down is reverse and turn.said == STATED
            said += right
            if not right:
                wrong.append(f"{scan_name(path)}{' reversed' if reverse else ''}")
    return {"judged": judged, "right": int(said), "wrong": wrong}


def flipped(data: Path, work: Path, scans: Slices) -> dict[str, Any]:
    """Every held-out scan with its slices really flipped in the three wrong ways."""
    right = 0
    wrong: list[str] = []
    for number, path in enumerate(scan_files(data)):
        of = np.flatnonzero(scans.scan == number)[::3]
        network = network_of(work / f"patches_{scans.fold[of[0]]}.pt")
        for index, name in enumerate(IN_PLANE):
            pictures = scans.pictures[of]
            pictures = pictures[:, :, ::-1] if index % 2 else pictures
            pictures = pictures[:, ::-1] if index >= 2 else pictures
            sections, turns = answers(network, np.ascontiguousarray(pictures))
            turn = turn_of_scan(scans.mm[of], expected(sections), np.full(len(of), 3.0), turns)
            right += turn.said == name
            if turn.said != name:
                wrong.append(f"{scan_name(path)}: {name}")
    return {"judged": 4 * len(scan_files(data)), "right": right, "wrong": wrong}


def scan_figures(sections: np.ndarray, scans: Slices, scale: float, floor: float) -> dict[str, float]:
    """Held-out scans: smoothed positions against their anatomical levels."""
    errors, ranks = [], []
    for number in np.unique(scans.scan):
        of = scans.scan == number
        sd = scale * np.hypot(spread_of(sections[of]), floor)
        position, _ = smooth_position(scans.mm[of], expected(sections[of]), sd)
        errors.append(float(np.abs(position - scans.position[of]).mean()))
        ranks.append(float(spearmanr(position, scans.mm[of])[0]))
    return {
        "scans": len(errors),
        "mean_abs_error": round(float(np.mean(errors)), 2),
        "worst_mean_abs_error": round(max(errors), 2),
        "least_rank_correlation": round(min(ranks), 3),
    }


def finish(data: Path, work: Path) -> None:
    known, scans = load_slices(data, work / "cache.npz")
    sections, _ = held_out(work, "patches", known)
    scan_sections, scan_turns = held_out(work, "patches", scans)
    scale, floor = calibrate(sections, known)
    figures: dict[str, Any] = {
        "patches": slice_figures(expected(sections), known),
        "profiles": slice_figures(profile_positions(known), known),
        "scans": scan_figures(scan_sections, scans, scale, floor),
        "upside_down": turned(data, scan_sections, scan_turns, scans, scale, floor),
        "flipped": flipped(data, work, scans),
        "coverage_95": round(
            float(
                (
                    np.abs(expected(sections) - known.position) <= 1.96 * scale * np.hypot(spread_of(sections), floor)
                ).mean()
            ),
            3,
        ),
        "wrong_slices": [
            {"row": int(n), "true": round(float(known.position[n]), 1), "found": round(float(expected(sections)[n]), 1)}
            for n in np.argsort(-np.abs(expected(sections) - known.position))[:6]
        ],
    }
    if all((work / f"plain_{fold}.pt").exists() for fold in range(FOLDS)):
        plain_sections, _ = held_out(work, "plain", known)
        figures["plain"] = slice_figures(expected(plain_sections), known)
    organs = organ_ranges(data)
    usual = scale * np.hypot(spread_of(scan_sections), floor)
    medians = [float(np.median(usual[scans.scan == n])) for n in np.unique(scans.scan)]
    calibration = {
        "sd_scale": round(scale, 4),
        "sd_floor": floor,
        "least_certain": round(1.5 * max(medians), 2),
        "organs": [asdict(organ) for organ in organs],
    }
    write_bundle(work / f"patches_{FOLDS}.pt", figures, calibration)
    print(json.dumps(figures, indent=2))


def write_bundle(weights: Path, figures: dict[str, Any], calibration: dict[str, Any]) -> None:
    folder = RESOURCES / "slices"
    state = torch.load(weights, weights_only=True)["network"]
    network_def = {"_target_": "ScanCoverageLib.slice_network.SliceNetwork", "sections": SECTIONS, "width": 12}
    bundle_files.write_bundle(folder, state, network_def, metadata(figures), LICENSE)
    bundle_files.write_json(folder / "configs" / "calibration.json", calibration)
    (folder / "docs" / "README.md").write_text(card(figures, calibration), encoding="utf-8")
    write_manifest(RESOURCES)


def metadata(figures: dict[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata."""
    tensor = {"type": "image", "num_channels": 1, "spatial_shape": [SIDE, SIDE], "dtype": "float32"}
    return bundle_files.metadata(
        VERSION,
        name="CT slices",
        task="Position along the body and turn of axial CT slices",
        description="Patches of an axial slice vote for a section of the body; another head tells its turn.",
        data_source="DeepLesion slices (NIH), BTCV, TotalSegmentator test scan, LIDC-IDRI, CPTAC",
        data_type="axial CT, -175..275 HU as 8 bit",
        figures=figures,
        network_data_format={
            "inputs": {
                "image": tensor
                | {"format": "magnitude", "value_range": [0, 1], "is_patch_data": False, "channel_def": {"0": "CT"}}
            },
            "outputs": {
                "pred": {
                    "type": "array",
                    "format": "classification",
                    "num_channels": SECTIONS + 1,
                    "spatial_shape": [SIDE // 8, SIDE // 8],
                    "dtype": "float32",
                    "value_range": [],
                    "is_patch_data": False,
                    "channel_def": {str(n): f"section {n}" for n in range(SECTIONS)} | {str(SECTIONS): "says nothing"},
                }
            },
        },
    )


LICENSE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors, for research use.

They were trained on slices of DeepLesion (NIH Clinical Center; free use with citation, no formal licence), on BTCV
scans (no licence stated in the copy used), on LIDC-IDRI and CPTAC scans (CC BY 3.0, TCIA) and on a test scan of
TotalSegmentator (Apache-2.0); hence research use only. The configuration files are under the Apache License 2.0 of
this extension.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/slice_position"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    finish(arguments.data, arguments.work)


if __name__ == "__main__":
    main()
