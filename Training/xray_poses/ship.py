"""Writes the bundles of the registration's networks from the training's last states, with figures from measure.py.

.venv/bin/python -m Training.xray_poses.ship --state build/xray_poses [--figures build/xray_poses]

Without `--state` the weights stay as they are and the figures alone are renewed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from DeepMedLib.models.bundles import write_manifest

from ..bundle_files import metadata, write_bundle
from .data import MODELS

VERSION = "1.0.0"
BUNDLES = {"displacements": ("shared", "DisplacementNet"), "published": ("published", "ResidualNet")}
_FIRST = {"displacements": "network", "published": "published_network"}
_LICENCE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors, for research use.

They were trained on X-rays simulated from BTCV scans (no licence stated in the copy used); hence research use only. The
configuration files are under the Apache License 2.0 of this extension.
"""
_SOURCE = "BTCV abdominal CT (research use), 7 patients; X-rays simulated from it"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--figures", type=Path)
    args = parser.parse_args()
    for bundle, (name, network) in BUNDLES.items():
        state = None
        if args.state is not None:
            state = torch.load(args.state / f"{name}.pt", weights_only=True)["network"]
        write_bundle(
            MODELS / bundle,
            state,
            {"_target_": f"Registration2D3DLib.learned.networks.{network}"},
            _described(bundle, _figures(args.figures, bundle)),
            _LICENCE,
        )
    print(write_manifest(MODELS))


def _figures(folder: Path | None, bundle: str) -> dict[str, Any]:
    if folder is None:
        return {}
    paths = {views: folder / f"measured_{views}_{_FIRST[bundle]}.json" for views in (1, 2)}
    return {
        f"views_{views}": json.loads(path.read_text(encoding="utf-8"))["figures"]
        for views, path in paths.items()
        if path.is_file()
    }


def _described(bundle: str, figures: dict[str, Any]) -> dict[str, Any]:
    count = 2 if bundle == "displacements" else 16
    patch = {
        "type": "image", "num_channels": count, "spatial_shape": [20, 20], "dtype": "float32", "format": "patches",
        "value_range": [], "is_patch_data": True,
        "channel_def": {"0": "X-ray", "1": "DRR"} if count == 2 else {str(n): f"landmark {n}" for n in range(16)},
    }  # fmt: skip
    told = ["column, pixels", "row, pixels", "log variance"] if count == 2 else [
        "shift x", "shift y", "turn z", "turn x", "turn y", "shift z",
    ]  # fmt: skip
    pred = {
        "type": "probabilities", "num_channels": len(told), "spatial_shape": [], "dtype": "float32", "format": "vector",
        "value_range": [], "is_patch_data": False, "channel_def": {str(n): what for n, what in enumerate(told)},
    }  # fmt: skip
    return metadata(
        VERSION,
        f"X-ray poses, {bundle}",
        "How far an object's pose is off, from patches of an X-ray and a DRR about landmarks",
        "First stage of the registration of CT or models to X-rays.",
        _SOURCE,
        "patches of X-rays and DRRs",
        figures,
        {"inputs": {"image": patch}, "outputs": {"pred": pred}},
    )


if __name__ == "__main__":
    main()
