"""A network without training that tells organs by grey value alone: for tests of everything about a network.

A voxel of value v (0..255 in the networks' window) belongs to the organ whose `GREYS` lies nearest to it; below 112 it
is background. The models folder must be called PancreasSegModels, as the shipped one. `hu` gives the Hounsfield
value of an organ's grey.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from DeepMedLib.models.bundles import write_manifest
from PancreasSegLib.framing import WINDOW_HU
from PancreasSegLib.organ_network import OrganNetwork
from PancreasSegLib.organs import CHANNELS
from Training.bundle_files import metadata, write_bundle, write_json

BACKGROUND = 90
GREYS = {organ: 120 + 16 * number for number, organ in enumerate(reversed(CHANNELS))}
_RAMP, _SURE = 0.02, 12.0
CALIBRATION = {"edges": {"liver": {"mm": 1.0, "seen": 3, "scans": 3}}, "least_sure": 0.75}


def hu(organ: str) -> float:
    """Hounsfield value that the network takes for an organ; "" gives that of the background."""
    low, high = WINDOW_HU
    return low + (GREYS[organ] if organ else BACKGROUND) / 255 * (high - low)


def tiny_network(slices: int = 5) -> OrganNetwork:
    """Answers at each pixel from its own value in the middle slice: steps from 0 to 1 half-way between the greys."""
    count = len(CHANNELS)
    network = OrganNetwork(slices, count + 1, [2 * count])
    state = network.state_dict()
    for name, value in state.items():
        if value.dtype.is_floating_point:
            value.fill_(1.0 if value.ndim == 1 and name.endswith(("running_var", "1.weight")) else 0.0)
    state["down.0.0.0.weight"][:, slices // 2, 1, 1] = 1.0
    channels = [0, *(CHANNELS.index(organ) + 1 for organ in GREYS)]  # by rising grey
    for number, grey in enumerate(GREYS.values()):
        start = (grey - 8) / 255 - _RAMP / 2
        state["down.0.0.1.bias"][2 * number] = -start
        state["down.0.0.1.bias"][2 * number + 1] = -start - _RAMP
        state["down.0.1.0.weight"][number, 2 * number, 1, 1] = 1 / _RAMP
        state["down.0.1.0.weight"][number, 2 * number + 1, 1, 1] = -1 / _RAMP
        state["out.weight"][channels[number + 1], number] = _SURE
        state["out.weight"][channels[number], number] = -_SURE
    state["out.bias"][0] = _SURE
    state["lies.bias"][0] = 5.0
    network.load_state_dict(state)
    return network.eval()


def write_tiny_models(resources: Path, edges: dict[str, Any] | None = None, slices: int = 5) -> Path:
    """The bundle of a tiny network in a models folder, as the shipped one lies in its own.

    Args:
        resources: a folder called PancreasSegModels, made here.
        edges: of the calibration.
        slices: input channels.
    """
    definition = {
        "_target_": "PancreasSegLib.organ_network.OrganNetwork",
        "slices": slices,
        "classes": len(CHANNELS) + 1,
        "channels": [2 * len(CHANNELS)],
    }
    tensor = {"type": "image", "num_channels": slices, "spatial_shape": ["*", "*"], "dtype": "float32"}
    told = metadata("0.0.0", "organs", "test", "grey values", "none", "CT", {}, {"inputs": {"image": tensor}})
    write_bundle(resources / "organs", tiny_network(slices).state_dict(), definition, told, "none")
    calibration = CALIBRATION | ({} if edges is None else {"edges": edges})
    write_json(resources / "organs" / "configs" / "calibration.json", calibration)
    write_json(resources / "organs" / "configs" / "shapes.json", {})
    write_manifest(resources)
    return resources
