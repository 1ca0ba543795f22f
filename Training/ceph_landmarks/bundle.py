"""The three bundles on disk: configuration, metadata, packed weights, licence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from CephSketcherLib.landmarks.network import CANVAS, FACE, MAP_STEP
from Training import bundle_files

from .train import COARSE, kind_of, network_config, weights_of

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


def metadata(kind: str, symbols: tuple[str, ...], figures: dict[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata."""
    name, description, names, size = ABOUT[kind]
    place = {"type": "image", "spatial_shape": list(size), "dtype": "float32", "is_patch_data": False}
    image = {
        "num_channels": len(names),
        "format": "magnitude",
        "value_range": [-2, 2],
        "channel_def": {str(i): text for i, text in enumerate(names)},
    }
    maps = {
        "num_channels": len(symbols),
        "format": "probability",
        "value_range": [],
        "channel_def": {str(i): symbol for i, symbol in enumerate(symbols)},
    }
    return bundle_files.metadata(
        VERSION,
        name,
        "Landmarks of lateral cephalograms",
        description,
        "ISBI 2014/2015 challenge films 001-150 and Hamedan films; licence not stated",
        "lateral head films",
        figures,
        {"inputs": {"image": place | image}, "outputs": {"pred": place | maps}},
        CHANGELOG,
    )


def write_bundle(name: str, job: str, work: Path, symbols: tuple[str, ...]) -> None:
    """Weights, definition, licence and preliminary metadata of one network."""
    kind = kind_of(job)
    network = {"_target_": "monai.networks.nets.UNet", **network_config(kind, len(symbols))}
    bundle_files.write_bundle(RESOURCES / name, weights_of(work, job), network, metadata(kind, symbols, {}), LICENSE)
