"""The training films as cached pictures, and both readers' points on them.

A set of films is a `Source`: a picture folder, one CSV a reader with the columns film, <symbol>_x, <symbol>_y of the
layout, and the ratio between the CSVs' pixels and the pictures'. Another layout (29 points) or clinic is another
`Source`; nothing else changes. Missing readings are empty fields.

Splits, fixed once: ISBI 001-150 are trained on, but every tenth (010, 020, ... 150) is `inner`, for choices and
calibration; ISBI 151-300 are `test`. Of the Hamedan films one in five, pairs of one film together, is `held`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from CephSketcherLib.film.lateral_film import typed_scale
from CephSketcherLib.landmarks.face_frame import fit_similarity, mean_shape
from CephSketcherLib.landmarks.layout import ISBI19, Layout
from CephSketcherLib.landmarks.network import FACE, shrink
from DeepMedLib.picture.scale import Scale

#: Face pixels a millimeter at the nominal scale of the ISBI films, for a face of mean size.
FACE_PX_A_MM = 2.1
CACHE_ZOOM = 1.2  # cached pixels a face pixel: finer, so that zooming in stays sharp


@dataclass(frozen=True)
class Source:
    """Where the films of one clinic lie.

    Attributes:
        points_per_pixel: CSV pixels a picture pixel, (x, y).
        mm_per_px: of a CSV pixel.
    """

    name: str
    folder: Path
    readers: tuple[str, ...]
    points_per_pixel: tuple[float, float]
    mm_per_px: float
    layout: Layout = ISBI19

    def scale(self) -> Scale:
        """Of a picture's pixels."""
        x, y = self.mm_per_px * np.array(self.points_per_pixel)
        return replace(typed_scale(float(x)), mm_per_px_y=float(y))


def isbi(data: Path) -> Source:
    """The 300 films of the ISBI challenges, pictures at half resolution."""
    readers = ("landmarks_senior_px.csv", "landmarks_junior_px.csv")
    return Source("isbi", data / "ceph" / "isbi2015", readers, (1935 / 968, 2400 / 1200), 0.1)


def hamedan(data: Path) -> Source:
    """The 76 films of the second clinic."""
    readers = ("landmarks_readerA_px.csv", "landmarks_readerB_px.csv")
    return Source("hamedan", data / "ceph" / "hamedan", readers, (1.0, 1.0), 0.1267)


def read_points(path: Path, layout: Layout) -> dict[str, np.ndarray]:
    """Film -> (L, 2) float64 in the CSV's pixels; nan where a field is empty."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        r["film"]: np.array([[float(r[f"{s}_{axis}"] or "nan") for axis in "xy"] for s in layout.symbols]) for r in rows
    }


def readings(source: Source) -> dict[str, np.ndarray]:
    """Film -> (readers, L, 2) in picture pixels (0-based centers); nan where missing.

    A reading that is displaced as a whole (median distance to the other reader above 6 mm) is left out.
    """
    tables = [read_points(source.folder / name, source.layout) for name in source.readers]
    ratio = np.array(source.points_per_pixel)
    result = {}
    for film in sorted(tables[0]):
        points = np.stack([table[film] for table in tables])
        if len(points) == 2:
            gap = np.nanmedian(np.linalg.norm(points[0] - points[1], axis=1)) * source.mm_per_px
            if gap > 6:
                points[1] = np.nan
        result[film] = (points + 0.5) / ratio - 0.5
    return result


def split_of(source: str, film: str, same_as: str = "") -> str:
    """train, inner, test (ISBI) or train, held (Hamedan)."""
    number = int(film)
    if source == "isbi":
        return "test" if number > 150 else "inner" if number % 10 == 0 else "train"
    key = min(number, int(same_as)) if same_as else number
    return "held" if key % 5 == 2 else "train"


def same_film(source: Source) -> dict[str, str]:
    """Film -> the film it is identical with, where there is one."""
    path = source.folder / "films.csv"
    if not path.exists():
        return {}
    with open(path, newline="") as file:
        return {r["film"]: r["same_film_as"] for r in csv.DictReader(file) if r["same_film_as"]}


def splits(source: Source, films: list[str]) -> dict[str, str]:
    """Film -> split; identical films share theirs."""
    twin = same_film(source)
    return {film: split_of(source.name, film, twin.get(film, "")) for film in films}


def read_film(path: Path) -> np.ndarray:
    """Picture file -> (H, W) uint8."""
    return np.asarray(Image.open(path).convert("L"))


def canonical_shape(source: Source) -> np.ndarray:
    """(L, 2) mean face in face pixels, from the training and inner films, the mean of the readers."""
    split = splits(source, list(readings(source)))
    shapes = np.stack([np.nanmean(p, 0) for film, p in readings(source).items() if split[film] != "test"])
    mm = shapes * np.array(source.points_per_pixel) * source.mm_per_px
    mean = mean_shape(mm) * FACE_PX_A_MM
    middle = 0.5 * (mean.min(0) + mean.max(0))
    return mean - middle + np.array([FACE[1] - 1, FACE[0] - 1]) / 2


@dataclass
class Films:
    """Cached films: pictures differ in size; points (n, readers, L, 2) in their pixels."""

    pictures: list[np.ndarray]
    points: np.ndarray
    source: np.ndarray
    film: np.ndarray
    split: np.ndarray

    def where(self, source: str, *names: str) -> np.ndarray:
        """Indices of the films of these splits."""
        return np.flatnonzero((self.source == source) & np.isin(self.split, names))


def load(sources: list[Source], shape: np.ndarray, cache: Path) -> Films:
    """Films of the splits train and inner (and held), shrunk to the resolution of the face; kept in ``cache``."""
    if cache.exists():
        stored = np.load(cache, allow_pickle=False)
        count = len(stored["film"])
        return Films(
            [stored[f"picture{i}"] for i in range(count)], *(stored[k] for k in ("points", "source", "film", "split"))
        )
    pictures, points, names, films, kinds = [], [], [], [], []
    for source in sources:
        found = readings(source)
        split = splits(source, list(found))
        for film, pair in found.items():
            if split[film] == "test":
                continue
            picture = read_film(source.folder / "images" / f"{film}.jpg")
            zoom = fit_similarity(np.nanmean(pair, 0), shape).scale * CACHE_ZOOM
            small, to_film = shrink(torch.from_numpy(picture.copy())[None, None].float(), min(1.0, zoom))
            pictures.append(small[0, 0].round().clamp(0, 255).byte().numpy())
            points.append(to_film.inverse()(pair))
            names.append(source.name)
            films.append(film)
            kinds.append(split[film])
    result = Films(pictures, np.stack(points), np.array(names), np.array(films), np.array(kinds))
    cache.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {f"picture{i}": picture for i, picture in enumerate(result.pictures)}
    np.savez(cache, **arrays, points=result.points, source=result.source, film=result.film, split=result.split)
    return result
