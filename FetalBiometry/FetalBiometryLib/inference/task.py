"""The worker's task: grey stills in, plane, finding and label map out (torch; imported by the worker only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.models.loading import LoadedModel, load_model, record_of
from FetalBiometryLib.inference.head_network import look_at_head
from FetalBiometryLib.inference.looks import Looks
from FetalBiometryLib.inference.planes_network import CANVAS, PlaneLooks, heart_frame, look_at_planes
from FetalBiometryLib.options import AUTO, PLANE
from FetalBiometryLib.planes.abdomen import measure_abdomen
from FetalBiometryLib.planes.evidence.sector import near_boxes, only, sector_box
from FetalBiometryLib.planes.femur import measure_femur
from FetalBiometryLib.planes.findings import Finding, PlaneGuess, bone_is_seen
from FetalBiometryLib.planes.framing import Box, Frame
from FetalBiometryLib.planes.head import LENGTHS, measure_head
from FetalBiometryLib.planes.labels import label_map
from FetalBiometryLib.planes.limits import Limits
from FetalBiometryLib.planes.recognition import (
    BONE_CERTAINTY,
    BONE_LOOKS,
    Evidence,
    PlaneClassifier,
    guess_plane,
    reason_against,
    with_evidence,
)
from FetalBiometryLib.planes.region import fit_region, picture_bounds
from FetalBiometryLib.planes.thorax import measure_thorax

HEAD_BUNDLE, PLANES_BUNDLE, HEART_BUNDLE = "head", "planes", "heart"
#: Planes that the planes network measures.
PLANE_FINDINGS = ("abdomen", "femur", "thorax")

#: A body's cross-section that the network shares out among several parts is still one body: with the plane known, its
#: outline is that of all of them.
BODY = {"abdomen": ("abdomen", "thorax", "heart", "head"), "thorax": ("thorax", "abdomen", "heart")}

#: Training weighed the inside of hearts twice, which inflates the map.
HEART_WEIGHT = 2.0


def unweighted(probability: np.ndarray, weight: float) -> np.ndarray:
    """What a network trained with cross entropy would have said, had the inside not weighed ``weight`` times as much.

    With true probability p such a network says w p / (w p + 1 - p); this is the inverse.
    """
    return probability / (weight - (weight - 1) * probability)


def head_finding(looks: Looks, picture: np.ndarray, calibration: Mapping[str, Any]) -> tuple[Finding, np.ndarray]:
    """Measure the head from what the looks saw; with its label map (H, W).

    Args:
        calibration: ``configs/calibration.json`` of the head bundle.
    """
    limits = {name: Limits.from_dict(calibration, name) for name in LENGTHS}
    structures = looks.picture_maps()
    finding = measure_head(picture, *looks.of("head"), structures, looks.frame, limits)
    return finding, label_map(finding, picture.shape, structures)


def plane_finding(
    plane: str,
    looks: PlaneLooks,
    picture: np.ndarray,
    calibration: Mapping[str, Any],
    heart_network: torch.nn.Module,
    device: str = "cpu",
) -> Finding:
    """Measure abdomen, femur or thorax from what the looks saw.

    Args:
        plane: "abdomen", "femur" or "thorax".
        looks: at the picture.
        picture: (H, W) uint8.
        calibration: ``configs/calibration.json`` of the planes bundle.
        heart_network: looks at the thorax once more, from near.
        device: "cpu" or "cuda".
    """
    spine, _ = looks.of("spine")
    if plane == "abdomen":
        limits = Limits.from_dict(calibration["abdomen"])
        return measure_abdomen(picture, *looks.union_of(BODY["abdomen"]), spine, looks.frame, limits)
    if plane == "femur":
        limits = Limits.from_dict(calibration["femur"])
        return measure_femur(picture, *looks.of("femur"), *looks.of("femur_end"), looks.frame, limits)
    body = fit_region(*looks.union_of(BODY["thorax"]), looks.frame, picture_bounds(looks.frame))
    if body is None:
        return Finding.nothing("thorax", "No fetal thorax was found in the picture.")
    near = look_at_planes(heart_network, picture, device, frame=heart_frame(body.ellipse, *picture.shape))
    mean, each = (unweighted(p, HEART_WEIGHT) for p in near.of("heart"))
    limits_of = {name: Limits.from_dict(calibration[name]) for name in ("heart", "thorax")}
    thorax, (spine, _) = near.union_of(("thorax", "heart")), near.of("spine")
    return measure_thorax(picture, (mean, each), thorax, spine, near.frame, limits_of)


@dataclass(frozen=True)
class Answer:
    """What the task says about one picture.

    Attributes:
        plane: the one that was measured, or the most probable one where none was.
        finding: None where the plane is not clear or none of ours.
        reason: why nothing is vouched for; empty when it is.
        labels: (H, W) uint8, see `labels.LABELS`.
        guess: None where a head was asked for: then nothing else looked at the picture.
        models: those that measured.
    """

    plane: str
    finding: Finding | None
    reason: str
    labels: np.ndarray
    guess: PlaneGuess | None
    models: tuple[LoadedModel, ...]

    def values(self) -> dict[str, Any]:
        """The task's values, see `run`."""
        return {
            "plane": self.plane,
            "guess": None if self.guess is None else self.guess.to_dict(),
            "finding": None if self.finding is None else self.finding.to_dict(),
            "abstained": bool(self.reason),
            "reason": self.reason,
            **record_of(*self.models),
        }


@dataclass(frozen=True)
class PlanesModels:
    """The models of all planes but the head, with what was calibrated for them.

    Attributes:
        planes, heart: ``heart`` looks at the thorax from near.
        classifier: tells the plane.
        calibration: ``configs/calibration.json`` of the planes bundle.
    """

    planes: LoadedModel
    heart: LoadedModel
    classifier: PlaneClassifier
    calibration: Mapping[str, Any]

    def look(self, picture: np.ndarray, box: Box) -> PlaneLooks:
        """All looks at a part of the picture (H, W); findings in it are in pixels of the whole."""
        height, width = picture.shape
        frame = Frame.of_box(height, width, box, *CANVAS)
        return look_at_planes(self.planes.network, only(picture, box), self.planes.device.name, frame=frame)

    def finding(self, plane: str, looks: PlaneLooks, picture: np.ndarray) -> Finding:
        """Measure abdomen, femur or thorax."""
        return plane_finding(plane, looks, picture, self.calibration, self.heart.network, self.planes.device.name)

    def answer(self, finding: Finding, picture: np.ndarray, guess: PlaneGuess) -> Answer:
        """The answer of a measured plane."""
        used = (self.planes, self.heart) if finding.plane == "thorax" else (self.planes,)
        return Answer(finding.plane, finding, finding.reason, label_map(finding, picture.shape), guess, used)


class Examiner:
    """The models in one folder on one device; each is loaded when it is needed first, and kept by the process."""

    def __init__(self, resources: Path, device: str) -> None:
        self._resources = resources
        self._device = device

    def _model(self, bundle: str) -> LoadedModel:
        return load_model(self._resources, bundle, self._device)

    def models(self) -> PlanesModels:
        """Of all planes but the head."""
        planes, heart = self._model(PLANES_BUNDLE), self._model(HEART_BUNDLE)
        classifier = PlaneClassifier.from_dict(planes.bundle.read_json("configs/classifier.json"))
        return PlanesModels(planes, heart, classifier, planes.bundle.read_json("configs/calibration.json"))

    def head(self, picture: np.ndarray, guess: PlaneGuess | None = None) -> Answer:
        """Measure a head."""
        model = self._model(HEAD_BUNDLE)
        looks = look_at_head(model.network, picture, model.device.name)
        finding, labels = head_finding(looks, picture, model.bundle.read_json("configs/calibration.json"))
        return Answer("head", finding, finding.reason, labels, guess, (model,))

    def measure(self, picture: np.ndarray, plane: str) -> Answer:
        """Find the plane where asked, and measure it.

        Args:
            picture: (H, W) uint8.
            plane: as `PLANE` has them.

        Raises:
            BadInput: no such plane.
        """
        PLANE.checked(plane)
        if plane == "head":
            return self.head(picture)
        models = self.models()
        box = sector_box(picture)
        looks = models.look(picture, box)
        guess = guess_plane(looks.descriptors, models.classifier)
        if plane != AUTO:
            return self._given(plane, picture, box, looks, guess, models)
        finding = None
        if guess.certain and guess.plane in PLANE_FINDINGS:
            finding = models.finding(guess.plane, looks, picture)
            if not finding.abstained:
                return models.answer(finding, picture, guess)
        if guess.certain and guess.plane == "head":
            return self.head(picture, guess)
        return self._second_opinion(picture, box, looks, guess, finding, models)

    def _given(
        self, plane: str, picture: np.ndarray, box: Box, looks: PlaneLooks, guess: PlaneGuess, models: PlanesModels
    ) -> Answer:
        """Measure the plane that a person chose, unless the picture shows another one.

        A bone that is too small in the whole sector is looked for in its near field.
        """
        finding = models.finding(plane, looks, picture)
        if plane == "femur" and finding.abstained:
            nearer = (models.finding(plane, models.look(picture, near), picture) for near in near_boxes(box))
            finding = next((found for found in nearer if not found.abstained), finding)
        against = "" if finding.abstained else reason_against(plane, guess)
        if against and self._is_borne_out(guess, picture, looks, models):
            finding = replace(finding, abstained=True, reason=against)
        return models.answer(finding, picture, guess)

    def _is_borne_out(self, guess: PlaneGuess, picture: np.ndarray, looks: PlaneLooks, models: PlanesModels) -> bool:
        """Whether the plane that the classifier sees can also be measured; nothing can be measured in "other"."""
        if guess.plane == "head":
            return not self.head(picture).reason
        return guess.plane == "other" or not models.finding(guess.plane, looks, picture).abstained

    def _second_opinion(
        self,
        picture: np.ndarray,
        box: Box,
        looks: PlaneLooks,
        guess: PlaneGuess,
        finding: Finding | None,
        models: PlanesModels,
    ) -> Answer:
        """Where the plane is doubtful, or its measurement contradicts it: what do head model and nearer views say?

        Args:
            guess: by the classifier, of the whole sector.
            finding: of that plane where it was certain; the module does not vouch for it.
        """
        head = self.head(picture)
        nearer = [models.look(picture, near) for near in near_boxes(box)]
        guesses = [guess, *(guess_plane(near.descriptors, models.classifier) for near in nearer)]
        bones = [models.finding("femur", seen, picture) for seen in (looks, *nearer)]
        evidence = Evidence(
            head=not head.reason,
            bone=any(bone_is_seen(bone, BONE_LOOKS, BONE_CERTAINTY) for bone in bones),
            thorax=finding is None or finding.plane != "thorax",
        )
        again = with_evidence(guesses, evidence, models.classifier)
        if again.certain:
            return replace(head, guess=again)
        if finding is not None and again.plane == finding.plane:  # the plane is right, its measurement is not
            return models.answer(finding, picture, guess)
        reason = again.reason
        if again.plane == "other":
            reason = f"The picture shows none of the planes head, abdomen, femur and thorax clearly. {reason}"
        return Answer(again.plane, None, reason, label_map(None, picture.shape), again, (models.planes,))


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Find the plane where asked, and measure it.

    Args:
        arrays: ``picture`` (H, W) uint8.
        options: ``resources`` folder of the bundles, ``device`` auto/cpu/cuda, ``plane`` as `PLANE` has it.

    Returns:
        arrays ``labels`` (H, W) uint8 as `labels.LABELS`; values ``plane``, ``guess`` (`PlaneGuess`, None where a head
        was asked for), ``finding`` (`Finding`, None where the plane is not clear or none of ours), ``abstained``,
        ``reason``, and of the bundle that measured ``model``, ``version``, ``sha256``, ``device``, ``engine``.

    Raises:
        BadInput: no such plane.
    """
    progress(0.0, "Loading the models")
    examiner = Examiner(Path(str(options["resources"])), str(options.get("device", "auto")))
    progress(0.2, "Looking at the picture")
    answer = examiner.measure(np.asarray(arrays["picture"]), str(options.get("plane", AUTO)))
    return TaskResult({"labels": answer.labels}, answer.values())


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
    examiner = Examiner(Path(str(options["resources"])), str(options.get("device", "auto")))
    names = sorted((n for n in arrays if n.startswith("picture_")), key=lambda n: int(n.split("_")[1]))
    planes = [str(p) for p in options.get("planes") or [options.get("plane", AUTO)] * len(names)]
    if len(planes) != len(names):
        raise BadInput(f"{len(names)} pictures and {len(planes)} planes were given.", "Give one plane a picture.")
    labels, results = {}, []
    for i, (name, plane) in enumerate(zip(names, planes, strict=True)):
        progress(i / len(names), f"Picture {i + 1} of {len(names)}")
        answer = examiner.measure(np.asarray(arrays[name]), plane)
        labels[name.replace("picture", "labels")] = answer.labels
        results.append(answer.values())
    return TaskResult(labels, {"results": results})
