"""Judge the outlining network and write its bundle: `python -m Training.nodule_measures.finish --data ../shared/data`.

After `Training.nodule_measures.train`. Type thresholds and the size line are fixed on the patients that it trained on,
the uncertainties on those kept aside.
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
from NoduleCADLib.classify.nodule_network import OFFSETS_MM, OPINIONS, SIDE, NoduleNetwork
from Training import bundle_files
from Training.nodule_candidates.finish import RESOURCES, VERSION
from Training.nodule_measures.judge import (
    best_kinds,
    box_rows,
    least_sd,
    opinion_figures,
    outline_figures,
    patch_rows,
    size_opinion,
)
from Training.nodule_scans.card import nodules_card
from Training.weights import as_shipped

FOLD = 0
LICENSE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors, for research use.

They were trained on nodules of LIDC-IDRI with their readers' outlines and scores (CC BY 3.0, TCIA). The configuration
files are under the Apache License 2.0 of this extension.
"""


def shipped_model(weights: Path) -> LoadedModel:
    """The network with its weights rounded as the bundle holds them."""
    network = NoduleNetwork()
    network.load_state_dict(as_shipped(torch.load(weights, weights_only=True)))
    return LoadedModel(None, network.eval(), choose_device("cpu"))  # type: ignore[arg-type]


def finish(data: Path, work: Path) -> None:
    """Figures, calibration, card, bundle."""
    weights = work / f"fold_{FOLD}_done.pt"
    model = shipped_model(weights)
    rows = box_rows(model, data, FOLD)
    found: dict[str, Any] = {"outlines": outline_figures(rows)}
    learned = patch_rows(model, data, lambda fold: fold == 1)  # a fold that it trained on is enough for two thresholds
    kinds, line = best_kinds(learned), size_opinion(learned)
    aside = patch_rows(model, data, lambda fold: fold == FOLD)
    found |= opinion_figures(aside, kinds)
    measured = [row for row in rows if row["mean_mm"] is not None]
    error = np.array([row["mean_mm"] - row["true_mm"] for row in measured])
    share = np.array([row["volume_mm3"] / row["true_mm3"] - 1 for row in measured])
    own = np.array([row["shape_sd_mm3"] / row["volume_mm3"] for row in measured])
    calibration = {
        "kinds": [round(value, 2) for value in kinds],
        "size_opinion": [round(value, 4) for value in line],
        "diameter_sd_mm": round(least_sd(error, np.array([row["shape_sd_mm"] for row in measured])), 3),
        "volume_sd_share": round(least_sd(share, own), 3),
    }
    folder = RESOURCES / "nodules"
    definition = {"_target_": "NoduleCADLib.classify.nodule_network.NoduleNetwork", "width": 16}
    state = torch.load(weights, weights_only=True)
    bundle_files.write_bundle(folder, state, definition, metadata(found), LICENSE)
    bundle_files.write_json(folder / "configs" / "calibration.json", calibration)
    (folder / "docs" / "README.md").write_text(nodules_card(found, calibration), encoding="utf-8")
    write_manifest(RESOURCES)
    print(json.dumps(found | calibration, indent=2))


def metadata(found: dict[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata."""
    slices = len(OFFSETS_MM)
    tensor = {"type": "image", "num_channels": slices + 1, "spatial_shape": [SIDE, SIDE], "dtype": "float32"}
    channels = {str(n): f"slice at {offset:g} mm" for n, offset in enumerate(OFFSETS_MM)}
    views = {"format": "magnitude", "value_range": [], "is_patch_data": False}
    outline = {
        "type": "image",
        "format": "segmentation",
        "num_channels": 1,
        "spatial_shape": [SIDE, SIDE],
        "dtype": "float32",
        "value_range": [],
        "is_patch_data": False,
        "channel_def": {"0": "logit of the nodule"},
    }
    opinion = {
        "type": "array",
        "format": "regression",
        "num_channels": len(OPINIONS),
        "spatial_shape": [],
        "dtype": "float32",
        "value_range": [],
        "is_patch_data": False,
        "channel_def": {str(n): name for n, name in enumerate(OPINIONS)},
    }
    return bundle_files.metadata(
        VERSION,
        name="Nodules",
        task="Outline lung nodules and repeat their readers' scores",
        description="A U-Net on five neighboring slices with heads for four scores.",
        data_source="LIDC-IDRI: outlines and scores of up to four readers",
        data_type="views of 38 mm, HU",
        figures=found,
        network_data_format={
            "inputs": {"image": tensor | views | {"channel_def": channels | {str(slices): "distance from the mark"}}},
            "outputs": {"pred": outline, "opinion": opinion},
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/nodule_measures"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    finish(arguments.data, arguments.work)


if __name__ == "__main__":
    main()
