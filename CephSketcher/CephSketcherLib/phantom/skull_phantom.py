"""A generated head with exactly known landmarks and outlines: as a CT volume, and as a lateral film of that volume.

It serves the sample tile, the demo and the tests. Seed 0 is the plan itself; seeds below 1000 are for demo and tests
and occur in no training. Measurements on it check the code; they say nothing about accuracy on patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from CephSketcherLib.film.projection import Geometry, LateralFilm, attenuation_of, film_gray, project_lateral
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.phantom.skull_curves import (
    BASE,
    CONDYLE,
    INCISOR,
    LANDMARKS,
    LOWER_BORDER,
    NASAL,
    ORBIT,
    PALATE,
    RAMUS_BACK,
    SKIN,
    SYMPHYSIS_BACK,
    SYMPHYSIS_FRONT,
    Variation,
    dense,
    tooth,
)
from CephSketcherLib.phantom.skull_solid import Part, Plan, head_parts
from DeepMedLib.geometry import Grid

UNIT_MM = 0.2183
"""True mm of one unit of the plan: 0.2 mm on a challenge film are about 0.218 mm in the head (its ruler)."""
_CENTER = np.array([480.0, 620.0])  # of the plan, at RAS 0


@dataclass(frozen=True, eq=False)
class SkullPhantom:
    """A generated head.

    Attributes:
        seed: of the person.
        volume: (k, j, i) int16 HU.
        grid: where it lies; mid-sagittal plane at R = 0.
        landmarks: RAS mm (3,) of the 19 landmarks, and of apices, cusps, condylion, basion and nose tip; paired ones
            midway between both sides.
        outlines: RAS mm (n, 3) of the structures' true borders in the mid-sagittal plane (paired: midway).
    """

    seed: int
    volume: np.ndarray
    grid: Grid
    landmarks: dict[str, np.ndarray]
    outlines: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class PhantomFilm:
    """A lateral film of a generated head and its truth in film pixels.

    Attributes:
        film: (H, W) uint8, face to the right.
        mm_per_px: at the mid-sagittal plane.
        landmarks: the 19.
        extra: apices, cusps, condylion, basion, nose tip.
        outlines: (n, 2) pixels by name.
        projection: how it was exposed.
    """

    film: np.ndarray
    mm_per_px: float
    landmarks: LandmarkSet
    extra: LandmarkSet
    outlines: dict[str, np.ndarray]
    projection: LateralFilm


def skull_phantom(seed: int = 0, spacing_mm: float = 0.7, across_mm: float = 2.0) -> SkullPhantom:
    """Make a head.

    Args:
        seed: of the person.
        spacing_mm: voxel size in the sagittal plane.
        across_mm: distance of sagittal planes.
    """
    vary = Variation(seed)
    step = spacing_mm / UNIT_MM
    columns, rows = int(np.ceil(1010 / step)), int(np.ceil(1230 / step))
    x, y = np.meshgrid(-30 + step * np.arange(columns), -15 + step * np.arange(rows))
    plan = Plan(x, y, UNIT_MM, vary)
    right = across_mm * (np.arange(int(np.ceil(164 / across_mm)) | 1) - (int(np.ceil(164 / across_mm)) | 1) // 2)
    volume = _stack(head_parts(plan), right, rows, columns, spacing_mm, np.random.default_rng(seed + 5))
    first = _to_ras(np.array([[x[0, 0], y[-1, 0]]]))[0]
    grid = Grid.from_parts(
        np.array([across_mm, spacing_mm, spacing_mm]), np.array([right[0], first[1], first[2]]), np.eye(3), volume.shape
    )
    points = {name: _to_ras(plan.person([xy]))[0] for name, xy in LANDMARKS.items()}
    outlines = {name: _to_ras(curve) for name, curve in _true_outlines(plan).items()}
    return SkullPhantom(seed, volume, grid, points, outlines)


def phantom_film(
    phantom: SkullPhantom, height: int = 1200, width: int = 968, geometry: Geometry | None = None
) -> PhantomFilm:
    """Expose the phantom: film of the proportions of the challenge's films, with head holder, ruler and noise.

    Args:
        phantom: the head.
        height, width: of the film in pixels; its scale follows the height.
        geometry: source and film distance; its pixel size is replaced by the one that fills the film.
    """
    base = geometry or Geometry()
    scale = height / 1200
    fitted = Geometry(
        base.source_mm, base.film_mm, base.source_on_right, UNIT_MM / scale * base.magnification, base.slab_mm
    )
    ear = phantom.landmarks["Po"]
    middle = (_from_ras(ear) + 0.5) * scale - 0.5
    projection = project_lateral(
        phantom.volume, phantom.grid, fitted, ear, ((float(middle[0]), float(middle[1])), (height, width))
    )
    film = _develop(projection.attenuation, middle, scale, phantom)
    at = {name: projection.to_film(ras) for name, ras in phantom.landmarks.items()}
    marks = [LandmarkPoint(name, float(xy[0]), float(xy[1]), source="phantom") for name, xy in at.items()]
    landmarks = LandmarkSet(tuple(mark for symbol in ISBI19.symbols for mark in marks if mark.symbol == symbol))
    extra = LandmarkSet(tuple(mark for mark in marks if mark.symbol not in ISBI19))
    outlines = {name: projection.to_film(curve) for name, curve in phantom.outlines.items()}
    return PhantomFilm(film, projection.mm_per_px, landmarks, extra, outlines, projection)


def _to_ras(points: np.ndarray) -> np.ndarray:
    """Placed plan points (n, 2) in the mid-sagittal plane, RAS mm."""
    apart = (np.asarray(points, float) - _CENTER) * UNIT_MM
    return np.stack([np.zeros(len(apart)), apart[:, 0], -apart[:, 1]], axis=1)


def _from_ras(ras: np.ndarray) -> np.ndarray:
    """Placed plan point (2,) of a point in RAS mm."""
    return np.array([ras[1], -ras[2]]) / UNIT_MM + _CENTER


def _true_outlines(plan: Plan) -> dict[str, np.ndarray]:
    """Borders of the solids, as plan points at their place."""
    at = plan.person
    out = np.array([plan.vary.incisors, 0.0])
    apex = {s: np.array(LANDMARKS[s]) - 0.6 * out for s in ("U1A", "L1A")}
    ramus = np.vstack([dense(at(RAMUS_BACK)), dense(at(LOWER_BORDER)), dense(at(SYMPHYSIS_FRONT))])
    upper = tooth(INCISOR, at([LANDMARKS["UI"]])[0], at(apex["U1A"][None])[0])
    lower = tooth(INCISOR, at([LANDMARKS["LI"]])[0], at(apex["L1A"][None])[0], 0.9)
    return {
        "soft_tissue_profile": dense(at(SKIN[:-6])),
        "frontonasal": dense(at(NASAL)),
        "cranial_base": dense(at(BASE[:-5]))[::-1],
        "orbit": dense(at(ORBIT)),
        "porion_condyle": dense(at(CONDYLE)),
        "maxilla": dense(at(PALATE), closed=True),
        "mandible": np.vstack([ramus, dense(at(SYMPHYSIS_BACK))]),
        "upper_incisor": dense(upper, closed=True),
        "lower_incisor": dense(lower, closed=True),
    }


def _stack(
    parts: list[Part], right: np.ndarray, rows: int, columns: int, spacing: float, rng: np.random.Generator
) -> np.ndarray:
    """HU volume (rows from the feet, columns to the front, planes to the right); bone is grainy."""
    across = float(right[1] - right[0])
    volume = np.full((rows, columns, len(right)), -1000, np.int16)
    windows: list[tuple[slice, slice] | None] = []
    for part in parts:
        where = part.shape < spacing
        if not where.any():
            windows.append(None)
            continue
        r, c = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
        windows.append((slice(r[0], r[-1] + 1), slice(c[0], c[-1] + 1)))
    for i, position in enumerate(right):
        plane = np.full((rows, columns), -1000.0, np.float32)
        for part, window in zip(parts, windows, strict=True):
            if window is None or (part.only and part.only * position < 0):
                continue
            aside = part.lateral(float(position))
            if np.ndim(aside) == 0 and float(aside) > across:
                continue
            beyond = aside if np.ndim(aside) == 0 else np.asarray(aside)[window]
            share = _fill(part.shape[window], beyond, spacing, across)
            if not share.any():
                continue
            value: float | np.ndarray = part.hu
            if part.shell is not None:
                inner = _fill(part.shape[window] + part.shell[1], beyond + part.shell[1], spacing, across)
                value = part.shell[0] + (part.hu - part.shell[0]) * inner
            plane[window] += share * (value - plane[window])
        grain = ndimage.gaussian_filter(rng.standard_normal(plane.shape).astype(np.float32), 1.2 / spacing)
        plane += 0.22 * np.clip(plane, 0, 900) * grain / max(float(grain.std()), 1e-6) * (plane > 150)
        volume[:, :, i] = np.rint(np.clip(plane, -1000, 3000))[::-1]
    return volume


def _fill(shape: np.ndarray, aside: float | np.ndarray, spacing: float, across: float) -> np.ndarray:
    """Share of each voxel that is inside, from the distances in the plane and across it."""
    return np.clip(0.5 - shape / spacing, 0.0, 1.0) * np.clip(0.5 - np.asarray(aside) / across, 0.0, 1.0)


def _develop(attenuation: np.ndarray, ear: np.ndarray, scale: float, phantom: SkullPhantom) -> np.ndarray:
    """The film's gray: head, head holder, scatter, noise, marks at the border."""
    rng = np.random.default_rng(phantom.seed + 77)
    height, width = attenuation.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / scale, y / scale
    bone = float(attenuation_of(np.array([1000.0]))[0])
    total = attenuation + _holder(x, y, _from_ras(phantom.landmarks["N"]), ear / scale) * bone
    # Scatter: a smooth share of what passes, so that the middle of the head has less contrast.
    passed = np.exp(-np.clip(total, 0, 12))
    haze = ndimage.gaussian_filter(passed[::8, ::8], 60 * scale / 8)
    passed += 0.02 * ndimage.zoom(haze, 8, order=1)[:height, :width]
    seen = -np.log(ndimage.gaussian_filter(passed, 0.8 * scale) + 1e-5)
    gray = film_gray(np.clip(seen, 0, None)).astype(np.float32)
    grain = ndimage.gaussian_filter(rng.standard_normal(gray.shape).astype(np.float32), 0.7 * scale) * 1.9 * scale
    gray += grain * (2.0 + 2.6 * np.sqrt(gray / 255))
    for left in (235, 460, 690):
        tab = (np.abs(x - left) < 32) & ((y < 34) | (y > 1178))
        gray[tab] = 253
    return np.clip(np.rint(gray + 5), 0, 255).astype(np.uint8)


def _holder(x: np.ndarray, y: np.ndarray, nasion: np.ndarray, ear: np.ndarray) -> np.ndarray:
    """Millimeters of bone that ear rods, nasion rest and ruler are worth."""
    rods = np.zeros_like(x)
    distance = np.hypot(x - ear[0], y - ear[1] - 40)
    for radius, thick, much in ((40.0, 2.5, 9.0), (24.0, 2.0, 6.0)):
        rods += 3 * much * np.exp(-(((distance - radius) / thick) ** 2))
    rest_x, rest_y = nasion[0] + 70, nasion[1] + 38
    rest = (np.abs(x - rest_x) < 48) & (np.abs(y - rest_y) < 16) | (np.abs(x - rest_x - 52) < 18) & (
        np.abs(y - rest_y + 20) < 48
    )
    ruler_x = nasion[0] + 112
    bar = (np.abs(x - ruler_x) < 7) & (y > 40) & (y < nasion[1] + 40)
    pitch = 2.0 / UNIT_MM
    teeth = bar & (y > nasion[1] - 60) & (np.mod(y, pitch) < pitch / 2) & (x > ruler_x - 3)
    guide = (np.abs(np.abs(x - ruler_x) - 26) < 4) & (y > 20) & (y < 235)
    solid = 6.0 * rest + 48.0 * bar - 40.0 * teeth + 26.0 * guide
    return rods + ndimage.gaussian_filter(solid.astype(np.float32), 0.8)
