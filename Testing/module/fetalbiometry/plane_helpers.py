"""What a perfect worker would return for a generated picture; stands in for the trained network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from DeepMedLib.jobs.task import TaskResult
from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.femur import femur_phantom
from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.phantom.thorax import thorax_phantom
from FetalBiometryLib.planes.findings import Finding, PlaneGuess

REASON = "Repeated looks disagree."
MODEL = {"model": "planes", "version": "9.9.9", "sha256": "0" * 64, "device": "CPU", "engine": "none"}
SD = {"AC": 0.02, "TAD": 0.03, "APAD": 0.03, "FL": 0.02}
SD_THORAX = {"HeartArea": 0.06, "HeartCircumference": 0.03, "ThoraxArea": 0.04, "ThoraxCircumference": 0.02}
HEAD_SD = {"HC": 0.01, "BPD": 0.012, "OFD": 0.014}
PHANTOMS = {"head": head_phantom, "abdomen": abdomen_phantom, "femur": femur_phantom, "thorax": thorax_phantom}


def true_finding(plane: str, phantom: Any, abstained: bool = False) -> Finding:
    """The phantom's truth as the model would say it."""
    reason = REASON if abstained else ""
    if plane == "head":
        words = ("Cavum septi pellucidi seen.",)
        details = {"quality_score": 0.9}
        return Finding(plane, {"HC": phantom.skull}, {}, HEAD_SD, {}, words, abstained, reason, details)
    if plane == "abdomen":
        lines = {"TAD": phantom.tad, "APAD": phantom.apad}
        return Finding(plane, {"AC": phantom.skin}, lines, SD, {}, ("The skin is seen.",), abstained, reason)
    if plane == "femur":
        return Finding(plane, {}, {"FL": phantom.ends}, SD, {}, (), abstained, reason)
    thorax, spine = phantom.thorax, np.array(phantom.spine)
    centre = np.array([thorax.cx, thorax.cy])
    axis = tuple(map(tuple, phantom.heart.axis_ends()[0].tolist()))
    midline = (tuple(spine.tolist()), tuple((2 * centre - spine).tolist()))
    ellipses = {"Heart": phantom.heart, "Thorax": thorax}
    lines = {"CardiacAxis": axis, "Midline": midline}
    return Finding(plane, ellipses, lines, SD_THORAX, {"CardiacAxis": 5.0}, (), abstained, reason)


def labels_of(plane: str, phantom: Any) -> np.ndarray:
    """The label map of the worker."""
    shape = phantom.picture.shape
    labels = np.zeros(shape, np.uint8)
    parts = {"head": (("skull", 1),), "abdomen": (("skin", 4),), "thorax": (("thorax", 6), ("heart", 5))}
    for name, value in parts.get(plane, ()):
        labels[getattr(phantom, name).mask(*shape) > 0] = value
    return labels


def answer(plane: str, phantom: Any, abstained: bool = False) -> tuple[np.ndarray, dict[str, Any]]:
    """Label map and values of one picture, its plane recognised."""
    guess = PlaneGuess(plane, {plane: 0.97, "other": 0.03}, True)
    finding = true_finding(plane, phantom, abstained)
    values = {"plane": plane, "guess": guess.to_dict(), "finding": finding.to_dict()}
    return labels_of(plane, phantom), {**values, "abstained": abstained, "reason": finding.reason, **MODEL}


def uncertain(picture: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """The answer to a picture whose plane is not clear."""
    reason = "The plane is not clear: abdomen 45 %, thorax 40 %."
    guess = PlaneGuess("abdomen", {"abdomen": 0.45, "thorax": 0.40, "other": 0.15}, False, reason)
    values = {"plane": "abdomen", "guess": guess.to_dict(), "finding": None, "abstained": True, "reason": reason}
    return np.zeros(picture.shape, np.uint8), {**values, **MODEL}


class AnsweringPlanes:
    """Stands in for FetalBiometryLib.inference.task: answers with the truth of the phantoms it was given."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[str, Any]] = {}
        self.abstains: set[str] = set()
        self.asked: list[str] = []

    def add(self, plane: str, phantom: Any) -> Any:
        """Know this phantom from now on; returns it."""
        self.known[phantom.picture.tobytes()] = (plane, phantom)
        return phantom

    def _measure(self, picture: np.ndarray, wanted: str) -> tuple[np.ndarray, dict[str, Any]]:
        self.asked.append(wanted)
        found = self.known.get(picture.tobytes())
        if found is None:
            return uncertain(picture)
        plane, phantom = found
        return answer(plane, phantom, plane in self.abstains)

    def run(self, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Any) -> TaskResult:
        """As task.run."""
        labels, values = self._measure(arrays["picture"], str(options["plane"]))
        return TaskResult({"labels": labels}, values)

    def run_many(self, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Any) -> TaskResult:
        """As task.run_many."""
        labels, results = {}, []
        for number in range(len(arrays)):
            progress(number / len(arrays), f"Picture {number + 1}")
            found, values = self._measure(arrays[f"picture_{number}"], str(options["plane"]))
            labels[f"labels_{number}"] = found
            results.append(values)
        return TaskResult(labels, {"results": results})
