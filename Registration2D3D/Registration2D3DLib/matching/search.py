"""Where to begin: DRRs of turned objects, each moved over the X-rays by correlation; the best ones are refined."""

from __future__ import annotations

import itertools

import numpy as np
import torch

from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.matching.level import Level, LevelView
from Registration2D3DLib.matching.normalizing import as_filmed, covered, normalized
from Registration2D3DLib.rendering.drr import render

_BATCH = 32


def turned(pose: np.ndarray, center: np.ndarray, reach_deg: float, step_deg: float) -> np.ndarray:
    """(n, 4, 4) a pose, turned about a world point in steps up to `reach_deg` about each world axis; itself first."""
    count = int(np.ceil(reach_deg / step_deg)) if reach_deg > 0 else 0
    angles = np.radians(np.linspace(-reach_deg, reach_deg, 2 * count + 1)) if count else np.zeros(1)
    turns = sorted(itertools.product(angles, repeat=3), key=lambda turn: float(np.linalg.norm(turn)))
    return np.stack([motion(np.array(turn), np.zeros(3), center) @ pose for turn in turns])


@torch.no_grad()
def moved_over(level: Level, poses: np.ndarray, reach_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """The best shift of each pose across the X-rays, and how well it correlates.

    Args:
        poses: (n, 4, 4).
        reach_mm: of the shift, along columns and rows at the object.

    Returns:
        poses (n, 4, 4) and their correlations (n,), the mean over the views.
    """
    device = level.volume.channels.device
    reach = max(1, round(reach_mm / level.pitch_mm))
    found, scores = [], []
    for start in range(0, len(poses), _BATCH):
        part = poses[start : start + _BATCH]
        tensor = torch.as_tensor(part, dtype=torch.float32, device=device)
        equations, values, score = [], [], np.zeros(len(part))
        for view in level.views:
            integral = render(level.volume, view.rays, tensor).reshape(len(part), *view.shape)
            seen = covered(integral, level.volume.outlined)
            integral = as_filmed(integral, level.volume.outlined)
            correlation = _correlations(normalized(integral, seen).values, seen, view, reach)
            flat = correlation.reshape(len(part), -1)
            peak = flat.argmax(1).cpu().numpy()
            score += flat.amax(1).cpu().double().numpy() / len(level.views)
            down, across = peak // (2 * reach + 1) - reach, peak % (2 * reach + 1) - reach
            for direction, pixels in ((view.across, across), (view.down, down)):
                length = np.linalg.norm(direction)
                equations.append(direction / length)
                values.append(pixels * length)
        shifts = np.linalg.lstsq(np.stack(equations), np.stack(values), rcond=None)[0].T  # (n, 3), least for one view
        found.append(
            np.stack([motion(np.zeros(3), s, np.zeros(3)) @ pose for s, pose in zip(shifts, part, strict=True)])
        )
        scores.append(score)
    return np.concatenate(found), np.concatenate(scores)


def _correlations(drr: torch.Tensor, seen: torch.Tensor, view: LevelView, reach: int) -> torch.Tensor:
    """(n, 2 reach + 1, 2 reach + 1): normalized correlation with the X-ray for each shift (rows, columns)."""
    rows, columns = view.shape
    size = (rows + 2 * reach, columns + 2 * reach)

    def spectrum(pictures: torch.Tensor) -> torch.Tensor:
        return torch.fft.rfft2(pictures, s=size)

    def matched(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        shifts = torch.fft.irfft2(first.conj() * second, s=size)
        return torch.roll(shifts, (reach, reach), (1, 2))[:, : 2 * reach + 1, : 2 * reach + 1]

    product = matched(spectrum(drr), spectrum(view.film))
    own = matched(spectrum(drr**2), spectrum(view.weight))
    other = matched(spectrum(seen), spectrum(view.film**2))
    overlap = matched(spectrum(seen), spectrum(view.weight))
    enough = overlap / overlap.amax((1, 2), keepdim=True).clamp_min(1)
    value = product / (own.clamp_min(1e-6) * other.clamp_min(1e-6)).sqrt()
    return torch.where(enough > 0.6, value, torch.full_like(value, -1.0))
