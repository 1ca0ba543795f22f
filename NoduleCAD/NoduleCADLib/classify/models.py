"""The shipped networks with what was fixed with them (torch; worker only)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from DeepMedLib.models.loading import LoadedModel, load_model, record_of

CANDIDATES, NODULES = "candidates", "nodules"


@dataclass(frozen=True)
class NoduleModels:
    """Both networks.

    Attributes:
        candidates: tells nodules from other candidates.
        nodules: outlines, and repeats opinions.
        thresholds: pairs of false marks per scan and score.
        kinds: texture below the first is ground glass, below the second part-solid, else solid.
        size_opinion: (a, b): suspicion = a + b * ln(mean diameter in mm), within 1..5.
        diameter_sd_mm, volume_sd_share: least standard uncertainties, from outlines of patients kept aside.
    """

    candidates: LoadedModel
    nodules: LoadedModel
    thresholds: tuple[tuple[float, float], ...]
    kinds: tuple[float, float]
    size_opinion: tuple[float, float]
    diameter_sd_mm: float
    volume_sd_share: float

    def about(self) -> dict[str, str]:
        """Model, version, hash, device and engine, for provenance."""
        return record_of(self.candidates, self.nodules)

    def kind(self, texture: float) -> str:
        """The type of a texture score."""
        return "ground glass" if texture < self.kinds[0] else "part-solid" if texture < self.kinds[1] else "solid"

    def opinion_of_size(self, diameter_mm: float) -> float:
        """Suspicion 1..5 from the mean diameter alone."""
        return float(np.clip(self.size_opinion[0] + self.size_opinion[1] * np.log(diameter_mm), 1.0, 5.0))


def load_models(resources: Path, device: str) -> NoduleModels:
    """The verified networks and their calibration.

    Raises:
        BundleRefused: a bundle is missing or was changed.
    """
    candidates, nodules = load_model(resources, CANDIDATES, device), load_model(resources, NODULES, device)
    points = candidates.bundle.read_json("configs/calibration.json")
    fixed = nodules.bundle.read_json("configs/calibration.json")
    return NoduleModels(
        candidates,
        nodules,
        tuple((float(rate), float(score)) for rate, score in points["thresholds"]),
        (float(fixed["kinds"][0]), float(fixed["kinds"][1])),
        (float(fixed["size_opinion"][0]), float(fixed["size_opinion"][1])),
        float(fixed["diameter_sd_mm"]),
        float(fixed["volume_sd_share"]),
    )
