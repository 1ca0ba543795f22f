"""Films of the skull phantom as films like any other, with their true landmarks: samples, demonstration and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from CephSketcherLib.film.lateral_film import HEAD
from CephSketcherLib.film.projection import Geometry, project_lateral
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.phantom.skull_phantom import SkullPhantom, phantom_film, skull_phantom
from DeepMedLib.picture.picture import Origin, Picture
from DeepMedLib.picture.scale import Scale


@dataclass(frozen=True, eq=False)
class SampleFilm:
    """A generated film and its truth.

    Attributes:
        film: with its scale.
        landmarks: the 19 true landmarks, film pixels.
        extra: true apices, cusps and so on.
        outlines: (n, 2) true borders by name.
        facing: where the face looks.
    """

    film: Picture
    landmarks: LandmarkSet
    extra: LandmarkSet
    outlines: Mapping[str, np.ndarray]
    facing: str = "right"

    def mirrored(self) -> SampleFilm:
        """The same film turned over: the face looks to the other side."""
        width = self.film.width

        def turn(points: np.ndarray) -> np.ndarray:
            return np.stack([width - 1 - points[:, 0], points[:, 1]], axis=1)

        return SampleFilm(
            replace(self.film, pixels=np.ascontiguousarray(self.film.pixels[:, ::-1])),
            self.landmarks.mirrored(width),
            self.extra.mirrored(width),
            {name: turn(points) for name, points in self.outlines.items()},
            "left" if self.facing == "right" else "right",
        )


@lru_cache(maxsize=2)
def sample_film(seed: int) -> SampleFilm:
    """The phantom as exposed in a cephalostat: divergent rays, head holder, ruler, noise."""
    made = phantom_film(skull_phantom(seed))
    magnification = made.projection.geometry.magnification
    scale = Scale(made.mm_per_px, made.mm_per_px, "generated phantom", plane=HEAD, magnification=magnification)
    film = Picture(made.film, Origin(f"Skull phantom {seed}", scale=scale))
    return SampleFilm(film, made.landmarks, made.extra, dict(made.outlines))


def write_volume(phantom: SkullPhantom, path: Path) -> None:
    """Write the phantom's volume as an image file (.nii.gz, .nrrd, .mha)."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(phantom.volume)
    lps = np.diag([-1.0, -1.0, 1.0])
    image.SetSpacing([float(v) for v in phantom.grid.spacing])
    image.SetOrigin((lps @ phantom.grid.origin).tolist())
    image.SetDirection((lps @ phantom.grid.directions).ravel().tolist())
    sitk.WriteImage(image, str(path), True)


def projected_film(phantom: SkullPhantom, pixel_mm: float = 0.25, source_mm: float | None = None) -> SampleFilm:
    """The film that parallel rays, or those of a source at a distance, make of the whole volume."""
    made = project_lateral(phantom.volume, phantom.grid, Geometry(source_mm=source_mm, pixel_mm=pixel_mm))
    scale = Scale(made.mm_per_px, made.mm_per_px, "lateral projection, parallel rays", plane=HEAD)
    points = [(name, made.to_film(ras)) for name, ras in phantom.landmarks.items()]
    marks = {name: LandmarkPoint(name, float(xy[0]), float(xy[1]), source="phantom") for name, xy in points}
    return SampleFilm(
        Picture(made.film, Origin(f"Skull phantom {phantom.seed} projected", scale=scale)),
        LandmarkSet(tuple(marks[symbol] for symbol in ISBI19.symbols if symbol in marks)),
        LandmarkSet(tuple(mark for symbol, mark in marks.items() if symbol not in ISBI19)),
        {name: made.to_film(curve) for name, curve in phantom.outlines.items()},
    )
