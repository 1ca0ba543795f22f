"""The two bundles on disk: configuration, metadata, weights in fp16, licence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from CephSketcherLib.ceph_network import CANVAS, FACE, MAP_STEP

from .train import COARSE, network_config

RESOURCES = Path("CephSketcher/Resources/CephSketcherModels")
VERSION = "1.1.0"
CHANGELOG = {"1.0.0": "first release", "1.1.0": "fine networks trained on, last on all films 001-150"}
ABOUT = {
    COARSE: (
        "Lateral cephalogram, coarse landmarks",
        "Finds the landmarks of a lateral head film roughly, and which way the head looks.",
        ["stretched grey", "local contrast"],
        CANVAS,
    ),
    "fine": (
        "Lateral cephalogram, fine landmarks",
        "Places the landmarks on the face in its canonical frame as probability distributions.",
        [f"{name} {i}" for name in ("stretched grey", "local contrast") for i in range(MAP_STEP**2)],
        (FACE[0] // MAP_STEP, FACE[1] // MAP_STEP),
    ),
}
LICENSE = """The weights in this folder were trained by the DeepMed for 3D Slicer contributors. Research use only.

They were trained on challenge films whose licence is not stated (ISBI 2014/2015 grand challenges, films 001-150) and,
all but landmarks_fine_isbi, on films of a second clinic (Hamedan) published without a licence. Research use only; ask
the owners of the films for anything else. The configuration files are under the Apache License 2.0 of this extension.
"""


def half_precision(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights in fp16, running statistics and counters as they are (their range can exceed fp16)."""
    return {
        key: value.half() if value.dtype.is_floating_point and "running_" not in key else value
        for key, value in state.items()
    }


def metadata(kind: str, symbols: tuple[str, ...], figures: dict[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata (schema 20240725)."""
    name, description, names, size = ABOUT[kind]
    place = {"type": "image", "spatial_shape": list(size), "dtype": "float32", "is_patch_data": False}
    return {
        "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
        "meta_schema_20240725.json",
        "version": VERSION,
        "changelog": CHANGELOG,
        "monai_version": "1.6.1",
        "pytorch_version": "2.13.0",
        "numpy_version": "2.4.6",
        "required_packages_version": {},
        "name": name,
        "task": "Landmarks of lateral cephalograms",
        "description": description,
        "authors": "DeepMed for 3D Slicer contributors",
        "copyright": "DeepMed for 3D Slicer contributors",
        "intended_use": "Research only. Not a medical device.",
        "data_source": "ISBI 2014/2015 challenge films 001-150 and Hamedan films; licence not stated",
        "data_type": "lateral head films",
        "eval_metrics": figures,
        "network_data_format": {
            "inputs": {
                "image": place
                | {
                    "num_channels": len(names),
                    "format": "magnitude",
                    "value_range": [-2, 2],
                    "channel_def": {str(i): text for i, text in enumerate(names)},
                }
            },
            "outputs": {
                "pred": place
                | {
                    "num_channels": len(symbols),
                    "format": "probability",
                    "value_range": [],
                    "channel_def": {str(i): symbol for i, symbol in enumerate(symbols)},
                }
            },
        },
    }


def write_json(path: Path, record: Any) -> None:
    """Indented, with a newline at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def write_bundle(name: str, job: str, work: Path, symbols: tuple[str, ...]) -> None:
    """Weights, definition, licence and preliminary metadata of one network."""
    folder = RESOURCES / name
    kind = job.partition("_")[0]
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "docs").mkdir(exist_ok=True)
    state = torch.load(work / f"{job}.pt", weights_only=True)["average"]
    torch.save(half_precision(state), folder / "models" / "model.pt")
    network = {"_target_": "monai.networks.nets.UNet", **network_config(kind, len(symbols))}
    write_json(folder / "configs" / "inference.json", {"bundle_root": ".", "network_def": network})
    write_json(folder / "configs" / "metadata.json", metadata(kind, symbols, {}))
    (folder / "LICENSE").write_text(LICENSE, encoding="utf-8")
