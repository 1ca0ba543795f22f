"""The worker's task for every plane: grey stills in, plane, finding and label map out (torch; worker only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.errors import BadInput
from DeepMedLib.models.device import DeviceChoice, choose_device
from DeepMedLib.models.loading import LoadedModel, load_model, record_of
from DeepMedLib.task import Progress, TaskResult
from FetalBiometryLib.inference import head_task
from FetalBiometryLib.inference.head_network import look_at
from FetalBiometryLib.inference.plane_network import PlaneLooks, heart_frame, look_at_plane
from FetalBiometryLib.planes.abdomen import measure_abdomen
from FetalBiometryLib.planes.femur import measure_femur
from FetalBiometryLib.planes.findings import PLANES, PlaneFinding
from FetalBiometryLib.planes.head import Calibration
from FetalBiometryLib.planes.quality import Limits, fit_region
from FetalBiometryLib.planes.recognition import PlaneClassifier, guess_plane, reason_against, with_head_model
from FetalBiometryLib.planes.thorax import measure_thorax

BUNDLE = "planes"
HEART_BUNDLE = "heart"
AUTO = "auto"
CHOICES = (AUTO, *PLANES[:4])

#: A body's cross-section that the network shares out among several parts is still one body: with the plane known, its
#: outline is that of all of them.
BODY = {"abdomen": ("abdomen", "thorax", "heart", "head"), "thorax": ("thorax", "abdomen", "heart")}
LABELS = {**head_task.LABELS, 4: "abdomen", 5: "heart", 6: "thorax"}


#: Training weighed the inside of hearts twice, which inflates the map.
HEART_WEIGHT = 2.0


def unweighted(probability: np.ndarray, weight: float) -> np.ndarray:
    """What a network trained with cross entropy would have said, had the inside not weighed ``weight`` times as much.

    With true probability p such a network says w p / (w p + 1 - p); this is the inverse.
    """
    return probability / (weight - (weight - 1) * probability)


@dataclass(frozen=True)
class Models:
    """The networks of all planes but the head, on their device.

    Attributes:
        planes, heart: ``heart`` looks at the thorax from near.
        classifier: tells the plane.
        calibration: ``configs/calibration.json`` of the planes bundle.
    """

    planes: LoadedModel
    heart: LoadedModel
    classifier: PlaneClassifier
    calibration: Mapping[str, Any]


def load(resources: Path, device: str) -> Models:
    """The models with what was calibrated for them."""
    planes, heart = (load_model(resources, name, device) for name in (BUNDLE, HEART_BUNDLE))
    classifier = PlaneClassifier.from_dict(planes.bundle.read_json("configs/classifier.json"))
    return Models(planes, heart, classifier, planes.bundle.read_json("configs/calibration.json"))


def finding_of(
    plane: str,
    looks: PlaneLooks,
    picture: np.ndarray,
    calibration: Mapping[str, Any],
    heart_network: torch.nn.Module,
    device: str = "cpu",
) -> PlaneFinding:
    """Measure one plane from what the looks saw.

    Args:
        plane: "abdomen", "femur" or "thorax".
        looks: at the picture.
        picture: (H, W) uint8.
        calibration: the bundle's ``configs/calibration.json``.
        heart_network: looks at the thorax once more, from near.
        device: "cpu" or "cuda".
    """
    if plane == "abdomen":
        limits = Limits.from_dict(calibration["abdomen"])
        return measure_abdomen(picture, *looks.union_of(BODY["abdomen"]), looks.map_of("spine"), looks.frame, limits)
    if plane == "femur":
        maps = (looks.map_of("femur"), looks.maps_of("femur"))
        ends = (looks.map_of("femur_end"), looks.maps_of("femur_end"))
        return measure_femur(picture, *maps, *ends, looks.frame, Limits.from_dict(calibration["femur"]))
    body = fit_region(*looks.union_of(BODY["thorax"]), looks.frame)
    if body is None:
        return PlaneFinding.nothing("thorax", "No fetal thorax was found in the picture.")
    near = look_at_plane(heart_network, picture, device, frame=heart_frame(body.ellipse, *picture.shape))
    heart = (unweighted(near.map_of("heart"), HEART_WEIGHT), unweighted(near.maps_of("heart"), HEART_WEIGHT))
    limits_of = {name: Limits.from_dict(calibration[name]) for name in ("heart", "thorax")}
    thorax = near.union_of(("thorax", "heart"))
    return measure_thorax(picture, heart, thorax, near.map_of("spine"), near.frame, limits_of)


def label_map(finding: PlaneFinding, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) uint8: 4 abdomen, 6 thorax, 5 heart inside it; zero elsewhere."""
    labels = np.zeros(shape, np.uint8)
    for name, value in (("AC", 4), ("Thorax", 6), ("Heart", 5)):
        if name in finding.ellipses:
            labels[finding.ellipses[name].mask(*shape) > 0] = value
    return labels


def _measure_head(picture: np.ndarray, resources: Path, device: DeviceChoice) -> tuple[np.ndarray, dict[str, Any]]:
    model = head_task.load(resources, device.name)
    calibration = Calibration.from_dict(model.bundle.read_json("configs/calibration.json"))
    looks = look_at(model.network, picture, device.name)
    finding = head_task.finding_of(looks, picture, calibration)
    if finding.ellipse is None:
        labels = np.zeros(picture.shape, np.uint8)
    else:
        labels = head_task.label_map(looks.picture_maps(), finding.ellipse)
    values = {"finding": finding.to_dict(), "abstained": finding.abstained, "reason": finding.reason}
    return labels, values | record_of(model)


def measure_picture(
    picture: np.ndarray, plane: str, resources: Path, device: DeviceChoice
) -> tuple[np.ndarray, dict[str, Any]]:
    """Label map and values, as `run` gives them, of one picture.

    Raises:
        BadInput: no such plane.
    """
    if plane not in CHOICES:
        raise BadInput(f"There is no plane '{plane}'.", f"Choose one of {', '.join(CHOICES)}.")
    if plane == "head":
        labels, values = _measure_head(picture, resources, device)
        return labels, {"plane": "head", "guess": None, **values}
    models = load(resources, device.name)
    looks = look_at_plane(models.planes.network, picture, device.name)
    guess = guess_plane(looks.descriptors, models.classifier)
    head = None
    if plane == AUTO and (not guess.certain or guess.plane == "other"):
        head = _measure_head(picture, resources, device)
        guess = with_head_model(guess, not head[1]["abstained"], models.classifier)
    told: dict[str, Any] = {"guess": guess.to_dict()}
    if plane == AUTO and (not guess.certain or guess.plane == "other"):
        reason = guess.reason or "The picture shows none of the planes head, abdomen, femur and thorax."
        told |= {"plane": guess.plane, "finding": None, "abstained": True, "reason": reason}
        return np.zeros(picture.shape, np.uint8), told | record_of(models.planes)
    shown = guess.plane if plane == AUTO else plane
    if shown == "head":
        labels, values = head or _measure_head(picture, resources, device)
        return labels, {"plane": "head", **told, **values}
    finding = finding_of(shown, looks, picture, models.calibration, models.heart.network, device.name)
    against = reason_against(shown, guess)
    if against and not finding.abstained:
        finding = replace(finding, abstained=True, reason=against)
    told |= {"plane": shown, "finding": finding.to_dict(), "abstained": finding.abstained, "reason": finding.reason}
    used = (models.planes, models.heart) if shown == "thorax" else (models.planes,)
    return label_map(finding, picture.shape), told | record_of(*used)


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Find the plane where asked, and measure it.

    Args:
        arrays: ``picture`` (H, W) uint8.
        options: ``resources`` folder of the bundles, ``device`` auto/cpu/cuda, ``plane`` one of `CHOICES`.

    Returns:
        arrays ``labels`` (H, W) uint8 as `LABELS`; values ``plane``, ``guess`` (`PlaneGuess`, None where a head was
        asked for), ``finding`` (`HeadFinding` of a head, else `PlaneFinding`, None where the plane is not clear or none
        of ours), ``abstained``, ``reason``, and of the bundle that measured ``model``, ``version``, ``sha256``,
        ``device``, ``engine``.

    Raises:
        BadInput: no such plane.
    """
    progress(0.0, "Loading the models")
    device = choose_device(str(options.get("device", "auto")))
    progress(0.2, "Looking at the picture")
    picture = np.asarray(arrays["picture"])
    plane = str(options.get("plane", AUTO))
    labels, values = measure_picture(picture, plane, Path(str(options["resources"])), device)
    return TaskResult({"labels": labels}, values)


def run_many(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """A whole examination in one worker.

    Args:
        arrays: ``picture_0``, ``picture_1`` ... each (H, W) uint8.
        options: as `run`; ``planes``, a list with one plane a picture, comes before ``plane``.

    Returns:
        arrays ``labels_0``, ``labels_1`` ...; values ``results``, a list of what `run` gives for each.

    Raises:
        BadInput: no such plane, or not one plane a picture.
    """
    device = choose_device(str(options.get("device", "auto")))
    resources = Path(str(options["resources"]))
    names = sorted((n for n in arrays if n.startswith("picture_")), key=lambda n: int(n.split("_")[1]))
    planes = [str(p) for p in options.get("planes") or [options.get("plane", AUTO)] * len(names)]
    if len(planes) != len(names):
        raise BadInput(f"{len(names)} pictures and {len(planes)} planes were given.", "Give one plane a picture.")
    labels, results = {}, []
    for i, (name, plane) in enumerate(zip(names, planes, strict=True)):
        progress(i / len(names), f"Picture {i + 1} of {len(names)}")
        found, values = measure_picture(np.asarray(arrays[name]), plane, resources, device)
        labels[name.replace("picture", "labels")] = found
        results.append(values)
    return TaskResult(labels, {"results": results})
