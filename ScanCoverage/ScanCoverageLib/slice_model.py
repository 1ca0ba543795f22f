"""The shipped recogniser with its calibration, loaded once a process (torch; imported by the worker only)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from DeepMedLib.models.bundles import Bundle, shipped_bundle
from DeepMedLib.models.device import choose_device
from ScanCoverageLib.reading import OrganRange

BUNDLE = "slices"


@dataclass(frozen=True)
class Recognizer:
    """A network and what was fixed with it.

    Attributes:
        sd_scale, sd_floor: standard uncertainty = scale * sqrt(floor^2 + spread of the sections^2).
        least_certain: median standard uncertainty of the slices, above which a scan is not judged.
        organs: where along the body organs usually lie.
    """

    bundle: Bundle
    network: torch.nn.Module
    device: str
    description: str
    sd_scale: float
    sd_floor: float
    least_certain: float
    organs: tuple[OrganRange, ...]

    def about(self) -> dict[str, str]:
        """Model, version, hash, device and engine, for provenance."""
        return {
            "model": self.bundle.name,
            "version": self.bundle.version,
            "sha256": self.bundle.sha256,
            "device": self.description,
            "engine": f"torch {torch.__version__}",
        }


_loaded: dict[tuple[str, str], Recognizer] = {}


def load_recognizer(resources: Path, device: str) -> Recognizer:
    """The verified bundle, its network and calibration.

    Raises:
        BundleRefused: the bundle is missing or was changed.
    """
    chosen = choose_device(device)
    key = (str(resources), chosen.name)
    if key not in _loaded:
        bundle = shipped_bundle(resources, BUNDLE)
        calibration = bundle.read_json("configs/calibration.json")
        _loaded[key] = Recognizer(
            bundle,
            bundle.load_network(chosen.name),
            chosen.name,
            chosen.description,
            float(calibration["sd_scale"]),
            float(calibration["sd_floor"]),
            float(calibration["least_certain"]),
            tuple(OrganRange(**organ) for organ in calibration["organs"]),
        )
    return _loaded[key]
