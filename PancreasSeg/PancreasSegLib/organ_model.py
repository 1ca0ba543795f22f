"""The shipped networks with their calibration (torch; imported by the worker only)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from DeepMedLib.models.loading import LoadedModel, load_model, record_of
from PancreasSegLib.calibration import Calibration

FINE, COARSE = "organs", "localizer"
"""Bundles: slices at 2.5 mm, and the whole scan at 5 mm."""


@dataclass(frozen=True)
class OrganModels:
    """Both networks and what was fixed with them."""

    fine: LoadedModel
    coarse: LoadedModel
    calibration: Calibration

    def about(self) -> dict[str, str]:
        """Models, versions, hashes, device and engine, for provenance."""
        return record_of(self.fine, self.coarse)


def load_models(resources: Path, device: str) -> OrganModels:
    """The verified models.

    Raises:
        BundleRefused: a bundle is missing or was changed.
        BadInput: there is no such device.
    """
    fine = load_model(resources, FINE, device)
    coarse = load_model(resources, COARSE, device)
    return OrganModels(fine, coarse, Calibration.from_json(fine.bundle.read_json("configs/calibration.json")))
