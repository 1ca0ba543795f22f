"""The shipped recogniser with its calibration (torch; imported by the worker only)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from DeepMedLib.ct.regions.verdicts import OrganRange
from DeepMedLib.models.loading import LoadedModel, load_model, record_of

BUNDLE = "slices"


@dataclass(frozen=True)
class Recognizer:
    """A network and what was fixed with it.

    Attributes:
        model: bundle, network and device.
        sd_scale, sd_floor: standard uncertainty = scale * sqrt(floor^2 + spread of the sections^2).
        least_certain: median standard uncertainty of the slices, above which a scan is not judged.
        organs: where along the body organs usually lie.
    """

    model: LoadedModel
    sd_scale: float
    sd_floor: float
    least_certain: float
    organs: tuple[OrganRange, ...]

    def about(self) -> dict[str, str]:
        """Model, version, hash, device and engine, for provenance."""
        return record_of(self.model)


def load_recognizer(resources: Path, device: str) -> Recognizer:
    """The verified model and its calibration.

    Raises:
        BundleRefused: the bundle is missing or was changed.
    """
    model = load_model(resources, BUNDLE, device)
    calibration = model.bundle.read_json("configs/calibration.json")
    return Recognizer(
        model,
        float(calibration["sd_scale"]),
        float(calibration["sd_floor"]),
        float(calibration["least_certain"]),
        tuple(OrganRange(**organ) for organ in calibration["organs"]),
    )
