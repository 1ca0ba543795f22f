"""Networks without training that tell organs by grey value alone: for tests of everything about a network.

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
CALIBRATION = {"edges": {"solid": {"mm": 1.0, "seen": 15, "scans": 3}}, "blend": 0.5, "least_sure": 0.75}


def hu(organ: str) -> float:
    """Hounsfield value that the networks take for an organ; "" gives that of the background."""
    low, high = WINDOW_HU
    return low + (GREYS[organ] if organ else BACKGROUND) / 255 * (high - low)


def tiny_network(dimensions: int, slices: int) -> OrganNetwork:
    """Answers at each voxel from its own value in the middle slice: steps from 0 to 1 half-way between the greys."""
    count = len(CHANNELS)
    network = OrganNetwork(dimensions, slices, count + 1, [2 * count])
    state = network.state_dict()
    for name, value in state.items():
        if value.dtype.is_floating_point:
            value.fill_(1.0 if value.ndim == 1 and name.endswith(("running_var", "1.weight")) else 0.0)
    center = [1] * dimensions
    state["down.0.0.0.weight"][(slice(None), slices // 2, *center)] = 1.0
    channels = [0, *(CHANNELS.index(organ) + 1 for organ in GREYS)]  # by rising grey
    for number, grey in enumerate(GREYS.values()):
        start = (grey - 8) / 255 - _RAMP / 2
        state["down.0.0.1.bias"][2 * number] = -start
        state["down.0.0.1.bias"][2 * number + 1] = -start - _RAMP
        state["down.0.1.0.weight"][(number, 2 * number, *center)] = 1 / _RAMP
        state["down.0.1.0.weight"][(number, 2 * number + 1, *center)] = -1 / _RAMP
        state["out.weight"][(channels[number + 1], number, *[0] * dimensions)] = _SURE
        state["out.weight"][(channels[number], number, *[0] * dimensions)] = -_SURE
    state["out.bias"][0] = _SURE
    if dimensions == 2:
        state["lies.bias"][0] = 5.0
    network.load_state_dict(state)
    return network.eval()


def write_tiny_models(resources: Path, edges: dict[str, Any] | None = None) -> Path:
    """Bundles of tiny networks in a models folder, as the shipped ones lie in theirs."""
    calibration = CALIBRATION | ({} if edges is None else {"edges": edges})
    for name, dimensions, slices in (("organs", 2, 5), ("localizer", 3, 1)):
        definition = {
            "_target_": "PancreasSegLib.organ_network.OrganNetwork",
            "dimensions": dimensions,
            "slices": slices,
            "classes": len(CHANNELS) + 1,
            "channels": [2 * len(CHANNELS)],
        }
        tensor = {"type": "image", "num_channels": slices, "spatial_shape": ["*"] * dimensions, "dtype": "float32"}
        told = metadata("0.0.0", name, "test", "grey values", "none", "CT", {}, {"inputs": {"image": tensor}})
        write_bundle(resources / name, tiny_network(dimensions, slices).state_dict(), definition, told, "none")
        if dimensions == 2:
            write_json(resources / name / "configs" / "calibration.json", calibration)
    write_manifest(resources)
    return resources
