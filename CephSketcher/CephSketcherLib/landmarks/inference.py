"""From a film to landmarks: a coarse look each way up, then several fine looks at the face (torch; worker only)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F

from CephSketcherLib.landmarks.face_frame import Similarity, robust_similarity
from CephSketcherLib.landmarks.network import (
    CANVAS,
    COARSE_OFFSET,
    FACE,
    MAP_STEP,
    channels,
    distributions,
    face_of_map,
    fine_input,
    letterbox,
    moments,
    sampling_grid,
    shrink,
)
from CephSketcherLib.landmarks.shape_model import ShapeModel

#: (zoom, degrees, shift x, shift y in face pixels) of each fine look; the first one only places the others.
LOOKS = (
    (1.0, 0.0, 0.0, 0.0),
    (1.0, 0.0, 0.5, 0.5),
    (0.94, 3.0, 4.0, -3.0),
    (1.06, -3.0, -4.0, 3.0),
    (0.97, -2.0, 3.0, 4.0),
    (1.03, 2.0, -3.0, -4.0),
)
COARSE_NOISE = 9.0  # px^2 of the face, variance of a clearly seen coarse point
SEEN = 0.15  # peak below which a coarse point says nothing
FACE_SHARPNESS = 1.2  # pixels of the shrunk film a face pixel, as the training films were cached


@dataclass(frozen=True)
class CoarseLook:
    """One way of holding the film.

    Attributes:
        mirrored, inverted: what was done to the film before looking.
        points: (L, 2) pixels of the film as it was looked at (mirrored where so).
        peaks: (L,) 0..1, how sure the network is that the landmark is there.
    """

    mirrored: bool
    inverted: bool
    points: np.ndarray
    peaks: np.ndarray

    @property
    def score(self) -> float:
        """Mean of the peaks."""
        return float(self.peaks.mean())


@dataclass(frozen=True)
class FineLooks:
    """The face as the fine network saw it, in pixels of the film as it was looked at.

    Attributes:
        points: (L, 2) mean over the looks.
        covariances: (L, 2, 2) px^2: mean width of the distributions plus spread of the looks; not calibrated.
        spread: (L,) px, root mean square distance of the looks from their mean.
        mass: (L,) 0..1, share of the distribution within 6 % of the S-N size about its mean: low when undecided.
        to_face: film -> face.
        gap: face pixels, median distance of the specialist's points from the others'; nan without a specialist.
    """

    points: np.ndarray
    covariances: np.ndarray
    spread: np.ndarray
    mass: np.ndarray
    to_face: Similarity
    gap: float = float("nan")


@dataclass(frozen=True)
class FineNetworks:
    """The fine networks that look at a face together.

    Attributes:
        networks: averaged always.
        specialist: trained on one clinic alone; averaged in where it agrees with the others about the film, because
            the readers of another clinic mark other places.
        agreement: face pixels; see `FineLooks.gap`.
    """

    networks: tuple[torch.nn.Module, ...]
    specialist: torch.nn.Module | None = None
    agreement: float = float("inf")

    def look(
        self,
        film: torch.Tensor,
        to_face: Similarity,
        model: ShapeModel,
        device: str = "cpu",
        progress: Callable[[float], None] | None = None,
    ) -> FineLooks:
        """All networks' looks as one; arguments as `fine_looks`."""
        every = [*self.networks, *([self.specialist] if self.specialist is not None else [])]
        seen: list[FineLooks] = []
        for number, network in enumerate(every):
            if progress is not None:
                progress(number / len(every))
            place = number == 0
            frame = to_face if place else seen[0].to_face
            seen.append(fine_looks(network, film, frame, model, LOOKS if place else LOOKS[1:], device, place))
        general = combined(seen[: len(self.networks)])
        if self.specialist is None:
            return general
        distance = np.linalg.norm(seen[-1].points - general.points, axis=1) * general.to_face.scale
        gap = float(np.median(distance))
        return replace(combined(seen) if gap <= self.agreement else general, gap=gap)


def combined(looks: Sequence[FineLooks]) -> FineLooks:
    """Mean of several networks; their distance from each other adds to the covariances."""
    points = np.stack([look.points for look in looks])
    mean = points.mean(0)
    between = np.einsum("nli,nlj->lij", points - mean, points - mean) / len(looks)
    return FineLooks(
        mean,
        np.mean([look.covariances for look in looks], axis=0) + between,
        np.mean([look.spread for look in looks], axis=0),
        np.mean([look.mass for look in looks], axis=0),
        looks[0].to_face,
    )


def coarse_looks(
    network: torch.nn.Module, film: torch.Tensor, ways: Sequence[tuple[bool, bool]], device: str = "cpu"
) -> list[CoarseLook]:
    """Look at the whole film (1, 1, H, W) in each way (mirrored, inverted), best first."""
    height, width = film.shape[2:]
    to_canvas = letterbox(height, width)
    small, to_film = shrink(film, min(1.0, to_canvas.scale))
    grid = sampling_grid(to_film.inverse().after(to_canvas.inverse()), CANVAS, (small.shape[2], small.shape[3]))
    canvas = F.grid_sample(small, grid, padding_mode="zeros", align_corners=False)
    inside = F.grid_sample(torch.ones_like(small), grid, padding_mode="zeros", align_corners=False)
    seen = []
    for mirrored, inverted in ways:
        x = (1 - canvas) * inside if inverted else canvas
        seen.append(x.flip(3) if mirrored else x)
    with torch.inference_mode():
        logits = network(channels(torch.cat(seen)).to(device)).float().cpu()
    peaks = torch.sigmoid(logits.amax((2, 3)) - COARSE_OFFSET).numpy()
    back = to_canvas.inverse()
    looks = []
    for i, (mirrored, inverted) in enumerate(ways):
        looks.append(CoarseLook(mirrored, inverted, back(_peaks(logits[i])), peaks[i]))
    return sorted(looks, key=lambda look: -look.score)


def _peaks(logits: torch.Tensor, reach: int = 4) -> np.ndarray:
    """(L, h, w) -> (L, 2) mean of the softmax about each maximum, pixels (x, y)."""
    count, height, width = logits.shape
    best = logits.flatten(1).argmax(1)
    row, column = best // width, best % width
    y, x = torch.arange(height)[None, :, None], torch.arange(width)[None, None, :]
    near = ((y - row[:, None, None]).abs() <= reach) & ((x - column[:, None, None]).abs() <= reach)
    p = torch.softmax(logits.masked_fill(~near, -1e9).flatten(1), 1).reshape(1, count, height, width)
    return moments(p)[0][0].double().numpy()


def place_face(look: CoarseLook, model: ShapeModel) -> tuple[Similarity, np.ndarray]:
    """Where the face is, from the coarse points that were seen and agree with each other.

    Returns:
        Film as looked at -> face, and the coarse points (L, 2) on the face, unseen ones where the others expect them.

    Raises:
        ValueError: fewer than four points were seen.
    """
    weights = np.where(look.peaks > SEEN, look.peaks, 0.0)
    if (weights > 0).sum() < 4:
        raise ValueError("Too few landmarks were seen.")
    to_face = robust_similarity(look.points, model.mean, weights)
    seen = to_face(look.points)
    noise = np.where(weights > 0, COARSE_NOISE / np.maximum(look.peaks, SEEN), np.inf)
    # A point far from where all others expect it is a mistake of the coarse look.
    noise = np.where(model.surprise(seen, noise) > 5, np.inf, noise)
    if np.isfinite(noise).sum() >= 4:
        expected, _ = model.posterior(seen, noise)
    else:
        expected = seen
    return robust_similarity(to_face.inverse()(expected), model.mean), expected


def fine_looks(
    network: torch.nn.Module,
    film: torch.Tensor,
    to_face: Similarity,
    model: ShapeModel,
    looks: Sequence[tuple[float, float, float, float]] = LOOKS,
    device: str = "cpu",
    place: bool = True,
) -> FineLooks:
    """Look at the face several times with one network.

    Args:
        film: (1, 1, H, W) as `coarse_looks` saw it: facing right, bone bright.
        to_face: from `place_face`.
        place: the first look only refines ``to_face`` for the others.
    """
    small, to_film = shrink(film, min(1.0, to_face.scale * FACE_SHARPNESS))
    from_film = to_film.inverse()
    size = (small.shape[2], small.shape[3])
    middle = ((FACE[1] - 1) / 2, (FACE[0] - 1) / 2)
    points, widths, masses = [], [], []
    for number, (zoom, degrees, dx, dy) in enumerate(looks):
        jitter = Similarity.make(zoom, degrees, middle)
        jitter = Similarity(jitter.matrix + np.array([[0, 0, dx], [0, 0, dy]]))
        look = jitter.after(to_face)
        grid = sampling_grid(from_film.after(look.inverse()), FACE, size)
        face = F.grid_sample(small, grid, padding_mode="zeros", align_corners=False)
        with torch.inference_mode():
            p = distributions(network(fine_input(face).to(device)).float().cpu())
        mean, covariance = moments(p)
        back = look.inverse()
        linear = back.matrix[:, :2] * MAP_STEP
        points.append(back(face_of_map(mean[0].double()).numpy()))
        widths.append(linear @ covariance[0].double().numpy() @ linear.T)
        masses.append(_mass_near(p[0], mean[0]))
        if place and number == 0:
            to_face = robust_similarity(points[0], model.mean)
    start = 1 if place and len(looks) > 1 else 0
    found, between = np.stack(points[start:]), np.stack(widths[start:])
    mean_point = found.mean(0)
    gap = found - mean_point
    spread = np.einsum("nli,nlj->lij", gap, gap) / len(gap)
    return FineLooks(
        mean_point,
        between.mean(0) + spread,
        np.sqrt(np.trace(spread, axis1=1, axis2=2)),
        np.stack(masses[start:]).mean(0),
        to_face,
    )


def _mass_near(p: torch.Tensor, mean: torch.Tensor, radius: float = 4.0) -> np.ndarray:
    """(L,) probability within a radius (map pixels) of each mean."""
    height, width = p.shape[1:]
    y, x = torch.arange(height)[None, :, None], torch.arange(width)[None, None, :]
    near = (x - mean[:, 0, None, None]) ** 2 + (y - mean[:, 1, None, None]) ** 2 <= radius**2
    return (p * near).sum((1, 2)).double().numpy()
