"""Single patches through the network, and how its answers are judged (torch is imported where it is needed)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from DeepMedLib.jobs.task import Progress

if TYPE_CHECKING:
    import torch

WAYS = tuple((turn, flip) for turn in range(4) for flip in (False, True))
"""Quarter turns and mirrored or not: a texture has no upright."""
_BATCH = 64


def patch_logs(
    network: torch.nn.Module,
    hu: np.ndarray,
    ways: tuple[tuple[int, bool], ...] = WAYS,
    device: str = "cpu",
    progress: Progress | None = None,
) -> np.ndarray:
    """(n, classes) mean log probabilities of patches (n, 31, 31), seen in several ways."""
    import torch

    picture = torch.from_numpy(np.asarray(hu, np.float32))[:, None]
    out = []
    with torch.inference_mode():
        for start in range(0, len(hu), _BATCH):
            part = picture[start : start + _BATCH].to(device)
            seen = [torch.rot90(part.flip(3) if flip else part, turn, (2, 3)) for turn, flip in ways]
            out.append(torch.stack([network(one)[:, :, 0, 0] for one in seen]).mean(0).cpu().numpy())
            if progress is not None:
                progress(min(1.0, (start + _BATCH) / len(hu)), "Looking at the patches")
    return np.concatenate(out).astype(float)


def calibrated(logs: np.ndarray, temperature: float) -> np.ndarray:
    """(n, classes) probabilities from log probabilities divided by a temperature."""
    scaled = logs / temperature
    raised = np.exp(scaled - scaled.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True))


def patch_probabilities(
    network: torch.nn.Module,
    hu: np.ndarray,
    temperature: float,
    device: str = "cpu",
    progress: Progress | None = None,
) -> np.ndarray:
    """(n, classes) calibrated probabilities of patches (n, 31, 31) in HU, seen in all `WAYS`."""
    return calibrated(patch_logs(network, hu, WAYS, device, progress), temperature)


def balanced_accuracy(true: np.ndarray, found: np.ndarray) -> float:
    """Mean of the recalls of the classes that occur."""
    return float(np.mean([(found[true == number] == number).mean() for number in np.unique(true)]))


def calibration_error(true: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error of the most likely class (Guo et al., ICML 2017, eq. 3): equal bins of confidence."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == true
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (bin_of == number).mean() * abs(right[bin_of == number].mean() - confidence[bin_of == number].mean())
        for number in np.unique(bin_of)
    ]
    return float(np.sum(gaps))


def fitted_temperature(true: np.ndarray, logs: np.ndarray) -> float:
    """The temperature of the least mean negative log likelihood (Guo et al., ICML 2017), to a hundredth, 0.3 to 4."""
    grid = np.arange(0.3, 4.0, 0.01)
    losses = [-np.log(calibrated(logs, t)[np.arange(len(true)), true] + 1e-12).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 2)
