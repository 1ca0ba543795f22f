"""The worker's task: one grey still in, the head finding and its label map out (torch; imported by the worker only)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.models.loading import LoadedModel, load_model, record_of
from DeepMedLib.task import Progress, TaskResult
from FetalBiometryLib.inference.head_network import HeadLooks, look_at
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.head import Calibration, HeadFinding, reason_to_abstain
from FetalBiometryLib.planes.head_quality import head_quality
from FetalBiometryLib.planes.head_shape import ShapeFit, relative_spread

BUNDLE = "head"
LABELS = {1: "head", 2: "csp", 3: "ventricle"}


def load(resources: Path, device: str) -> LoadedModel:
    """The head model."""
    return load_model(resources, BUNDLE, device)


def cues(mean_fit: ShapeFit, fits: list[ShapeFit]) -> tuple[dict[str, float], dict[str, float]]:
    """Relative spread of HC, BPD, OFD among the looks, and the raw cues that uncertainty and abstention rest on."""
    spread = relative_spread([fit.ellipse for fit in fits])
    details = {
        "looks": float(len(fits)),
        "spread": spread["HC"],
        "spread_bpd": spread["BPD"],
        "spread_ofd": spread["OFD"],
        "residual": mean_fit.residual,
        "certainty": mean_fit.certainty,
        "share": mean_fit.share,
    }
    return spread, details


def finding_of(looks: HeadLooks, picture: np.ndarray, calibration: Calibration) -> HeadFinding:
    """Judge what the looks saw."""
    fits = [fit for fit in looks.fits if fit is not None]
    if looks.mean_fit is None or not fits:
        return HeadFinding(None, {}, None, True, "No fetal head was found in the picture.", {"looks": 0.0})
    ellipse = looks.to_picture(looks.mean_fit.ellipse)
    spread, details = cues(looks.mean_fit, fits)
    quality = head_quality(picture, looks.picture_maps(), ellipse, details["residual"])
    relative_sd = {name: calibration.relative_sd(name, spread[name], details["residual"]) for name in spread}
    reason = reason_to_abstain(calibration, ellipse, details, quality)
    return HeadFinding(ellipse, relative_sd, quality, bool(reason), reason, details)


def label_map(maps: np.ndarray, ellipse: Ellipse) -> np.ndarray:
    """(H, W) uint8: 1 head (the ellipse), 2 cavum septi pellucidi, 3 lateral ventricle, both inside the head."""
    labels = (ellipse.mask(*maps.shape[1:]) > 0).astype(np.uint8)
    for value, channel in ((3, 3), (2, 2)):
        labels[(maps[channel] > 0.5) & (labels > 0)] = value
    return labels


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Measure the head.

    Args:
        arrays: ``picture`` (H, W) uint8.
        options: ``resources`` folder of the bundles, ``device`` auto/cpu/cuda.

    Returns:
        arrays ``labels`` (H, W) uint8 as `label_map`; values ``finding``, ``model``, ``version``, ``sha256``,
        ``device``, ``engine``.
    """
    progress(0.0, "Loading the head model")
    model = load(Path(str(options["resources"])), str(options.get("device", "auto")))
    calibration = Calibration.from_dict(model.bundle.read_json("configs/calibration.json"))
    picture = np.asarray(arrays["picture"])
    looks = look_at(model.network, picture, model.device.name, lambda f, m: progress(0.1 + 0.8 * f, m))
    progress(0.9, "Measuring")
    finding = finding_of(looks, picture, calibration)
    if finding.ellipse is None:
        labels = np.zeros(picture.shape, np.uint8)
    else:
        labels = label_map(looks.picture_maps(), finding.ellipse)
    return TaskResult({"labels": labels}, {"finding": finding.to_dict(), **record_of(model)})
