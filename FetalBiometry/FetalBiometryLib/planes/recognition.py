"""From the network's descriptors to a calibrated guess of the plane, and when not to guess (numpy only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from FetalBiometryLib.planes.findings import MEASURED, PLANES, PlaneGuess


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


@dataclass(frozen=True)
class Evidence:
    """What the measuring networks say of a picture whose plane is doubtful.

    Attributes:
        head: the head model measures a head.
        bone: the femur network sees a bone in the sector or in its near field.
        thorax: no measured thorax contradicts itself.
    """

    head: bool
    bone: bool
    thorax: bool


#: How much likelier the head model measures a head (96.8 % of 95 HC18 test heads) than another picture (0 of 129
#: pictures without a head in its own check, so 1 in 131 by Laplace's rule).
HEAD_ODDS = 127.0
#: How much likelier it abstains from a head (22 of 23 FETAL_PLANES heads are measured) than from another picture.
NO_HEAD_ODDS = 0.05
#: A bone is seen in 14 of 15 femurs, and in 10 of 78 doubtful pictures that are labelled neither femur nor head.
BONE_ODDS, NO_BONE_ODDS = 7.3, 0.08
#: Of four-chamber views one in 50 contradicts itself.
NO_THORAX_ODDS = 0.02
#: A plane is named, for a person to choose, from this share of the probability of "other" on.
NAMED_SHARE = 0.5
#: Looks and certainty from which a shaft counts as a bone.
BONE_LOOKS, BONE_CERTAINTY = 4, 0.70


def with_evidence(guesses: Sequence[PlaneGuess], evidence: Evidence, classifier: PlaneClassifier) -> PlaneGuess:
    """The plane of a doubtful picture from several views of it and from what can be measured in them.

    It is certain only where a head was measured: other evidence names a plane for a person to choose.

    Args:
        guesses: of the whole sector first, then of nearer views.
    """
    factors = dict.fromkeys(PLANES, 1.0)
    factors["head"] = HEAD_ODDS if evidence.head else NO_HEAD_ODDS
    factors["femur"] = BONE_ODDS if evidence.bone else NO_BONE_ODDS
    factors["thorax"] = 1.0 if evidence.thorax else NO_THORAX_ODDS

    def weighed(shown: Sequence[PlaneGuess]) -> dict[str, float]:
        odds = {name: factors[name] * sum(g.probabilities[name] for g in shown) for name in PLANES}
        total = sum(odds.values())
        return {name: value / total for name, value in odds.items()}

    if evidence.head:
        probabilities = weighed(guesses[:1])
        if probabilities["head"] >= classifier.min_probability:
            return PlaneGuess("head", probabilities, True)
    probabilities = weighed(guesses)
    first = max(MEASURED, key=lambda name: probabilities[name])
    if probabilities[first] < NAMED_SHARE * probabilities["other"]:
        first = "other"
    second = max((name for name in PLANES if name != first), key=lambda name: probabilities[name])
    reason = (
        f"The plane is not clear: {first} {100 * probabilities[first]:.0f} %, {second} "
        f"{100 * probabilities[second]:.0f} %. Choose the plane yourself."
    )
    return PlaneGuess(first, probabilities, False, reason)


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
