"""The training pictures as cached arrays on a common canvas, and the augmentation that feeds the network.

Channels of the target: 0 head (outer skull border, HC18), 1 brain region, 2 cavum septi pellucidi, 3 lateral
ventricle (FETAL_PLANES masks). Each source teaches only the channels it knows; `known` marks them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from FetalBiometryLib.inference.canvas import picture_to_canvas
from FetalBiometryLib.phantom.head import TRAINING_SEED, head_phantom
from FetalBiometryLib.planes.ellipse import fit_ellipse
from FetalBiometryLib.planes.framing import Frame

from .splits import hc18_split, patient_split

CANVAS = (320, 480)  # cached somewhat finer than the network's 256 x 384, so that zooming in stays sharp
CHANNELS = 4


@dataclass
class Cache:
    """Pictures (n, H, W) uint8, targets (n, 4, H, W) uint8 in 0..255, known (n, 4) bool, split and source names."""

    pictures: np.ndarray
    targets: np.ndarray
    known: np.ndarray
    split: np.ndarray
    source: np.ndarray


def read_grey(path: Path) -> np.ndarray:
    """Picture file -> (H, W) uint8."""
    return np.asarray(Image.open(path).convert("L"))


def _on_canvas(array: np.ndarray) -> np.ndarray:
    frame = Frame.letterbox(array.shape[0], array.shape[1], *CANVAS)
    return (picture_to_canvas(array, frame)[0, 0] * 255 + 0.5).clamp(0, 255).byte().numpy()


def _hc18(folder: Path) -> Iterator[tuple]:
    for stem, split in sorted(hc18_split(folder).items()):
        picture = read_grey(folder / "images" / f"{stem}.jpg")
        outline = np.argwhere(read_grey(folder / "outlines" / f"{stem}.png") > 0)[:, ::-1]
        mask = 255 * fit_ellipse(outline).mask(picture.shape[0], picture.shape[1], 3)
        yield picture, {0: mask}, split, "hc18"


def _structures(folder: Path) -> Iterator[tuple]:
    for path in sorted((folder / "images").glob("*.jpg")):
        index = np.asarray(Image.open(folder / "masks" / f"{path.stem}.png"))
        masks = {}
        if (index == 1).any():
            masks[1] = 255.0 * (index > 0)
        for channel in (2, 3):
            if (index == channel).any():
                masks[channel] = 255.0 * (index == channel)
        yield read_grey(path), masks, patient_split(path.name), "head_structures"


def _without_head(fetal: Path) -> Iterator[tuple]:
    """Abdomen, cervix, femur, thorax and four-chamber pictures: nothing of ours is in them."""
    with open(fetal / "fetal_planes" / "planes.csv", newline="") as file:
        rows = [{k.strip(): v for k, v in r.items()} for r in csv.DictReader(file)]
    for row in rows:
        if row["Plane"] in ("Fetal brain", "Other"):
            continue
        path = fetal / "fetal_planes" / "images" / f"{row['Image_name']}.jpg"
        picture = read_grey(path)
        yield picture, dict.fromkeys(range(CHANNELS), np.zeros(picture.shape)), patient_split(path.name), "no_head"
    for path in sorted((fetal / "focus_four_chamber" / "images").glob("*.jpg")):
        picture = read_grey(path)
        split = "train" if path.name.startswith("validation") else "test"
        yield picture, dict.fromkeys(range(CHANNELS), np.zeros(picture.shape)), split, "no_head"


def _phantoms(count: int) -> Iterator[tuple]:
    for i in range(count):
        phantom = head_phantom(TRAINING_SEED + i)
        masks = {0: 255 * phantom.skull.mask(phantom.picture.shape[0], phantom.picture.shape[1], 3)}
        masks |= {1: 255.0 * (phantom.structures > 0)}
        masks |= {c: 255.0 * (phantom.structures == c) for c in (2, 3)}
        yield phantom.picture, masks, "train", "phantom"


def load(fetal: Path, cache: Path, phantoms: int = 50) -> Cache:
    """Read all sources under ``shared/data/fetal``; the arrays are kept in ``cache`` for the next start."""
    if cache.exists():
        return Cache(**np.load(cache))
    pictures, targets, known, split, source = [], [], [], [], []
    sources = (_hc18(fetal / "hc18"), _structures(fetal / "head_structures"), _without_head(fetal), _phantoms(phantoms))
    for items in sources:
        for picture, masks, which, name in items:
            pictures.append(_on_canvas(picture))
            target = np.zeros((CHANNELS, *CANVAS), np.uint8)
            for channel, mask in masks.items():
                target[channel] = _on_canvas(mask)
            targets.append(target)
            known.append([c in masks for c in range(CHANNELS)])
            split.append(which)
            source.append(name)
    result = Cache(np.stack(pictures), np.stack(targets), np.array(known), np.array(split), np.array(source))
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, **vars(result))
    return result


def early_heads(fetal: Path, cache: Cache) -> np.ndarray:
    """(n,) bool: HC18 pictures of the first trimester, by a circumference below 98 mm (14 weeks)."""
    with open(fetal / "hc18" / "pixel_size_and_hc.csv", newline="") as file:
        sizes = {Path(r["image"]).stem: float(r["head_circumference_mm"]) for r in csv.DictReader(file)}
    early = np.zeros(len(cache.source), bool)
    stems = sorted(hc18_split(fetal / "hc18"))  # the order in which `load` reads them
    early[np.flatnonzero(cache.source == "hc18")] = [sizes[stem] < 98 for stem in stems]
    return early


def augment(
    pictures: torch.Tensor, targets: torch.Tensor, size: tuple[int, int], generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random affine changes of a batch, then `change_grey`.

    Args:
        pictures: (n, 1, H, W) float 0..1.
        targets: (n, c, H, W) float 0..1.
        size: height and width of the result.
    """
    n = len(pictures)

    def uniform(low: float, high: float, *shape: int) -> torch.Tensor:
        return torch.rand((n, *shape), generator=generator) * (high - low) + low

    angle = torch.deg2rad(torch.where(uniform(0, 1) < 0.8, uniform(-25, 25), uniform(-90, 90)))
    zoom = torch.exp(uniform(-0.33, 0.33))
    stretch = torch.exp(uniform(-0.08, 0.08))
    flip_x, flip_y = (torch.where(uniform(0, 1) < p, -1.0, 1.0) for p in (0.5, 0.25))
    aspect = pictures.shape[3] / pictures.shape[2]
    cos, sin = torch.cos(angle), torch.sin(angle)
    matrix = torch.stack(
        (
            torch.stack((cos * flip_x / (zoom * stretch), -sin * flip_y / zoom / aspect, uniform(-0.22, 0.22)), 1),
            torch.stack((sin * flip_x / (zoom * stretch) * aspect, cos * flip_y / zoom, uniform(-0.22, 0.22)), 1),
        ),
        1,
    )
    grid = F.affine_grid(matrix, [n, 1, *size], align_corners=False)
    x = F.grid_sample(pictures, grid, padding_mode="zeros", align_corners=False)
    y = F.grid_sample(targets, grid, padding_mode="zeros", align_corners=False)
    return change_grey(x, generator), y


def change_grey(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Random blur, contrast, speckle, shadows, removed text and calipers of a batch (n, 1, h, w) in 0..1."""
    n, _, h, w = x.shape

    def uniform(low: float, high: float, *shape: int) -> torch.Tensor:
        return torch.rand((n, *shape), generator=generator) * (high - low) + low

    if torch.rand(1, generator=generator) < 0.25:  # a softer probe
        x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = x.clamp(0, 1) ** torch.exp(uniform(-0.45, 0.45, 1, 1, 1))
    x = x * uniform(0.6, 1.5, 1, 1, 1) + uniform(-0.04, 0.06, 1, 1, 1) * (x > 0.01)
    grain = torch.randn((n, 1, h // 2, w // 2), generator=generator)
    x = x * (1 + uniform(0, 0.25, 1, 1, 1) * F.interpolate(grain, (h, w), mode="bilinear", align_corners=False))
    x = x + uniform(0, 0.03, 1, 1, 1) * torch.randn((n, 1, h, w), generator=generator)
    column = torch.linspace(-1, 1, w)[None, None, None]
    row = torch.linspace(-1, 1, h)[None, None, :, None]
    for _ in range(2):  # acoustic shadows and uneven gain
        centre, width, tilt = uniform(-1, 1, 1, 1, 1), uniform(0.05, 0.35, 1, 1, 1), uniform(-0.4, 0.4, 1, 1, 1)
        depth = uniform(-0.4, 0.7, 1, 1, 1) * (uniform(0, 1, 1, 1, 1) < 0.7)
        x = x * (1 - depth * torch.exp(-(((column - centre - tilt * row) / width) ** 2)))
    for i in range(n):  # removed text, menus
        for _ in range(int(torch.randint(0, 3, (1,), generator=generator))):
            top, left = (int(torch.randint(0, s, (1,), generator=generator)) for s in (h, w))
            box = x[i, :, top : top + h // 8, left : left + w // 8]
            box[...] = 0 if torch.rand(1, generator=generator) < 0.8 else 0.9
        if torch.rand(1, generator=generator) < 0.15:  # calipers and dotted lines left on the picture
            points = torch.rand((2, 2), generator=generator) * torch.tensor([h - 1, w - 1])
            for t in torch.linspace(0, 1, 30):
                r, c = (points[0] * (1 - t) + points[1] * t).long()
                x[i, :, r, c] = 0.9
    return x.clamp(0, 1)
