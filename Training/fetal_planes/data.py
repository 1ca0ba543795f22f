"""All samples on one canvas, in memory; drawing a batch by group; augmentation."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from FetalBiometryLib.inference.canvas import picture_to_canvas
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import PLANES
from FetalBiometryLib.planes.framing import Frame
from Training.fetal_head.data import change_grey

from . import sources
from .simulate import composites
from .sources import REGIONS, Sample

CANVAS = (192, 288)  # finer than the network's 128 x 192, so that zooming in stays sharp
PHANTOMS = 60


@dataclass
class Cache:
    """pictures (n, H, W), targets (n, 7, H, W) uint8 in 0..255, known (n, 7) bool, plane (n,) index or -1."""

    pictures: np.ndarray
    targets: np.ndarray
    known: np.ndarray
    plane: np.ndarray
    group: np.ndarray
    name: np.ndarray

    def __len__(self) -> int:
        return len(self.plane)


def to_canvas(sample: Sample) -> Sample:
    """The sample on the cached canvas."""
    frame = Frame.letterbox(sample.picture.shape[0], sample.picture.shape[1], *CANVAS)

    def moved(array: np.ndarray) -> np.ndarray:
        return (picture_to_canvas(array, frame)[0, 0] * 255 + 0.5).clamp(0, 255).byte().numpy()

    masks = {k: None if m is None else moved(m) for k, m in sample.masks.items()}
    extra = {}
    if isinstance(sample.extra.get("ellipse"), Ellipse):
        e: Ellipse = sample.extra["ellipse"]
        centre = frame.to_canvas(np.array([[e.cx, e.cy]]))[0]
        extra["ellipse"] = Ellipse.make(centre[0], centre[1], e.a * frame.scale, e.b * frame.scale, e.angle)
    return replace(sample, picture=moved(sample.picture), masks=masks, extra=extra)


def collect(fetal: Path) -> list[Sample]:
    """Every sample that the network may see, on the cached canvas: no patient of `fetal_planes`."""
    heads = [to_canvas(s) for s in sources.hc18(fetal / "hc18")]
    found = heads + list(composites(heads))
    for more in (
        sources.extra(fetal),
        sources.focus(fetal / "focus_four_chamber", "validation"),
        sources.phantoms(PHANTOMS),
    ):
        found += [to_canvas(s) for s in more]
    return found


def load(fetal: Path, work: Path) -> Cache:
    """Read all sources; the arrays are kept in ``work`` for the next start."""
    names = tuple(Cache.__dataclass_fields__)
    if (work / "cache.json").exists():
        return Cache(**{n: np.load(work / f"cache_{n}.npy", mmap_mode="r") for n in names})
    samples = collect(fetal)
    targets = np.zeros((len(samples), len(REGIONS), *CANVAS), np.uint8)
    known = np.zeros((len(samples), len(REGIONS)), bool)
    for i, sample in enumerate(samples):
        for channel, mask in sample.masks.items():
            known[i, REGIONS.index(channel)] = True
            if mask is not None:
                targets[i, REGIONS.index(channel)] = mask
    cache = Cache(
        np.stack([s.picture for s in samples]),
        targets,
        known,
        np.array([PLANES.index(s.plane) if s.plane else -1 for s in samples]),
        np.array([s.group for s in samples]),
        np.array([s.name for s in samples]),
    )
    work.mkdir(parents=True, exist_ok=True)
    for name in names:
        np.save(work / f"cache_{name}.npy", getattr(cache, name))
    groups, counts = np.unique(cache.group, return_counts=True)
    (work / "cache.json").write_text(json.dumps(dict(zip(groups.tolist(), counts.tolist(), strict=True)), indent=1))
    return cache


def draw(cache: Cache, weights: dict[str, float], n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) indices: a group by weight, then a picture of it. Groups without a picture are left out."""
    pools = {g: np.flatnonzero(cache.group == g) for g in weights}
    names = [g for g in weights if len(pools[g])]
    share = np.array([weights[g] for g in names])
    chosen = rng.choice(len(names), n, p=share / share.sum())
    return np.array([rng.choice(pools[names[c]]) for c in chosen])


def augment(
    x: torch.Tensor, y: torch.Tensor, size: tuple[int, int], generator: torch.Generator, strength: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random turn, zoom, stretch, shift, mirror and grey-value changes of a batch.

    The stretch is wide: FOCUS pictures were squeezed into squares, and no network should tell a plane from that.

    Args:
        x: (n, 1, H, W) float 0..1.
        y: (n, c, H, W) float 0..1.
        size: height and width of the result.
        strength: 1 for the widest changes of place and size.
    """
    n = len(x)

    def uniform(low: float, high: float) -> torch.Tensor:
        return torch.rand(n, generator=generator) * (high - low) + low

    near = uniform(-1, 1)
    angle = torch.deg2rad(torch.where(uniform(0, 1) < 1 - 0.15 * strength**3, 22 * near, 90 * near))
    zoom, stretch = torch.exp(0.38 * strength * uniform(-1.05, 0.95)), torch.exp(0.16 * strength * uniform(-1, 1))
    flip_x = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    flip_y = torch.where(uniform(0, 1) < 0.15 * strength, -1.0, 1.0)
    aspect = x.shape[3] / x.shape[2]
    cos, sin = torch.cos(angle), torch.sin(angle)
    a, b = zoom * stretch, zoom / stretch
    rows = (
        torch.stack((cos * flip_x / a, -sin * flip_y / b / aspect, 0.2 * strength * uniform(-1, 1)), 1),
        torch.stack((sin * flip_x / a * aspect, cos * flip_y / b, 0.2 * strength * uniform(-1, 1)), 1),
    )
    grid = F.affine_grid(torch.stack(rows, 1), [n, 1, *size], align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="zeros", align_corners=False)
    y = F.grid_sample(y, grid, padding_mode="zeros", align_corners=False)
    return change_grey(x, generator), y
