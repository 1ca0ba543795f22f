"""How the answer of the shipped bundles changes with the picture, and what they say to pictures that are no film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy import ndimage

from CephSketcherLib.landmarks.face_frame import Similarity
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.landmarks.task import run
from CephSketcherLib.phantom.skull_phantom import skull_phantom
from DeepMedLib.errors import BadInput

from . import augment, data
from .bundle import RESOURCES

Change = tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]


def answer(film: np.ndarray) -> dict[str, Any]:
    """The task's values."""
    options = {"resources": str(RESOURCES), "device": "cpu"}
    return dict(run({"film": film}, options, lambda fraction, message: None).values)


def turned(film: np.ndarray, degrees: float) -> Change:
    """Turned about the middle on the same canvas, black outside."""
    height, width = film.shape
    there = Similarity.make(1.0, degrees, ((width - 1) / 2, (height - 1) / 2))
    back = there.inverse().matrix
    swap = np.array([[0, 1], [1, 0]])
    matrix = swap @ back[:, :2] @ swap
    return ndimage.affine_transform(film, matrix, back[::-1, 2], order=1), there


def scaled(film: np.ndarray, factor: float) -> Change:
    """More or fewer pixels."""
    height, width = film.shape
    size = (round(width * factor), round(height * factor))
    small = np.asarray(Image.fromarray(film).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0))
    ratio = np.array([size[0] / width, size[1] / height])
    return small, lambda p: (p + 0.5) * ratio - 0.5


def cropped(film: np.ndarray, share: float) -> Change:
    """A margin cut off on every side, together ``share`` of width and height."""
    rows, columns = (round(size * share / 2) for size in film.shape)
    return film[rows:-rows, columns:-columns], lambda p: p - np.array([columns, rows])


def mirrored(film: np.ndarray) -> Change:
    """Looking the other way."""
    return film[:, ::-1].copy(), lambda p: np.array([film.shape[1] - 1, 0]) + p * np.array([-1, 1])


def changes(film: np.ndarray) -> dict[str, Change]:
    """The changes that must not matter."""
    dim = np.rint(255 * (film / 255.0) ** 1.4 * 0.7 + 20).astype(np.uint8)
    sixteen = (film.astype(np.uint16) * 16) + 200
    same = lambda p: p  # noqa: E731 - the identity
    return {
        "turned +5 degrees": turned(film, 5.0),
        "turned -5 degrees": turned(film, -5.0),
        "mirrored": mirrored(film),
        "scaled by 0.7": scaled(film, 0.7),
        "scaled by 1.4": scaled(film, 1.4),
        "cropped by 10 %": cropped(film, 0.1),
        "darker, gamma 1.4": (dim, same),
        "16 bit": (sixteen, same),
        "inverted": (255 - film, same),
    }


def stability(films: list[tuple[np.ndarray, float]]) -> dict[str, Any]:
    """Median and 95th percentile of the landmarks' change in mm for each kind of change.

    Args:
        films: picture and mm a pixel.
    """
    gaps: dict[str, list[np.ndarray]] = {}
    lost: dict[str, int] = {}
    for film, mm in films:
        base = LandmarkSet.from_dict(answer(film)["landmarks"])
        for name, (changed, there) in changes(film).items():
            found = LandmarkSet.from_dict(answer(changed)["landmarks"])
            common = [s for s in base.symbols if s in found]
            lost[name] = lost.get(name, 0) + (len(common) == 0)
            if common:
                gap = found.array(common) - there(base.array(common))
                factor = mm * film.shape[0] / changed.shape[0] if name.startswith("scaled") else mm
                gaps.setdefault(name, []).append(np.linalg.norm(gap, axis=1) * factor)
    return {
        name: {
            "films": len(films),
            "abstained": lost[name],
            "median_mm": float(np.median(np.concatenate(found))),
            "p95_mm": float(np.quantile(np.concatenate(found), 0.95)),
        }
        for name, found in gaps.items()
    }


def other_pictures(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Real pictures that are no lateral head film: chest projections, slices of the trunk, ultrasound."""
    scans = sorted((folder / "chest" / "ct").glob("*.nii.gz"))[:3]
    for path in (*scans, folder / "registration/chest_ct/ct.nii.gz"):
        if path.exists():
            yield from (("chest projections of CT", film) for film in projections(path))
    slices = folder / "bodypart" / "deeplesion_slices" / "slices_256_u8.npz"
    if slices.exists():
        with np.load(slices) as stored:
            stack = stored[stored.files[0]]
        yield from (("trunk slices of CT", _enlarged(picture)) for picture in stack[:: len(stack) // 20][:20])
    for kind, pattern in (("fetal ultrasound", "fetal_planes/images/*.jpg"), ("fetal heads", "hc18/images/*.jpg")):
        paths = sorted((folder / "fetal").glob(pattern))
        for path in paths[:: max(1, len(paths) // 15)][:15]:
            yield kind, _enlarged(data.read_film(path))


def projections(path: Path) -> Iterator[np.ndarray]:
    """Frontal and lateral mean of a CT, as films show it (uint8)."""
    import SimpleITK as sitk

    image = sitk.DICOMOrient(sitk.ReadImage(str(path)), "LPS")
    density = np.clip(sitk.GetArrayFromImage(image).astype(np.float32) + 1000, 0, 2500)
    spacing = np.array(image.GetSpacing())[::-1]
    for axis in (1, 2):
        plane = density.mean(axis)[::-1]
        rest = np.delete(spacing, axis)
        plane = ndimage.zoom(plane, 600 / (len(plane) * rest[0]) * rest, order=1)
        yield np.rint(255 * np.clip((plane - plane.min()) / np.ptp(plane), 0, 1)).astype(np.uint8)


def frontal_pictures(count: int = 4) -> Iterator[tuple[str, np.ndarray]]:
    """Generated heads seen from the front instead of the side."""
    for seed in range(900, 900 + count):
        phantom = skull_phantom(seed, spacing_mm=1.0)
        plane = np.clip(phantom.volume.astype(np.float32) + 1000, 0, 3000).mean(1)[::-1]
        plane = ndimage.zoom(plane, (600 / len(plane), 600 / len(plane) * 2.0), order=1)
        yield "frontal generated heads", np.rint(255 * plane / plane.max()).astype(np.uint8)


def _enlarged(picture: np.ndarray) -> np.ndarray:
    """At least 400 pixels on the shorter side."""
    factor = max(1.0, 400 / min(picture.shape))
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))


def made_pictures(films: list[np.ndarray], seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Pictures made of films and of nothing: symmetric (frontal-like), torn, upside down, on their side, clouds."""
    rng = np.random.default_rng(seed)
    for film in films:
        x = torch.from_numpy(film.copy())[None, None].float() / 255
        x = F.interpolate(x, scale_factor=0.5, mode="area")
        for _ in range(4):
            y = augment.nothing(x, rng)
            if not any(torch.equal(y, z) for z in (x.flip(3), 1 - x)):  # these two are answered, as they should be
                yield "made of films or of nothing", (255 * y[0, 0].clamp(0, 1)).byte().numpy()


def refusals(pictures: Iterator[tuple[str, np.ndarray]]) -> dict[str, Any]:
    """How many of each kind were answered with landmarks, and the reasons given."""
    result: dict[str, Any] = {}
    for kind, picture in pictures:
        entry = result.setdefault(kind, {"pictures": 0, "answered": 0, "reasons": {}})
        entry["pictures"] += 1
        try:
            values = answer(picture)
            entry["answered"] += not values["abstained"]
            reason = values["reason"] or "answered"
        except BadInput as error:
            reason = error.message
        entry["reasons"][reason] = entry["reasons"].get(reason, 0) + 1
    return result
