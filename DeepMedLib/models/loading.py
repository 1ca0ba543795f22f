"""Models ready to compute: verified, on their device, loaded once a process (torch; imported by the worker only)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from DeepMedLib.models.bundles import Bundle, shipped_bundle
from DeepMedLib.models.device import DeviceChoice, choose_device


@dataclass(frozen=True)
class LoadedModel:
    """A verified bundle and its network.

    Attributes:
        bundle: what the files say.
        network: float32, in evaluation mode, on the device.
        device: where it computes.
    """

    bundle: Bundle
    network: torch.nn.Module
    device: DeviceChoice


_loaded: dict[tuple[str, str, str], LoadedModel] = {}


def load_model(resources: Path, bundle: str, device: str = "auto") -> LoadedModel:
    """A shipped model, kept for the next input of the same process.

    Args:
        resources: the module's model folder, ``Resources/<Module>Models``.
        bundle: its name in the manifest.
        device: one of `DeepMedLib.models.device.DEVICES`.

    Raises:
        BundleRefused: the bundle is missing or was changed.
        BadInput: there is no such device.
    """
    chosen = choose_device(device)
    key = (str(resources), bundle, chosen.name)
    if key not in _loaded:
        verified = shipped_bundle(resources, bundle)
        _loaded[key] = LoadedModel(verified, verified.load_network(chosen.name), chosen)
    return _loaded[key]


def record_of(*models: LoadedModel) -> dict[str, str]:
    """What a task's values say of the models that computed: the keys of `DeepMedLib.provenance.MADE_WITH`.

    Of several models on one device, names, versions and hashes are given in order, ", " between them.
    """
    bundles = [model.bundle for model in models]
    return {
        "model": ", ".join(bundle.name for bundle in bundles),
        "version": ", ".join(bundle.version for bundle in bundles),
        "sha256": ", ".join(bundle.sha256 for bundle in bundles),
        "device": models[0].device.description,
        "engine": f"torch {torch.__version__}",
    }
