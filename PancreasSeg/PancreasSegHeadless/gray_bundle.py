"""A MONAI bundle that tells the organs of the drawn abdomen by their gray value: one convolution, nothing learned.

It shows how a network of a user's goes through the module where no patient and no trained network is wanted. It is no
measure of quality: of a patient it would say nonsense.
"""

from __future__ import annotations

import json
from pathlib import Path

from PancreasSegLib.phantom import HU

_OTHER_HU = (-1000, -860, -400, -100, -40, 32, 40, 320, 700)
"""Air, lung, gas and its edge, fat, soft tissue, bone: each of them a class without a name of an organ."""
_LOW, _HIGH = -1000, 1000


def write_gray_bundle(folder: Path) -> Path:
    """Write the bundle into a new folder; needs torch."""
    import torch

    names = {f"other {number}": value for number, value in enumerate(_OTHER_HU)} | HU
    at = torch.tensor([(value - _LOW) / (_HIGH - _LOW) for value in names.values()], dtype=torch.float64)
    network = torch.nn.Conv3d(1, len(names), 1)
    with torch.no_grad():  # of lines 2ax - a^2 the largest at x is that of the nearest a
        network.weight[:, 0, 0, 0, 0] = 2e4 * 2 * at
        network.bias[:] = -2e4 * at * at
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    torch.save(network.state_dict(), folder / "models" / "model.pt")
    channels = {"0": "background"} | {str(number): name for number, name in enumerate(names) if number}
    data_format = {
        "inputs": {"image": {"num_channels": 1, "spatial_shape": [64, 64, 64]}},
        "outputs": {"pred": {"channel_def": channels}},
    }
    scale = {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": _LOW, "a_max": _HIGH}
    config = {
        "network_def": {
            "_target_": "torch.nn.Conv3d",
            "in_channels": 1,
            "out_channels": len(names),
            "kernel_size": 1,
        },
        "preprocessing": [
            {"_target_": "EnsureChannelFirstd", "keys": "image"},
            {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
            {**scale, "b_min": 0.0, "b_max": 1.0, "clip": True},
        ],
    }
    (folder / "configs" / "metadata.json").write_text(
        json.dumps({"version": "1.0", "network_data_format": data_format})
    )
    (folder / "configs" / "inference.json").write_text(json.dumps(config))
    return folder
