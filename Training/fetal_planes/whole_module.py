"""What the whole module says of the judged pictures, each with a plane classifier that left its patient out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from FetalBiometryLib.inference.task import Examiner, PlanesModels
from FetalBiometryLib.options import AUTO
from FetalBiometryLib.planes.evidence.sector import sector_box
from FetalBiometryLib.planes.findings import PlaneGuess
from FetalBiometryLib.planes.recognition import PlaneClassifier, guess_plane

from .crossval import judged_samples

#: Planes that a person may choose wrongly; the head's own network judges heads.
CHOSEN = ("abdomen", "femur", "thorax")


class FoldExaminer(Examiner):
    """The module's examiner with another plane classifier."""

    def __init__(self, resources: Path, classifier: PlaneClassifier) -> None:
        super().__init__(resources, "cpu")
        self._classifier = classifier

    def models(self) -> PlanesModels:
        """The shipped ones, but for the classifier."""
        return replace(super().models(), classifier=self._classifier)


def say_all(fetal: Path, resources: Path, by_fold: Mapping[int, PlaneClassifier], rest: PlaneClassifier) -> list[Any]:
    """One dict for each of `judged_samples`, in their order.

    Args:
        by_fold: fold -> the classifier that left it out.
        rest: for pictures of no fold.

    Returns:
        ``image``; ``guess``: what `--plane auto` named (`PlaneGuess.to_dict`); ``measured``: whether it measured that,
        or named a head; ``given``: plane -> why it would not be measured if a person chose it, "" where it would; only
        for the true plane, and for pictures that show nothing for all of `CHOSEN`.
    """
    said = []
    for source, sample in judged_samples(fetal):
        examiner = FoldExaminer(resources, by_fold.get(sample.fold, rest))
        guess, measured = _named(examiner, sample.picture)
        wanted = CHOSEN if source == "empty" else [name for name in CHOSEN if name == sample.plane]
        given = {name: examiner.measure(sample.picture, name).reason for name in wanted}
        said.append({"image": sample.name, "guess": guess.to_dict(), "measured": measured, "given": given})
    return said


def _named(examiner: FoldExaminer, picture: np.ndarray) -> tuple[PlaneGuess, bool]:
    """What `--plane auto` names, and whether it measures it. A certain head needs no measuring to be named."""
    models = examiner.models()
    guess = guess_plane(models.look(picture, sector_box(picture)).descriptors, models.classifier)
    if guess.certain and guess.plane == "head":
        return guess, True
    answer = examiner.measure(picture, AUTO)
    assert answer.guess is not None
    return replace(answer.guess, plane=answer.plane), not answer.reason


def guesses_of(said: list[Any]) -> list[PlaneGuess]:
    """What was named, picture by picture."""
    return [PlaneGuess.from_dict(one["guess"]) for one in said]
