"""From the network's descriptors to a calibrated guess of the plane, and when not to guess (numpy only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from FetalBiometryLib.planes.findings import PLANES, PlaneGuess


@dataclass(frozen=True)
class PlaneClassifier:
    """Multinomial logistic regression on descriptors.

    Attributes:
        mean, scale: (d,) of the training descriptors; they are standardised with these.
        weights: (5, d), rows as `PLANES`.
        bias: (5,).
        temperature: logits are divided by it before the softmax; fixed by cross-validation over patients.
        min_probability: the guess abstains below it.
        min_agreement: share of the looks that must name the same plane.
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    temperature: float
    min_probability: float
    min_agreement: float

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> PlaneClassifier:
        """From the bundle's ``configs/classifier.json``."""
        mean, scale, weights, bias = (np.array(record[name], float) for name in ("mean", "scale", "weights", "bias"))
        rest = (float(record[name]) for name in ("temperature", "min_probability", "min_agreement"))
        temperature, min_probability, min_agreement = rest
        return cls(mean, scale, weights, bias, temperature, min_probability, min_agreement)

    def to_dict(self) -> dict[str, Any]:
        """JSON form with six digits; `from_dict` reads it back."""
        record: dict[str, Any] = dict(vars(self))
        for name in ("mean", "scale", "weights", "bias"):
            record[name] = [float(f"{v:.6g}") for v in np.ravel(record[name])]
        record["weights"] = np.reshape(record["weights"], np.shape(self.weights)).tolist()
        return record


def probabilities_of(descriptors: np.ndarray, classifier: PlaneClassifier) -> np.ndarray:
    """(looks, 5) probabilities of `PLANES` from (looks, d) descriptors."""
    z = np.clip((np.asarray(descriptors, float) - classifier.mean) / classifier.scale, -8, 8)
    logits = (z @ classifier.weights.T + classifier.bias) / classifier.temperature
    logits -= logits.max(1, keepdims=True)
    power = np.exp(logits)
    return power / power.sum(1, keepdims=True)


def guess_plane(descriptors: np.ndarray, classifier: PlaneClassifier) -> PlaneGuess:
    """Which plane (looks, d) descriptors speak for: the mean of the looks' probabilities."""
    each = probabilities_of(descriptors, classifier)
    mean = each.mean(0)
    best = int(mean.argmax())
    plane = PLANES[best]
    agreement = float((each.argmax(1) == best).mean())
    reason = ""
    if mean[best] < classifier.min_probability:
        second = PLANES[int(np.argsort(mean)[-2])]
        reason = (
            f"The plane is not clear: {plane} {100 * mean[best]:.0f} %, {second} "
            f"{100 * mean[PLANES.index(second)]:.0f} %. Choose the plane yourself."
        )
    elif agreement < classifier.min_agreement:
        reason = (
            f"Repeated looks at the picture disagree about the plane ({plane} or another). Choose the plane yourself."
        )
    probabilities = {name: float(p) for name, p in zip(PLANES, mean, strict=True)}
    return PlaneGuess(plane, probabilities, not reason, reason)


#: How much likelier the head model measures a head (96.8 % of 95 HC18 test heads) than another picture (0 of 129
#: pictures without a head in its own check, so 1 in 131 by Laplace's rule).
HEAD_ODDS = 127.0


def with_head_model(guess: PlaneGuess, measured: bool, classifier: PlaneClassifier) -> PlaneGuess:
    """A doubtful guess after the head model was asked: if it measures a head, the odds of one rise `HEAD_ODDS` times.

    Where it abstains nothing changes: it also abstains from heads that are cut or unclear.
    """
    if not measured:
        return guess
    odds = {name: p * (HEAD_ODDS if name == "head" else 1.0) for name, p in guess.probabilities.items()}
    total = sum(odds.values())
    probabilities = {name: value / total for name, value in odds.items()}
    if probabilities["head"] < classifier.min_probability:
        return guess
    return PlaneGuess("head", probabilities, True)


#: A plane that a person chose is contradicted below it.
LEAST_PROBABILITY = 0.15


def reason_against(plane: str, guess: PlaneGuess | None) -> str:
    """Why a plane that a person chose cannot be what the picture shows, as a sentence; empty when it may be."""
    if guess is None or guess.plane == plane or guess.probabilities[plane] > LEAST_PROBABILITY:
        return ""
    # A head's outline is too much like a body's to be taken for one, and what shows nothing must not be measured.
    if not guess.certain and guess.plane not in ("head", "other"):
        return ""
    shown = {"other": "none of the four planes", "abdomen": "an abdomen"}.get(guess.plane, f"a {guess.plane}")
    return f"The picture seems to show {shown} ({100 * guess.probabilities[guess.plane]:.0f} %)."
