"""ISBI 2015 challenge: 19 landmarks of lateral films, in pixels of the original 1935 x 2400 film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from CephSketcherHeadless.evaluate._films import Pixels, evaluate_films, read_readers
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


def readers_mean(folder: Path, film: Path) -> dict[str, tuple[float, float]]:
    """The mean of the challenge's two readers, by symbol, in pixels of a film's file.

    Args:
        folder: with the readers' tables.
    """
    import numpy as np
    from PIL import Image

    from CephSketcherLib.landmarks.layout import ISBI19

    with Image.open(film) as image:
        per_pixel = np.array(_pixels(film.stem, *image.size).per_file_pixel)
    mean = np.mean([table[film.stem] for table in read_readers(folder, ISBI19.symbols).values()], axis=0) / per_pixel
    return {symbol: (float(x), float(y)) for symbol, (x, y) in zip(ISBI19.symbols, mean, strict=True)}


def nominal_mm(film: Path) -> float:
    """Pixel size of a film's file at the challenge's nominal one."""
    from PIL import Image

    with Image.open(film) as image:
        x, y = _pixels(film.stem, *image.size).per_file_pixel
    return float(NOMINAL_MM * (x * y) ** 0.5)


def _pixels(film: str, width: int, height: int) -> Pixels:
    return Pixels((ORIGINAL[0] / width, ORIGINAL[1] / height), NOMINAL_MM)


def _groups(films: Sequence[str]) -> dict[str, list[str]]:
    numbered = [film for film in films if film.isdigit()]
    return {
        "films_001_to_150": [film for film in numbered if int(film) <= TRAINED_TO],
        "films_151_and_later": [film for film in numbered if int(film) > TRAINED_TO],
    }
