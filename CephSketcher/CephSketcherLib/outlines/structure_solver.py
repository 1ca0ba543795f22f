"""One structure's curve: shape space and film, alternated (see `outline_solver`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from CephSketcherLib.outlines.evidence import HALF, PatchModel, chain, log_ratio, raw_profiles, windows
from CephSketcherLib.outlines.frame import CROP
from CephSketcherLib.outlines.model import OutlineModel
from CephSketcherLib.outlines.shape import Observations, ShapeSpace, update
from CephSketcherLib.outlines.template import Template, nearest_on_curve, normals, spacing

REACHES = (26, 18, 12, 8)
TEMPER = 0.50  # neighboring samples of a profile tell much the same
_SHARED = 3.0  # neighbors' patches overlap: each one's variance counts so many times
_CHAIN_PRIOR = 3.0  # root of the number of points that a typical bend moves
_THROUGH = 0.5  # a landmark's pull on its curve: share of its own SD across the curve
_EXACT = 1e-6


@dataclass(frozen=True, eq=False)
class Solved:
    """A curve in the mean face.

    Attributes:
        points: (n, 2).
        mean, posterior: of the whole vector, landmarks first.
        landmarks: how many landmarks come first.
        sd: (n,) across the curve.
        support: share of the curve on a clear edge.
        inside: (n,) bool: on the film.
    """

    points: np.ndarray
    mean: np.ndarray
    posterior: np.ndarray
    landmarks: int
    sd: np.ndarray
    support: float
    inside: np.ndarray

    def covariance(self, index: int) -> np.ndarray:
        """(2, 2) of one curve point."""
        first = 2 * (self.landmarks + index)
        return self.posterior[first : first + 2, first : first + 2]


def solve_structure(
    picture: np.ndarray,
    inside: np.ndarray,
    landmarks: Mapping[str, tuple[np.ndarray, np.ndarray]],
    name: str,
    model: OutlineModel,
    targets: Mapping[int, np.ndarray],
) -> Solved:
    """A structure's curve.

    Args:
        picture, inside: as `frame.face_picture` returns them.
        landmarks: position and covariance in the mean face.
        name: of the structure.
        model: what was learned.
        targets: curve points that are known exactly.
    """
    space = model.spaces[name]
    return solve_space(picture, inside, landmarks, space, model.patches[name], model.symbols, targets)


def solve_space(
    picture: np.ndarray,
    inside: np.ndarray,
    landmarks: Mapping[str, tuple[np.ndarray, np.ndarray]],
    space: ShapeSpace,
    patches: PatchModel,
    symbols: tuple[str, ...],
    targets: Mapping[int, np.ndarray],
    temper: float = TEMPER,
) -> Solved:
    """As `solve_structure`, with the learned parts one by one (training uses it while they change)."""
    template = space.template
    prior, spread = condition(space, landmarks, symbols, targets)
    mean, covariance = prior, spread
    for reach in REACHES:
        curve = space.curve(mean)
        seen = Observations(len(mean))
        _observe_film(seen, picture, inside, curve, space, patches, prior, spread, reach, temper)
        _observe_landmarks(seen, curve, space, landmarks, targets)
        mean, covariance = update(prior, spread, seen)
    curve = space.curve(mean)
    across = normals(curve, template.closed)
    blocks = point_blocks(covariance, space)
    sd = np.sqrt(np.maximum(np.einsum("ni,nij,nj->n", across, blocks, across), 0.0))
    visible = on_film(inside, curve)
    support = edge_support(picture, curve, template, patches, visible)
    return Solved(curve, mean, covariance, space.landmarks, sd, support, visible)


def condition(
    space: ShapeSpace,
    landmarks: Mapping[str, tuple[np.ndarray, np.ndarray]],
    symbols: tuple[str, ...],
    targets: Mapping[int, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Shape space given the landmarks and the points that are known: mean and covariance."""
    seen = Observations(len(space.mean))
    for i, symbol in enumerate(symbols):
        if symbol in landmarks:
            xy, covariance = landmarks[symbol]
            seen.add_point(slice(2 * i, 2 * i + 2), xy, covariance)
    for index, xy in targets.items():
        seen.add_point(space.point(index), xy, _EXACT * np.eye(2))
    return update(space.mean, space.covariance, seen)


def _observe_film(
    seen: Observations,
    picture: np.ndarray,
    inside: np.ndarray,
    curve: np.ndarray,
    space: ShapeSpace,
    patches: PatchModel,
    prior: np.ndarray,
    spread: np.ndarray,
    reach: int,
    temper: float,
) -> None:
    """What the profiles say, as one observation across the curve for each point that sees something."""
    template = space.template
    across = normals(curve, template.closed)
    evidence = temper * log_ratio(windows(raw_profiles(picture, curve, template.closed, reach), reach), patches)
    use = template.seen & on_film(inside, curve)
    evidence[~use] = 0.0
    center = ((space.curve(prior) - curve) * across).sum(1)
    variance = np.einsum("ni,nij,nj->n", across, point_blocks(spread, space), across)
    # Neighbors move together: the chain must not count their common prior once for each.
    sd = _CHAIN_PRIOR * np.sqrt(variance + 0.25)
    stiffness = max(1.0, 0.16 * spacing(curve, template.closed))
    center = np.clip(center, -reach, reach)
    found, doubt = chain(evidence, center, sd, stiffness, template.closed)
    base = (across * curve).sum(1)
    for i in np.flatnonzero(use & np.isfinite(doubt)).tolist():
        seen.add(space.point(i), across[i], float(base[i] + found[i]), _SHARED * float(doubt[i]) + 0.3)


def _observe_landmarks(
    seen: Observations,
    curve: np.ndarray,
    space: ShapeSpace,
    landmarks: Mapping[str, tuple[np.ndarray, np.ndarray]],
    targets: Mapping[int, np.ndarray],
) -> None:
    """The curve passes through its landmarks within their covariance.

    Spines and tips are met by their own point of the curve, others across the curve where it is nearest now.
    """
    template = space.template
    for symbol, index in template.landmarks.items():
        if symbol not in landmarks or index in targets:
            continue
        xy, covariance = landmarks[symbol]
        if template.is_corner(index):
            seen.add_point(space.point(index), xy, _THROUGH**2 * covariance + 1e-3 * np.eye(2))
            continue
        near = _stretch(curve, template, index)
        segment, share, _ = nearest_on_curve(curve[near], False, xy)
        first, second = int(near[segment]), int(near[min(segment + 1, len(near) - 1)])
        step = curve[second] - curve[first]
        across = np.array([-step[1], step[0]]) / max(float(np.linalg.norm(step)), 1e-9)
        row = np.zeros(len(space.mean))
        row[space.point(first)] += (1 - share) * across
        row[space.point(second)] += share * across
        variance = _THROUGH**2 * float(across @ covariance @ across) + 1e-3
        seen.add(slice(None), row, float(across @ xy), variance)


def _stretch(curve: np.ndarray, template: Template, index: int, reach: int = 4) -> np.ndarray:
    """Indices of the points around a landmark's own point: the curve passes a landmark there and not elsewhere."""
    around = np.arange(index - reach, index + reach + 1)
    if template.closed:
        return around % len(curve)
    return around[(around >= 0) & (around < len(curve))]


def on_film(inside: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Which points (n, 2) of the mean face lie on the film."""
    left, top, width, height = CROP
    at = np.rint(points).astype(int) - [left, top]
    within = (at >= 0).all(1) & (at[:, 0] < width) & (at[:, 1] < height)
    at = np.clip(at, 0, [width - 1, height - 1])
    return within & inside[at[:, 1], at[:, 0]]


def point_blocks(covariance: np.ndarray, space: ShapeSpace) -> np.ndarray:
    """The (n, 2, 2) covariances of the curve's points."""
    count = len(space.template)
    curve = covariance[2 * space.landmarks :, 2 * space.landmarks :].reshape(count, 2, count, 2)
    return curve[np.arange(count), :, np.arange(count), :]


def edge_support(
    picture: np.ndarray, curve: np.ndarray, template: Template, patches: PatchModel, use: np.ndarray
) -> float:
    """Share of the curve's points where a clear edge of the learned kind lies within 3 units (0.6 mm nominal).

    Clear: the profile varies by more than noise; of the learned kind: its correlation with the learned mean profile is
    at least 0.6, so an edge of the opposite polarity never counts.
    """
    use = use & template.seen
    if not use.any():
        return 0.0
    return float(supported(picture, curve, template, patches)[use].mean())


def supported(picture: np.ndarray, curve: np.ndarray, template: Template, patches: PatchModel) -> np.ndarray:
    """(n,) bool: which points lie on a clear edge."""
    slope = np.diff(raw_profiles(picture, curve, template.closed, 3), axis=1)
    view = np.lib.stride_tricks.sliding_window_view(slope, 2 * HALF + 1, axis=1)[:, :7]
    wanted = patches.on_mean / np.maximum(np.linalg.norm(patches.on_mean, axis=1, keepdims=True), 1e-9)
    alike = np.einsum("nod,nd->no", view, wanted) / np.maximum(np.linalg.norm(view, axis=2), 1e-9)
    clear = np.abs(view).sum(axis=2) > 0.06
    return (clear & (alike > 0.6)).any(axis=1)
