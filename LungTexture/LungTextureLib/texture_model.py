"""The shipped network with what was fixed with it (torch; imported by the worker only)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from DeepMedLib.models.loading import LoadedModel, load_model, record_of

BUNDLE = "patches"


@dataclass(frozen=True)
class TextureModel:
    """A network and its calibration.

    Attributes:
        model: bundle, network and device.
        temperature: by which log probabilities of places on a scan are divided.
        patch_temperature: the same of single patches, which are seen in eight ways.
        threshold: probability below which a place is "not sure".
        share_sd: percentage points, one a class: error of shares by the network's mistakes.
    """

    model: LoadedModel
    temperature: float
    patch_temperature: float
    threshold: float
    share_sd: tuple[float, ...]

    def about(self) -> dict[str, str]:
        """Model, version, hash, device and engine, for provenance."""
        return record_of(self.model)


def load_texture_model(resources: Path, device: str) -> TextureModel:
    """The verified model and its calibration.

    Raises:
        BundleRefused: the bundle is missing or was changed.
    """
    model = load_model(resources, BUNDLE, device)
    fixed = model.bundle.read_json("configs/calibration.json")
    return TextureModel(
        model,
        float(fixed["temperature"]),
        float(fixed["patch_temperature"]),
        float(fixed["threshold"]),
        tuple(float(sd) for sd in fixed["share_sd"]),
    )
