"""Composites on real pictures: abdomens in the place of heads, femurs in front of anything, and what shows nothing.

All on arrays of the cached canvas. A composite counts as augmentation of the real picture under it; the model card
says how many are shown.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.ellipse import Ellipse

from .sources import REGIONS, Sample, line_masks


def noise(rng: np.random.Generator, shape: tuple[int, int], size: float) -> np.ndarray:
    """Noise of unit deviation that varies over about ``size`` pixels."""
    field = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), size)
    return field / (field.std() + 1e-6)


def speckle(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Rayleigh speckle of unit mean, wider across the beam than along it."""
    grain = rng.uniform(0.3, 0.9)
    parts = ndimage.gaussian_filter(rng.standard_normal((2, *shape)), (0, grain, grain * rng.uniform(1.2, 2.5)))
    amplitude = np.hypot(*parts)
    return (amplitude / amplitude.mean()).astype(np.float32)


def _coordinates(ellipse: Ellipse, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    u = ellipse.direction()
    dx, dy = x - ellipse.cx, y - ellipse.cy
    return (dx * u[0] + dy * u[1]) / ellipse.a, (-dx * u[1] + dy * u[0]) / ellipse.b


def _blob(s: np.ndarray, t: np.ndarray, centre: tuple[float, float], a: float, b: float, turn: float) -> np.ndarray:
    c, d = np.cos(turn), np.sin(turn)
    x, y = (s - centre[0]) * c + (t - centre[1]) * d, -(s - centre[0]) * d + (t - centre[1]) * c
    return 1 / (1 + np.exp(np.clip(12 * (np.hypot(x / a, y / b) - 1), -30, 30)))


def abdomen_texture(
    rng: np.random.Generator, ellipse: Ellipse, shape: tuple[int, int], grey: float
) -> tuple[np.ndarray, np.ndarray]:
    """Echo of an abdomen (H, W) about ``grey``, and the mask of its spine (H, W) 0..1."""
    s, t = _coordinates(ellipse, shape)
    turn = rng.uniform(0, 2 * np.pi)
    s, t = s * np.cos(turn) + t * np.sin(turn), -s * np.sin(turn) + t * np.cos(turn)
    echo = grey * (1 + 0.18 * noise(rng, shape, rng.uniform(6, 15)) + 0.1 * noise(rng, shape, 2))
    if rng.random() < 0.8:  # stomach bubble
        where = (rng.uniform(-0.35, 0.2), rng.uniform(0.25, 0.6))
        bubble = _blob(s, t, where, rng.uniform(0.08, 0.3), rng.uniform(0.08, 0.2), rng.uniform(0, 3))
        echo *= 1 - bubble * rng.uniform(0.6, 1)
    if rng.random() < 0.85:  # umbilical vein: a short dark, often curved tube
        bend = rng.uniform(-0.5, 0.5)
        where = (rng.uniform(0.05, 0.45), rng.uniform(-0.2, 0.2))
        bent = t + bend * (s - where[0]) ** 2
        tube = _blob(s, bent, where, rng.uniform(0.12, 0.3), rng.uniform(0.03, 0.07), rng.uniform(-0.6, 0.6))
        echo = echo * (1 - tube * rng.uniform(0.5, 1)) + 0.3 * grey * (tube > 0.2) * (tube < 0.5)
    spine = np.zeros(shape, np.float32)
    if rng.random() < 0.85:  # vertebra: three bright spots about a dark canal, with a shadow behind
        where = (-rng.uniform(0.68, 0.82), rng.uniform(-0.1, 0.1))
        size = rng.uniform(0.10, 0.16)
        spine = _blob(s, t, where, 1.2 * size, 1.2 * size, 0)
        for angle in (0, 2.1, 4.2):
            spot = (where[0] + size * np.cos(angle), where[1] + size * np.sin(angle))
            echo += rng.uniform(1, 3) * grey * _blob(s, t, spot, 0.06, 0.045, angle)
        echo *= 1 - 0.5 * rng.random() * spine * (rng.random() < 0.5)
    for _ in range(rng.integers(0, 6)):  # vessels
        where = (rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6))
        r = rng.uniform(0.02, 0.06)
        echo *= 1 - rng.uniform(0.3, 1) * _blob(s, t, where, r, r * rng.uniform(1, 2), rng.uniform(0, 3))
    return echo, (spine > 0.5).astype(np.float32)


def abdomen_on(sample: Sample, rng: np.random.Generator) -> Sample:
    """Put an abdomen where the head of an HC18 sample is; `sample.extra["ellipse"]` is the head on this canvas."""
    head: Ellipse = sample.extra["ellipse"]
    shape = sample.picture.shape
    picture = sample.picture.astype(np.float32)
    ratio = float(np.clip(rng.normal(0.96, 0.06), 0.80, 1.0))
    a = head.a * rng.uniform(1.03, 1.12)
    b = max(a * ratio, head.b * 1.04)
    shift = 0.02 * a * rng.standard_normal(2)
    ellipse = Ellipse.make(head.cx + shift[0], head.cy + shift[1], a, b, head.angle + rng.normal(0, 4))
    s, t = _coordinates(ellipse, shape)
    radius = np.hypot(s, t)
    seen = picture[(radius < 1) & (picture > 4)]
    grey = rng.uniform(0.8, 2.2) * float(np.median(seen) if seen.size else 40)
    grey = float(np.clip(grey, 25, 120))
    echo, spine = abdomen_texture(rng, ellipse, shape, grey)
    # Real slow brightness of the place (gain, shadows) is kept where the picture was insonated.
    slow = ndimage.gaussian_filter(picture, 14) / max(10.0, float(ndimage.gaussian_filter(picture, 14).max()))
    echo = echo * (0.45 + 0.55 * slow / max(0.2, float(slow[radius < 1].mean()) if (radius < 1).any() else 0.5))
    # Skin: a thin line that answers where the beam (from above) meets it squarely; ribs and wall inside it.
    thickness = rng.uniform(0.02, 0.06)
    facing = np.abs(np.gradient(radius, axis=0)) / (np.hypot(*np.gradient(radius)) + 1e-6)
    ring = np.exp(-(((radius - 1 + thickness) / thickness) ** 2)) * (0.15 + facing**2)
    ring *= np.clip(0.6 + 0.5 * noise(rng, shape, 8), 0, 1.3)
    echo += rng.uniform(0.2, 1.6) * grey * ring
    if rng.random() < 0.5:  # dark wall under the skin
        echo *= 1 - rng.uniform(0.2, 0.6) * np.exp(-(((radius - 0.88) / 0.05) ** 2))
    share = rng.uniform(0.15, 0.5)
    echo *= 1 - share + share * speckle(rng, shape)
    if rng.random() < 0.6:  # shadow of rib or limb
        side = ellipse.cx + ellipse.a * rng.uniform(-1, 1)
        x = np.arange(shape[1])[None, :]
        echo *= 1 - rng.uniform(0.3, 0.9) * np.exp(-(((x - side) / (0.25 * ellipse.a)) ** 2))
    blend = np.clip((1.02 - radius) / 0.05, 0, 1)
    result = picture * (1 - blend) + np.clip(echo, 0, 255) * blend
    result[sample.picture == 0] *= rng.random() < 0.3  # outside the insonated sector
    masks: dict[str, np.ndarray | None] = {k: None for k in REGIONS if k != "abdomen"}
    masks["abdomen"] = 255 * ellipse.mask(shape[0], shape[1], 2)
    masks["spine"] = 255 * spine
    return Sample(result.astype(np.uint8), masks, "abdomen", "sim_abdomen", sample.fold, sample.name)


def femur_on(sample: Sample, rng: np.random.Generator) -> Sample:
    """Lay a femur with its thigh over a crop or a scramble of a picture."""
    shape = sample.picture.shape
    picture = background(sample, rng)
    length = shape[1] * rng.uniform(0.16, 0.66)
    angle = np.deg2rad(rng.normal(0, 22))
    u = np.array([np.cos(angle), np.sin(angle)])
    room = 0.5 * length * np.abs(u) + 8
    centre = np.array([rng.uniform(r, max(r + 1, m - r)) for r, m in zip(room, (shape[1], shape[0]), strict=True)])
    p, q = centre - 0.5 * length * u, centre + 0.5 * length * u
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    along = ((x - p[0]) * u[0] + (y - p[1]) * u[1]) / length
    across = -(x - p[0]) * u[1] + (y - p[1]) * u[0]
    sag = length * rng.normal(0.02, 0.03)
    bent = across - 4 * sag * along * (1 - along)
    half = max(1.2, length * rng.uniform(0.012, 0.035))
    thigh = np.exp(-((bent / (length * rng.uniform(0.15, 0.3))) ** 4)) * np.exp(-(((along - 0.5) / 0.75) ** 4))
    picture = picture * (1 - rng.uniform(0.1, 0.85) * thigh)
    within = np.clip(along * length / 2 + 0.5, 0, 1) * np.clip((1 - along) * length / 2 + 0.5, 0, 1)
    taper = half * (0.75 + rng.uniform(0, 0.5) * np.abs(2 * along - 1) ** 2)
    profile = np.exp(-0.5 * (bent / taper) ** 2)
    shadow = (
        within * np.clip(bent / (3 * half), 0, 1) * np.exp(-np.clip(bent, 0, None) / (length * rng.uniform(0.3, 2)))
    )
    picture = picture * (1 - rng.uniform(0.2, 0.9) * shadow)
    if rng.random() < 0.4:  # the other leg, or the far side of the bone, dimmer
        gap = length * rng.uniform(0.15, 0.4)
        other = np.exp(-0.5 * ((bent - gap) / taper) ** 2) * ((along > 0.1) & (along < 0.85))
        picture += rng.uniform(30, 110) * other * np.clip(0.7 + 0.4 * noise(rng, shape, 4), 0, 1.2)
    for _ in range(rng.integers(0, 3)):  # skin and fascia: long soft lines
        offset = length * rng.choice([-1, 1]) * rng.uniform(0.08, 0.3)
        line = np.exp(-0.5 * ((bent - offset) / rng.uniform(1, 3)) ** 2) * ((along > -0.3) & (along < 1.3))
        picture += rng.uniform(15, 80) * line * np.clip(0.5 + 0.6 * noise(rng, shape, 10), 0, 1.2)
    for end, side in ((p, -1), (q, 1)):  # cartilage: a dark ball beyond the end
        where = end + side * u * length * 0.09
        ball = np.exp(-((((x - where[0]) ** 2 + (y - where[1]) ** 2) / (length * 0.09) ** 2) ** 2))
        picture *= 1 - rng.uniform(0, 0.7) * ball
    bright = rng.uniform(0.85, 1.1) * np.clip(0.9 + 0.15 * noise(rng, shape, 6), 0.4, 1.3)
    picture = picture * (1 - profile * within) + rng.uniform(120, 265) * bright * profile * within
    picture = picture * (0.75 + 0.25 * speckle(rng, shape))
    masks: dict[str, np.ndarray | None] = {k: None for k in REGIONS if not k.startswith("femur")}
    masks |= line_masks(shape, (p, q))
    return Sample(np.clip(picture, 0, 255).astype(np.uint8), masks, "femur", "sim_femur", sample.fold, sample.name)


def background(sample: Sample, rng: np.random.Generator) -> np.ndarray:
    """The picture without what is in its middle: the head's place is filled from beside it. (H, W) float32."""
    picture = sample.picture.astype(np.float32)
    head: Ellipse | None = sample.extra.get("ellipse")
    if head is not None:
        s, t = _coordinates(head, picture.shape)
        inside = np.clip((1.15 - np.hypot(s, t)) / rng.uniform(0.12, 0.4), 0, 1)
        fill = np.roll(picture, (int(rng.integers(40, 150)), int(rng.integers(60, 230))), (0, 1))
        fill = fill[::-1] if rng.random() < 0.5 else fill
        grey = (
            rng.uniform(5, 40) * (1 + 0.4 * noise(rng, picture.shape, 12)) * (0.7 + 0.3 * speckle(rng, picture.shape))
        )
        picture = picture * (1 - inside) + np.clip(rng.uniform(0.2, 1.0) * fill + grey, 0, 255) * inside
    return picture * rng.uniform(0.4, 1.1)


def nothing_on(sample: Sample, rng: np.random.Generator) -> Sample:
    """A picture that shows none of the planes: scrambled, noise, or blank."""
    shape = sample.picture.shape
    kind = rng.random()
    if kind < 0.75:
        picture = background(sample, rng)
    elif kind < 0.92:
        field = noise(rng, shape, rng.uniform(0.4, 12)) * rng.uniform(10, 60) + rng.uniform(10, 150)
        picture = field * np.linspace(rng.uniform(0.2, 1), 1, shape[1])[None]
        picture = picture * (1 if rng.random() < 0.5 else speckle(rng, shape))
    else:
        picture = np.full(shape, rng.uniform(0, 200), np.float32) + rng.uniform(0, 10) * noise(rng, shape, 1)
    masks: dict[str, np.ndarray | None] = dict.fromkeys(REGIONS)
    return Sample(np.clip(picture, 0, 255).astype(np.uint8), masks, "other", "sim_other", sample.fold, sample.name)


def composites(samples: list[Sample], seed: int = 20_000_000) -> Iterator[Sample]:
    """From HC18 samples on the cached canvas: half of them as abdomens, half as femurs, a fourth as nothing."""
    for i, sample in enumerate(samples):
        rng = np.random.default_rng(seed + i)
        if i % 4 != 3:
            yield abdomen_on(sample, rng)
        yield femur_on(sample, rng)
        if i % 4 == 3:
            yield nothing_on(sample, rng)
