"""Judge the candidates' stream, write its bundle: `python -m Training.nodule_candidates.finish --data ../shared/data`.

After `Training.nodule_candidates.train`; once more after `Training.nodule_scans.judge`, which needs the bundle, to take
its figures into the card.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.models.bundles import write_manifest
from DeepMedLib.models.device import choose_device
from DeepMedLib.models.loading import LoadedModel
from NoduleCADLib.classify.candidate_network import SIDE, CandidateNetwork
from NoduleCADLib.classify.inference import nodule_logits
from NoduleCADLib.froc import READ_OFF
from Training import bundle_files
from Training.nodule_candidates.baseline import hog_svm_scores
from Training.nodule_candidates.data import GAP_ROWS, load_patches, split
from Training.nodule_candidates.judge import figures
from Training.nodule_scans.card import candidates_card
from Training.weights import as_shipped

RESOURCES = Path(__file__).resolve().parents[2] / "NoduleCAD" / "Resources" / "NoduleCADModels"
VERSION = "1.0.0"
OTHERS_PER_SCAN = 549_714 / 888
"""Candidates without a nodule in LUNA16's list of candidates, per scan."""
LICENSE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors, for research use.

They were trained on candidate patches of LUNA16 (CC BY 4.0), which come from LIDC-IDRI (CC BY 3.0, TCIA). The
configuration files are under the Apache License 2.0 of this extension.
"""


def held_out_scores(weights: Path, pictures: np.ndarray) -> np.ndarray:
    """(n,) logits of patches by the network as it is shipped, rounded weights and eight turns."""
    network = CandidateNetwork()
    network.load_state_dict(as_shipped(torch.load(weights, weights_only=True)))
    model = LoadedModel(None, network.eval(), choose_device("cpu"))  # type: ignore[arg-type]
    return nodule_logits(model, pictures.astype(np.float32) / 255.0)


def operating_points(score: np.ndarray, label: np.ndarray) -> list[list[float]]:
    """Scores at rates of false marks per scan, as the sampled candidates of LUNA16's list tell.

    The patches without a nodule are a random sample of that list, of which a scan has `OTHERS_PER_SCAN`. Rates that so
    few patches cannot tell (below one patch) are left out.
    """
    false = np.sort(1 / (1 + np.exp(-score[label == 0])))[::-1]
    rates = [rate for rate in READ_OFF if rate / OTHERS_PER_SCAN * len(false) >= 1]
    return [[rate, round(float(false[round(rate / OTHERS_PER_SCAN * len(false)) - 1]), 4)] for rate in rates]


def finish(data: Path, work: Path, baseline: bool) -> None:
    """Figures, card, bundle."""
    patches = load_patches(data)
    train, judged = split(patches.row, 0)
    aside = patches.take(judged)
    weights = work / "fold_0_done.pt"
    score = held_out_scores(weights, aside.pictures)
    found: dict[str, Any] = {"aside": figures(score, aside.label, aside.row)}
    found["trained_on"] = int(train.sum())
    found["gap_rows"] = GAP_ROWS
    known = work / "baseline.json"
    if baseline:
        scores = hog_svm_scores(patches.take(train), aside)
        bundle_files.write_json(known, figures(scores, aside.label, aside.row))
    if known.exists():
        found["hog_svm"] = json.loads(known.read_text(encoding="utf-8"))
    scans = work / "scans.json"
    if scans.exists():
        found["scans"] = json.loads(scans.read_text(encoding="utf-8"))
    thresholds = operating_points(score, aside.label)
    folder = RESOURCES / "candidates"
    definition = {"_target_": "NoduleCADLib.classify.candidate_network.CandidateNetwork", "width": 48}
    state = torch.load(weights, weights_only=True)
    bundle_files.write_bundle(folder, state, definition, metadata(found), LICENSE)
    bundle_files.write_json(folder / "configs" / "calibration.json", {"thresholds": thresholds})
    (folder / "docs" / "README.md").write_text(candidates_card(found), encoding="utf-8")
    write_manifest(RESOURCES)
    print(json.dumps(found, indent=2))


def metadata(found: dict[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata."""
    tensor = {"type": "image", "num_channels": 1, "spatial_shape": [SIDE, SIDE], "dtype": "float32"}
    views = {"format": "magnitude", "value_range": [0, 1], "is_patch_data": False, "channel_def": {"0": "CT"}}
    answer = {
        "type": "array",
        "format": "classification",
        "num_channels": 1,
        "spatial_shape": [],
        "dtype": "float32",
        "value_range": [],
        "is_patch_data": False,
        "channel_def": {"0": "logit of a nodule"},
    }
    return bundle_files.metadata(
        VERSION,
        name="Nodule candidates",
        task="Tell lung nodules from other candidates",
        description="One stream for all views of a candidate; their logits are averaged.",
        data_source="LUNA16 candidate patches (from LIDC-IDRI)",
        data_type="views of 35 mm, -1000..400 HU",
        figures=found,
        network_data_format={"inputs": {"image": tensor | views}, "outputs": {"pred": answer}},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/nodule_candidates"))
    parser.add_argument(
        "--baseline", action="store_true", help="also train HOG with an SVM (needs scikit-learn, -image)"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    finish(arguments.data, arguments.work, arguments.baseline)


if __name__ == "__main__":
    main()
