"""The shipped network with its calibration (torch; imported by the worker only)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from DeepMedLib.models.bundles import MANIFEST, shipped_bundle
from DeepMedLib.models.loading import LoadedModel, load_model, record_of
from PancreasSegLib.calibration import UNCALIBRATED, Calibration
from PancreasSegLib.whole_volume import Shapes

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
    read = model.bundle.read_json
    return OrganModels(model, Calibration.from_json(read("configs/calibration.json"), read("configs/shapes.json")))


def without_edges(resources: Path) -> Calibration:
    """For a user's network: what is known of organs whoever outlines them; nothing where no bundle is shipped.

    Raises:
        BundleRefused: the bundle was changed.
    """
    if not (resources / MANIFEST).is_file():
        return UNCALIBRATED
    shapes = shipped_bundle(resources, BUNDLE).read_json("configs/shapes.json")
    return replace(UNCALIBRATED, shapes={kind: Shapes.from_json(of) for kind, of in shapes.items()})
