"""Predicting and scoring folders of lateral films: what the datasets `isbi2015` and `ceph_films` share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, read_table
from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

    from CephSketcherLib.landmarks.landmark_set import LandmarkSet

TASK = "CephSketcherLib.landmarks.task:run"
DISPLACED_MM = 6.0  # median distance of two readings of a film: more is a reading displaced as a whole


@dataclass(frozen=True)
class Pixels:
    """How the pixels of a file relate to those that rows and truth are written in.

    Attributes:
        per_file_pixel: (x, y) written pixels a file pixel.
        mm: of a written pixel; None where it is not known.
    """

    per_file_pixel: tuple[float, float]
    mm: float | None

    def written(self, xy: np.ndarray) -> np.ndarray:
        """(..., 2) positions in the file (0-based centers) as they are written."""
        import numpy as np

        return (np.asarray(xy, float) + 0.5) * self.per_file_pixel - 0.5


PixelsOf = Callable[[str, int, int], Pixels]
GroupsOf = Callable[[Sequence[str]], Mapping[str, Sequence[str]]]


def columns(symbols: Sequence[str]) -> tuple[str, ...]:
    """Of per_case.csv."""
    return ("film", *(f"{s}_{part}" for s in symbols for part in ("x", "y", "sd_mm")), "reason")


def predict(run: Evaluation, path: Path, pixels_of: PixelsOf, about: dict[str, str]) -> tuple[LandmarkSet, Pixels, str]:
    """The landmarks of one film in its file's pixels, how those relate to written ones, and why there are none.

    Args:
        about: receives what is known of the model.

    Raises:
        DeepMedError: the film cannot be used, or the model is missing or was changed.
    """
    from CephSketcherLib.film.lateral_film import read_film
    from CephSketcherLib.landmarks.landmark_set import LandmarkSet
    from CephSketcherLib.tracing.work_frame import WorkFrame
    from DeepMedLib.jobs.task import Task, run_here
    from DeepMedLib.provenance import made_with

    film = read_film(path)
    pixels = pixels_of(path.stem, film.width, film.height)
    # A file squeezed in one direction is looked at with square pixels.
    frame = WorkFrame(film.width, film.height, False, pixels.per_file_pixel[1] / pixels.per_file_pixel[0])
    options = {"resources": str(models_folder("CephSketcher")), "device": run.device}
    values = run_here(Task(TASK, {"film": frame.film(film.pixels)}, options)).values
    about.update(made_with(values))
    found = frame.landmarks_to_given(LandmarkSet.from_dict(values["landmarks"]))
    return found, pixels, str(values["reason"])


def row_of(film: str, found: LandmarkSet, pixels: Pixels, reason: str) -> Row:
    """The contract's row; landmarks that were not given stay empty."""
    row: Row = {"film": film, "reason": reason}
    for point in found:
        x, y = pixels.written(point.xy)
        row |= {f"{point.symbol}_x": float(x), f"{point.symbol}_y": float(y)}
        if point.covariance is not None and pixels.mm is not None:
            (xx, _), (_, yy) = point.covariance
            rx, ry = pixels.per_file_pixel
            row[f"{point.symbol}_sd_mm"] = (0.5 * (rx * rx * xx + ry * ry * yy)) ** 0.5 * pixels.mm
    return row


def covariances_of(found: LandmarkSet, pixels: Pixels, symbols: Sequence[str]) -> np.ndarray:
    """(L, 2, 2) in written pixels; nan where a landmark was not given."""
    import numpy as np

    scale = np.diag(pixels.per_file_pixel)
    result = np.full((len(symbols), 2, 2), np.nan)
    for k, symbol in enumerate(symbols):
        if symbol in found and found[symbol].covariance is not None:
            result[k] = scale @ np.array(found[symbol].covariance) @ scale
    return result


def read_readers(folder: Path, symbols: Sequence[str]) -> dict[str, dict[str, np.ndarray]]:
    """Reader -> film -> (L, 2), from the files landmarks_<reader>_px.csv; nan where a field is empty."""
    import numpy as np

    readers: dict[str, dict[str, np.ndarray]] = {}
    for path in sorted(folder.glob("landmarks_*_px.csv"), key=lambda p: (p.name != "landmarks_senior_px.csv", p.name)):
        name = path.name.removeprefix("landmarks_").removesuffix("_px.csv")
        readers[name] = {
            record["film"]: np.array([[_number(record.get(f"{s}_{axis}")) for axis in "xy"] for s in symbols])
            for record in read_table(path)
            if record.get("film")
        }
    return readers


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


@dataclass(frozen=True)
class Answer:
    """One predicted film: positions (L, 2) and covariances (L, 2, 2) in written pixels, mm of one."""

    points: np.ndarray
    covariances: np.ndarray
    mm: float | None


def metrics(
    dataset: str,
    answers: Mapping[str, Answer],
    pictures: int,
    readers: Mapping[str, Mapping[str, np.ndarray]],
    about: Mapping[str, str],
    groups: Mapping[str, Sequence[str]],
) -> dict[str, Any] | None:
    """Figures over the answered films that have truth and a scale; None without any truth.

    Args:
        answers: film -> what was found; abstained and failed films are absent.
        groups: name -> films, for which the figures are also given apart.
    """
    truthful = {film for table in readers.values() for film in table}
    if not truthful:
        return None
    scored = [f for f, a in answers.items() if f in truthful and a.mm is not None]
    result: dict[str, Any] = {
        "dataset": dataset,
        "model": dict(about),
        "films": pictures,
        "answered": len(answers),
        "abstained_or_failed": pictures - len(answers),
        "note": "Figures are over answered films. The model card says which films trained the model.",
    }
    if scored:
        result["all"] = _figures(scored, answers, readers)
        for name, films in groups.items():
            part = [film for film in scored if film in set(films)]
            if part:
                result[name] = _figures(part, answers, readers)
    return result


def _figures(
    films: Sequence[str], answers: Mapping[str, Answer], readers: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, Any]:
    import numpy as np

    from CephSketcherLib.landmarks.layout import ISBI19
    from CephSketcherLib.landmarks.scores import film_figures

    missing = np.full((len(ISBI19), 2), np.nan)
    truth = np.stack([[table.get(film, missing) for table in readers.values()] for film in films])
    mm = np.array([[answers[film].mm] * 2 for film in films], float)
    left_out = []
    if truth.shape[1] == 2:
        apart = np.linalg.norm(truth[:, 0] - truth[:, 1], axis=2) * mm[:, :1]
        for i, film in enumerate(films):
            known = apart[i][np.isfinite(apart[i])]
            if known.size and np.median(known) > DISPLACED_MM:
                truth[i, 1] = np.nan
                left_out.append(film)
    figures = film_figures(
        np.stack([answers[film].points for film in films]),
        truth,
        mm,
        list(readers),
        ISBI19,
        np.stack([answers[film].covariances for film in films]),
    )
    if left_out:
        figures["second_reading_displaced_and_left_out"] = left_out
    return figures


def evaluate_films(run: Evaluation, dataset: str, pixels_of: PixelsOf, groups_of: GroupsOf) -> None:
    """The whole of a dataset: rows of all films, figures where readers are there.

    Args:
        pixels_of: (film, width, height) -> `Pixels`.
        groups_of: (films) -> name -> films.
    """
    import numpy as np

    from CephSketcherLib.landmarks.layout import ISBI19

    symbols = ISBI19.symbols
    pictures = run.pictures()
    about: dict[str, str] = {}
    answers: dict[str, Answer] = {}

    def work(path: Path) -> Row:
        found, pixels, reason = predict(run, path, pixels_of, about)
        if found.points:
            places = {point.symbol: pixels.written(point.xy) for point in found}
            points = np.array([places.get(symbol, (np.nan, np.nan)) for symbol in symbols], float)
            answers[path.stem] = Answer(points, covariances_of(found, pixels, symbols), pixels.mm)
        return row_of(path.stem, found, pixels, reason)

    rows = run.rows(pictures, work, lambda path, reason: {"film": path.stem, "reason": reason})
    # The truth is read after all predictions are made.
    readers = read_readers(run.folder, symbols)
    figures = metrics(dataset, answers, len(pictures), readers, about, groups_of([p.stem for p in pictures]))
    run.write(columns(symbols), rows, figures)
