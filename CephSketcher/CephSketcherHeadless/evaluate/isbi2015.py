"""ISBI 2015 challenge: 19 landmarks of lateral films, in pixels of the original 1935 x 2400 film."""

from __future__ import annotations

from collections.abc import Sequence

from CephSketcherHeadless.evaluate._films import Pixels, evaluate_films
from deepmed_headless.cli.evaluate.scoring import Evaluation

ORIGINAL = (1935, 2400)
NOMINAL_MM = 0.1  # the challenge's convention, for comparison with published figures
TRAINED_TO = 150


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, and metrics.json where readers' tables are there.

    Raises:
        BadInput: no such folder, or no picture in it.
        BundleRefused: the shipped model is missing or was changed.
    """
    evaluate_films(run, "isbi2015", _pixels, _groups)


def _pixels(film: str, width: int, height: int) -> Pixels:
    return Pixels((ORIGINAL[0] / width, ORIGINAL[1] / height), NOMINAL_MM)


def _groups(films: Sequence[str]) -> dict[str, list[str]]:
    numbered = [film for film in films if film.isdigit()]
    return {
        "films_001_to_150": [film for film in numbered if int(film) <= TRAINED_TO],
        "films_151_and_later": [film for film in numbered if int(film) > TRAINED_TO],
    }
