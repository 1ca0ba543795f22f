"""The shipped network with its calibration (torch; imported by the worker only)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from DeepMedLib.models.loading import LoadedModel, load_model, record_of
from PancreasSegLib.calibration import Calibration

BUNDLE = "organs"


@dataclass(frozen=True)
class OrganModels:
    """A network and what was fixed with it.

    Attributes:
        organs: bundle, network and device.
        calibration: errors of its edges on scans that it never saw.
    """

    organs: LoadedModel
    calibration: Calibration

    def about(self) -> dict[str, str]:
        """Model, version, hash, device and engine, for provenance."""
        return record_of(self.organs)


def load_models(resources: Path, device: str) -> OrganModels:
    """The verified model.

    Raises:
        BundleRefused: the bundle is missing or was changed.
        BadInput: there is no such device.
    """
    model = load_model(resources, BUNDLE, device)
    return OrganModels(model, Calibration.from_json(model.bundle.read_json("configs/calibration.json")))
