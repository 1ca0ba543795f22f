"""A slice recogniser that answers what the test says, and the small trunk that these tests look at."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from DeepMedLib.ct.ct_phantom import CtPhantom, trunk_phantom
from DeepMedLib.ct.regions.position import POSITION_PER_MM
from DeepMedLib.ct.regions.verdicts import OrganRange

STEP_MM = 6.0
SHOWN_MM = (195.0, 540.0)
MODEL = {"model": "slices", "version": "9.9.9", "sha256": "0" * 64, "device": "CPU", "engine": "none"}


@lru_cache(maxsize=1)
def trunk() -> CtPhantom:
    """From below the kidneys to below the lung apices; made once."""
    return trunk_phantom((STEP_MM,) * 3, SHOWN_MM, seed=3)


class AnsweringSlices:
    """Stands in for the trained recogniser: a steady course along the body.

    Attributes:
        start: position of the first slice.
        pace: positions a slice.
        sd: of every answer.
        turn: in-plane turn that is seen.
        shuffled: answers in disorder.
    """

    def __init__(self) -> None:
        self.start, self.pace, self.sd, self.turn, self.shuffled = 18.0, POSITION_PER_MM * STEP_MM, 1.0, 0, False
        self.seen = 0
        self.error: Exception | None = None

    def look(self, recognizer: Any, slices: list[np.ndarray], aspect: float, progress: Any = None) -> Any:
        """As slice_inference.look_at_slices, noise on standard output included."""
        from ScanCoverageLib.slice_inference import SliceAnswers

        print("noise of a library")
        self.seen += 1
        if self.error is not None:
            raise self.error
        n = len(slices)
        if progress is not None:
            progress(0.5, "Reading the slices")
        position = self.start + self.pace * np.arange(n)
        if self.shuffled:
            position = np.where(np.arange(n) < n // 2, 90.0 - np.arange(n), 20.0)
        turns = np.full((n, 4), 0.02)
        turns[:, self.turn] = 0.94
        telling = np.zeros((n, 16, 16), np.float32)
        telling[:, 4:8, 4:8] = 0.9
        pictures = np.full((n, 64, 64), 90, np.uint8)
        return SliceAnswers(position, np.full(n, self.sd), turns, telling, pictures)

    def load(self, resources: Path, device: str) -> Any:
        """As slice_model.load_recognizer."""
        organs = (OrganRange("liver", 31.5, 1, 75, 3, 13), OrganRange("stomach", 34.5, 2, 75, 3, 13))
        bundle = SimpleNamespace(name="slices", version="9.9.9")
        return SimpleNamespace(
            model=SimpleNamespace(bundle=bundle), organs=organs, least_certain=20.0, about=lambda: dict(MODEL)
        )


def install_slices(monkeypatch: pytest.MonkeyPatch) -> AnsweringSlices:
    """Puts an answering recogniser in the place of the trained one."""
    import ScanCoverageLib.coverage_task as task
    import ScanCoverageLib.slice_inference as inference
    import ScanCoverageLib.slice_model as model

    answering = AnsweringSlices()
    for place in (task, inference):
        monkeypatch.setattr(place, "look_at_slices", answering.look)
    for place in (task, model):
        monkeypatch.setattr(place, "load_recognizer", answering.load)
    return answering


def write_trunk(path: Path, values: np.ndarray | None = None) -> Path:
    """The trunk, or other values on its grid, as a file that Slicer reads."""
    import SimpleITK as sitk

    from DeepMedLib.geometry import to_sitk

    made = trunk()
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(to_sitk(made.values if values is None else values, made.grid), str(path))
    return path
