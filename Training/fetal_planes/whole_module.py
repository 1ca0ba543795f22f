"""What the whole module says of the judged pictures, each with a plane classifier that left its patient out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from FetalBiometryLib.inference.task import Examiner, PlanesModels
from FetalBiometryLib.planes.findings import AUTO, PlaneGuess
from FetalBiometryLib.planes.recognition import PlaneClassifier

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
        ``image``; ``guess``: what `--plane auto` named (`PlaneGuess.to_dict`); ``measured``: whether it measured that;
        ``given``: plane -> why it would not be measured if a person chose it, "" where it would; only for the true
        plane, and for pictures that show nothing for all of `CHOSEN`.
    """
    said = []
    for source, sample in judged_samples(fetal):
        examiner = FoldExaminer(resources, by_fold.get(sample.fold, rest))
        answer = examiner.measure(sample.picture, AUTO)
        assert answer.guess is not None
        wanted = CHOSEN if source == "empty" else [name for name in CHOSEN if name == sample.plane]
        given = {name: examiner.measure(sample.picture, name).reason for name in wanted}
        guess = replace(answer.guess, plane=answer.plane)
        said.append({"image": sample.name, "guess": guess.to_dict(), "measured": not answer.reason, "given": given})
    return said


def guesses_of(said: list[Any]) -> list[PlaneGuess]:
    """What was named, picture by picture."""
    return [PlaneGuess.from_dict(one["guess"]) for one in said]
