"""The slice recogniser at work: slices or a whole scan in, positions with uncertainty out (torch; worker only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from DeepMedLib.ct.regions.position import region_probabilities, section_centres
from DeepMedLib.ct.regions.slice_picture import SIDE, slice_picture
from DeepMedLib.jobs.task import Progress
from ScanCoverageLib.slice_model import Recognizer
from ScanCoverageLib.slice_network import patch_map

_BATCH = 32


@dataclass(frozen=True)
class SliceAnswers:
    """Answers for the slices that show a body; all others have NaN.

    Attributes:
        position: (n,) 0 (neck) to 100 (thigh).
        sd: (n,) standard uncertainty.
        turns: (n, 4) probabilities of the in-plane turns.
        telling: (n, 16, 16) how much each patch says, 0..1.
        pictures: (n, SIDE, SIDE) uint8 as the network saw them, zeros where no body was seen.
    """

    position: np.ndarray
    sd: np.ndarray
    turns: np.ndarray
    telling: np.ndarray
    pictures: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        """(n,) which slices show a body."""
        return np.isfinite(self.position)

    def regions(self) -> np.ndarray:
        """(n, 5) region probabilities; NaN where nothing was seen."""
        out = np.full((len(self.position), 5), np.nan)
        out[self.seen] = region_probabilities(self.position[self.seen], self.sd[self.seen])
        return out


def look_at_slices(
    recognizer: Recognizer,
    slices: list[np.ndarray],
    aspect: float,
    progress: Progress | None = None,
) -> SliceAnswers:
    """Answers of the network.

    Args:
        slices: windowed uint8 slices (H, W), front at the top, the patient's right at the left.
        aspect: pixel height over width.
    """
    network = recognizer.model.network
    n = len(slices)
    position, sd = np.full(n, np.nan), np.full(n, np.nan)
    turns, telling = np.full((n, 4), np.nan), np.zeros((n, 16, 16), np.float32)
    pictures = [slice_picture(picture, aspect, SIDE) for picture in slices]
    seen = [index for index, picture in enumerate(pictures) if picture is not None]
    centres = torch.from_numpy(section_centres(network.sections))  # type: ignore[arg-type]
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(seen), _BATCH):
            index = seen[start : start + _BATCH]
            stack = np.stack([p for p in (pictures[i] for i in index) if p is not None])
            batch = torch.from_numpy(stack.astype(np.float32) / 255.0)[:, None].to(recognizer.model.device.name)
            votes, answer, turn = network(batch)
            share = answer.exp().double().cpu()
            mean = share @ centres
            spread = torch.sqrt((share * (centres[None] - mean[:, None]) ** 2).sum(1))
            position[index] = mean.numpy()
            sd[index] = recognizer.sd_scale * np.hypot(spread.numpy(), recognizer.sd_floor)
            turns[index] = torch.softmax(turn, 1).cpu().numpy()
            telling[index] = patch_map(votes).cpu().numpy()
            if progress is not None:
                progress(min(1.0, (start + len(index)) / max(1, len(seen))), "Reading the slices")
    shown = np.stack([np.zeros((SIDE, SIDE), np.uint8) if p is None else p for p in pictures])
    return SliceAnswers(position, sd, turns, telling, shown)
