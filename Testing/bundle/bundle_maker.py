"""Makes small bundles for the tests of bundles: plain ones, and ones with every kind of trap."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import torch
from monai.networks.nets import UNet

from DeepMedLib.models.packed import pack

NETWORK = {
    "_target_": "UNet",
    "spatial_dims": 2,
    "in_channels": "@channels",
    "out_channels": 1,
    "channels": [4, 8],
    "strides": [2],
    "norm": ["instance", {"affine": True}],
}


def make_unet(channels: int = 1) -> torch.nn.Module:
    torch.manual_seed(0)
    return UNet(
        spatial_dims=2,
        in_channels=channels,
        out_channels=1,
        channels=(4, 8),
        strides=(2,),
        norm=("instance", {"affine": True}),
    )


def make_bundle(
    folder: Path,
    network: Any = None,
    channels: int = 1,
    weights: Any = None,
    inference: dict[str, Any] | None = None,
    packed: bool = False,
) -> Path:
    """A bundle that passes all checks, unless a part of it is given; ``packed`` as the shipped ones are."""
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "docs").mkdir()
    metadata = {
        "version": "1.2.0",
        "task": "Finds nothing",
        "network_data_format": {"inputs": {"image": {"type": "image", "num_channels": channels}}, "outputs": {}},
    }
    config = {"channels": channels, "network_def": network or NETWORK, **(inference or {})}
    (folder / "configs" / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    (folder / "configs" / "inference.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "docs" / "README.md").write_text("# Größe\n", encoding="utf-8")
    state = make_unet(channels).state_dict() if weights is None else weights
    if packed:
        arrays = {key: value.numpy() for key, value in state.items()}
        (folder / "models" / "model.npz").write_bytes(pack(arrays))
    else:
        torch.save(state, folder / "models" / "model.pt")
    return folder


def zip_bundle(folder: Path, target: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, inside + path.relative_to(folder).as_posix())
    return target
