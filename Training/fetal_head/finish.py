"""Make the bundle from the trained state: weights, configuration, calibration, figures, model card, manifest.

    python -m Training.fetal_head.finish --data ../shared/data --work build/fetal_head

Where it was not trained in ``--work``, the shipped network is judged anew: weights stay; calibration, figures, card
and manifest are renewed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.networks.nets import UNet

from DeepMedLib.models.bundles import write_manifest
from FetalBiometryLib.inference.head_network import CANVAS, CHANNELS
from Training import bundle_files
from Training.weights import as_shipped, shipped

from .calibrate import answered, as_json, calibrate, summary
from .card import card
from .looks import Record, hc18_records, no_head_records, noise_records
from .structures import structure_figures
from .train import NETWORK

RESOURCES = Path("FetalBiometry/Resources/FetalBiometryModels")
VERSION = "1.0.0"


def metadata(figures: dict[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata (schema 20240725)."""
    height, width = CANVAS
    tensor = {"type": "image", "num_channels": 1, "spatial_shape": [height, width], "dtype": "float32"}
    return bundle_files.metadata(
        VERSION,
        name="Fetal head",
        task="Fetal head ellipse, cavum septi pellucidi and lateral ventricle in 2D ultrasound",
        description="Segments the fetal head and two of its structures for biometry (BPD, OFD, HC).",
        data_source="HC18 (CC BY 4.0); FETAL_PLANES_DB pictures (CC BY 4.0) with masks of unclear licence",
        data_type="2D B-mode ultrasound stills",
        figures=figures,
        network_data_format={
            "inputs": {
                "image": tensor
                | {"format": "magnitude", "value_range": [0, 1], "is_patch_data": False, "channel_def": {"0": "grey"}}
            },
            "outputs": {
                "pred": {
                    "type": "image",
                    "format": "segmentation",
                    "num_channels": len(CHANNELS),
                    "spatial_shape": [height, width],
                    "dtype": "float32",
                    "value_range": [],
                    "is_patch_data": False,
                    "channel_def": {str(i): name for i, name in enumerate(CHANNELS)},
                }
            },
        },
    )


def passed(records: list[Record], calibration: Any) -> list[str]:
    """Names of pictures the module would answer for."""
    return [r.image for r in answered(records, calibration)]


def finish(data: Path, work: Path) -> None:
    file = work / "state.pt"
    state = torch.load(file, weights_only=True)["average"] if file.exists() else None
    network = UNet(**NETWORK)  # type: ignore[arg-type]
    network.load_state_dict(shipped(RESOURCES / "head") if state is None else as_shipped(state))
    network.eval()
    hc18, fetal = data / "fetal" / "hc18", data / "fetal"
    wrong = no_head_records(network, fetal, "train") + noise_records(network, 30, seed=2_000_000)
    selection = hc18_records(network, hc18, "selection")
    calibration = calibrate(hc18_records(network, hc18, "calibration") + selection, wrong)
    test = hc18_records(network, hc18, "test")
    without = no_head_records(network, fetal, "test")
    noise = noise_records(network, 30, seed=5)
    figures = {
        "hc18_test": summary(test, calibration),
        "hc18_selection": summary(selection, calibration),
        "head_structures_test": structure_figures(network, fetal / "head_structures", "test"),
        "no_head": {
            "pictures": len(without),
            "answered": passed(without, calibration),
            "noise_pictures": len(noise),
            "noise_answered": passed(noise, calibration),
            "training_pictures": len(wrong),
            "training_answered": passed(wrong, calibration),
        },
        "worst_hc18_test": [
            {"image": r.image, "hc_error_mm": round(r.error("HC"), 2), "hc_mm": r.hc_mm, "dice": round(r.dice, 4)}
            for r in sorted((r for r in test if r.found), key=lambda r: -abs(r.error("HC")))[:6]
        ],
    }
    folder = RESOURCES / "head"
    network_def = {"_target_": "monai.networks.nets.UNet", **NETWORK}
    bundle_files.write_bundle(folder, state, network_def, metadata(figures), LICENSE)
    bundle_files.write_json(folder / "configs" / "calibration.json", as_json(calibration))
    (folder / "docs" / "README.md").write_text(card(figures, as_json(calibration)), encoding="utf-8")
    write_manifest(RESOURCES)
    print(json.dumps(figures, indent=2, default=lambda x: float(np.asarray(x))))


LICENSE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors, for research use.

They were trained on HC18 (CC BY 4.0, doi:10.5281/zenodo.1327317) and on pictures of FETAL_PLANES_DB
(CC BY 4.0, doi:10.5281/zenodo.3904280) with published masks whose licence is not clear; hence research use only.
The configuration files are under the Apache License 2.0 of this extension.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/fetal_head"))
    arguments = parser.parse_args()
    finish(arguments.data, arguments.work)


if __name__ == "__main__":
    main()
