"""The whole way from a start pose to a fine one: search, descent at three resolutions, verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import transform_points
from Registration2D3DLib.geometry.accuracy import projected_error_mm, targets
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.matching.collimator import seen_part
from Registration2D3DLib.matching.descent import Fit, descend
from Registration2D3DLib.matching.level import Film, Level, make_level
from Registration2D3DLib.matching.search import moved_over, turned
from Registration2D3DLib.matching.verdict import AGREED_MM, Verdict, expected_errors, judge
from Registration2D3DLib.rendering.drr import Rays, render
from Registration2D3DLib.rendering.volume import Volume

COARSE, MIDDLE, FINE = 40, 80, 128
"""Pixels across the object's box at the three resolutions."""
_STEP_DEG = 5.0
_COARSE_STARTS, _MIDDLE_STARTS = 8, 3
_COARSE_STEPS, _MIDDLE_STEPS, _FINE_STEPS = 8, 5, 4
_LEAST_OVERLAP = 0.15
_MIRROR_GAIN = 0.15
_SURELY_BRIGHT = 0.6  # correlation of the best turn; below that the inverted picture is tried

_NETWORK_STARTS = 4
_NETWORK_TURN_DEG = 5.0
_NETWORK_REACH_PX = 8.0  # shifts of more pixels of the coarse level are beyond what the networks saw

SEARCHED, REGRESSED, BOTH = "search", "network", "network, then search"
"""What brought the pose near enough to be refined."""

Progress = Callable[[float, str], None]


class Improver(Protocol):
    """The networks' first stage, `learned.stage.FirstStage`."""

    def improve(self, level: Level, poses: np.ndarray) -> np.ndarray:
        """Poses (b, 4, 4), each brought nearer."""


@dataclass(frozen=True, eq=False)
class Registered:
    """What was found.

    Attributes:
        pose: (4, 4) object to world, RAS mm.
        similarity: local correlation at the finest resolution.
        start_similarity: of the start pose, at the middle resolution.
        verdict: whether to trust it.
        dark: the X-rays show dense things dark, and were inverted.
        mirrored: the mirrored X-ray fits far better.
    """

    pose: np.ndarray
    similarity: float
    start_similarity: float
    verdict: Verdict
    dark: bool
    mirrored: bool
    found_by: str = SEARCHED


@dataclass(frozen=True, eq=False)
class _Task:
    volume: Volume
    films: tuple[Film, ...]
    center: np.ndarray
    size: np.ndarray
    radius: float
    margin: float
    coarse: Level
    middle: Level


def register(
    volume: Volume,
    pictures: list[np.ndarray],
    views: list[View],
    start: np.ndarray,
    reach_deg: float = 10.0,
    reach_mm: float = 25.0,
    progress: Progress = lambda done, what: None,
    first: Improver | None = None,
) -> Registered:
    """Find the pose of an object.

    Args:
        volume: the object.
        pictures: (h, w) float32 of each X-ray, of either polarity.
        views: its geometry.
        start: (4, 4) object to world, RAS mm.
        reach_deg, reach_mm: how far the start may be off, about each axis and across the beam; 0 and 0 only refines.
        first: brings the start near by a network; where the outcome is not trusted, or the reach is beyond what the
            network learnt, the search follows. Without it the search alone.

    Raises:
        BadInput: the object is not on a picture, a source is inside it, or a picture shows nothing.
    """
    center = transform_points(start, volume.center)
    size = np.array(volume.grid.size_ijk) * volume.grid.spacing
    oriented = [view.towards(center) for view in views]
    _check(volume, oriented, start)
    progress(0.05, "Looking at the X-rays")
    films = _films(volume, pictures, oriented, start)
    radius = _radius(volume, oriented, start)
    volume = volume.coarser(2 * radius / FINE)
    coarse = make_level(volume, films, center, radius + reach_mm, 2 * radius / COARSE)
    middle = make_level(volume, films, center, radius + reach_mm, 2 * radius / MIDDLE)
    start_similarity = float(descend(middle, start[None], 0).similarity[0])
    task = _Task(volume, films, center, size, radius, radius + reach_mm, coarse, middle)
    if first is not None and 0 < reach_mm <= _NETWORK_REACH_PX * coarse.pitch_mm and reach_deg > 0:
        progress(0.15, "Regressing")
        dark, found = _regressed(coarse, start, center, reach_mm, first)
        told = _refined(task, dark, found, start_similarity, REGRESSED, progress)
        if told.verdict.trusted:
            return told
    progress(0.15, "Searching")
    dark, found = _searched(coarse, start, center, reach_deg, reach_mm)
    return _refined(task, dark, found, start_similarity, SEARCHED if first is None else BOTH, progress)


def _refined(
    task: _Task, dark: bool, found: np.ndarray, start_similarity: float, found_by: str, progress: Progress
) -> Registered:
    """Descent at three resolutions from poses (n, 4, 4), and the verdict."""
    films, coarse, middle = task.films, task.coarse, task.middle
    if dark:
        films = tuple(replace(film, pixels=-film.pixels) for film in films)
        coarse, middle = _inverted(coarse), _inverted(middle)
        start_similarity = -start_similarity
    progress(0.45, "Refining")
    fit = descend(coarse, found, _COARSE_STEPS)
    fit = descend(middle, fit.best(_MIDDLE_STARTS).poses, _MIDDLE_STEPS)
    progress(0.7, "Refining finely")
    fine = make_level(task.volume, films, task.center, task.margin, 2 * task.radius / FINE)
    last = descend(fine, fit.best(1).poses, _FINE_STEPS)
    pose, similarity = last.poses[0], float(last.similarity[0])
    points = targets(task.volume.center, task.size)
    sources = [film.view.source for film in films]
    verdict = _judged(fit, pose, similarity, last.information[0], points, sources)
    mirrored = not verdict.trusted and _mirrored_fits(coarse, found, fit.best(1).poses, descend(coarse, pose[None], 0))
    return Registered(pose, similarity, start_similarity, verdict, dark, mirrored, found_by)


def _regressed(
    level: Level, start: np.ndarray, center: np.ndarray, reach_mm: float, first: Improver
) -> tuple[bool, np.ndarray]:
    """Whether the X-rays are dark where dense, and what the networks make of the start and of turned ones."""
    starts = turned(start, center, _NETWORK_TURN_DEG, _NETWORK_TURN_DEG)[:7]
    _poses, plain = moved_over(level, starts, reach_mm)
    _poses, turned_over = moved_over(_inverted(level), starts, reach_mm)
    dark = bool(turned_over.max() > 1.1 * plain.max())
    bright = _inverted(level) if dark else level
    improved = first.improve(bright, starts)
    order = np.argsort(-descend(bright, improved, 0).similarity)[:_NETWORK_STARTS]
    return dark, improved[order]


def _judged(
    fit: Fit,
    pose: np.ndarray,
    similarity: float,
    information: np.ndarray,
    points: np.ndarray,
    sources: list[np.ndarray],
) -> Verdict:
    apart = np.array([projected_error_mm(other, pose, points, sources[0]) for other in fit.poses])
    same = apart <= 2 * AGREED_MM
    order = fit.best(1).similarity[0]
    # Restarts are compared at the resolution that they share.
    rival = None if same.all() else float(similarity - (order - fit.similarity[~same].max()))
    middle = transform_points(pose, points).mean(0)
    line = middle - sources[0]
    expected, depth = expected_errors(information, transform_points(pose, points) - middle, line / np.linalg.norm(line))
    return judge(similarity, rival, float(same.mean()), expected, depth)


def _searched(
    level: Level, start: np.ndarray, center: np.ndarray, reach_deg: float, reach_mm: float
) -> tuple[bool, np.ndarray]:
    """Whether the X-rays are dark where dense, and poses to refine; the start is always among them."""
    candidates = turned(start, center, reach_deg, _STEP_DEG)
    if not reach_deg and not reach_mm:
        plain, turned_over = descend(level, start[None], 0), descend(_inverted(level), start[None], 0)
        return bool(turned_over.similarity[0] > plain.similarity[0]), start[None]
    poses, scores = moved_over(level, candidates, reach_mm)
    dark = False
    if scores.max() < _SURELY_BRIGHT:
        dark_poses, dark_scores = moved_over(_inverted(level), candidates, reach_mm)
        dark = bool(dark_scores.max() > 1.1 * scores.max())
        if dark:
            poses, scores = dark_poses, dark_scores
    order = np.argsort(-scores)[: _COARSE_STARTS - 1]
    return dark, np.concatenate([poses[order], start[None]])


def _inverted(level: Level) -> Level:
    return replace(level, views=tuple(replace(view, film=-view.film) for view in level.views))


def _mirrored_fits(level: Level, found: np.ndarray, best: np.ndarray, fit: Fit) -> bool:
    """Whether the picture turned left to right correlates far better than the picture itself."""
    views = tuple(replace(view, film=view.film.flip(2), weight=view.weight.flip(2)) for view in level.views)
    other = descend(replace(level, views=views), np.concatenate([best, found]), 4)
    return bool(other.similarity.max() > float(fit.similarity.max()) + _MIRROR_GAIN)


def _corners(volume: Volume, pose: np.ndarray) -> np.ndarray:
    size = np.array(volume.grid.size_ijk)
    corners = np.stack(np.meshgrid(*[[-0.5, count - 0.5] for count in size], indexing="ij"), -1).reshape(-1, 3)
    return transform_points(pose, volume.grid.ijk_points_to_ras(corners))


def _radius(volume: Volume, views: list[View], pose: np.ndarray) -> float:
    """mm about the object's center, at the object, that hold what all pictures show of its box."""
    center = transform_points(pose, volume.center)
    radius = 0.0
    for view in views:
        pixels = view.project(_corners(volume, pose))
        low = np.clip(pixels.min(0), 0, [view.width - 1, view.height - 1])
        high = np.clip(pixels.max(0), 0, [view.width - 1, view.height - 1])
        radius = max(radius, float((high - low).max()) / 2 * view.pixel_at(center))
    return radius


def _check(volume: Volume, views: list[View], start: np.ndarray) -> None:
    for view in views:
        source = volume.grid.ras_points_to_ijk(transform_points(np.linalg.inv(start), view.source))
        if (source > -1).all() and (source < np.array(volume.grid.size_ijk)).all():
            raise BadInput("The X-ray's source lies inside the object.", "Check the geometry and the start pose.")
        if (view.depth_mm(_corners(volume, start)) <= 0).any():
            raise BadInput(
                "A part of the object lies behind the X-ray's source.", "Check the geometry and the start pose."
            )
        pixels = view.project(_corners(volume, start))
        low, high = np.maximum(pixels.min(0), 0), np.minimum(pixels.max(0), [view.width - 1, view.height - 1])
        if (high - low).min() <= 0 or np.prod(high - low) < _LEAST_OVERLAP * np.prod(
            np.minimum(pixels.max(0) - pixels.min(0), [view.width, view.height])
        ):
            raise BadInput(
                "At the start pose the object lies beside the X-ray.",
                "Move it before the detector, or check that CT, X-ray and geometry belong together.",
            )


@torch.no_grad()
def _films(volume: Volume, pictures: list[np.ndarray], views: list[View], start: np.ndarray) -> tuple[Film, ...]:
    films = []
    for picture, view in zip(pictures, views, strict=True):
        pixels = np.asarray(picture, np.float32)
        if pixels.shape != (view.height, view.width):
            raise BadInput(
                f"The X-ray is {pixels.shape[1]} x {pixels.shape[0]}, its geometry {view.width} x {view.height}.",
                "Give the geometry of this picture.",
            )
        if float(np.ptp(pixels)) == 0:
            raise BadInput("The X-ray is a single gray.", "Export it again.")
        films.append(Film(pixels, seen_part(pixels, _expected(volume, view, start)), view))
    return tuple(films)


def _expected(volume: Volume, view: View, start: np.ndarray) -> np.ndarray:
    """(h, w) bool: where the object should be seen at its start."""
    small = view.resized(min(64, view.width), min(64, view.height))
    columns, rows = np.meshgrid(np.arange(small.width), np.arange(small.height))
    rays = Rays.through(small, np.stack([columns.ravel(), rows.ravel()], 1), volume.channels.device)
    pose = torch.as_tensor(start[None], dtype=torch.float32, device=volume.channels.device)
    coarse = volume.coarser(float(volume.grid.spacing.max()) * max(1.0, min(volume.grid.size_ijk) / 40))
    seen = render(coarse, rays, pose)[0].reshape(small.height, small.width).cpu().numpy()
    covered = seen > 0.1 * max(float(seen.max()), 1e-6)
    row = np.minimum(np.arange(view.height) * small.height // view.height, small.height - 1)
    column = np.minimum(np.arange(view.width) * small.width // view.width, small.width - 1)
    return np.asarray(covered[row][:, column])
