"""The TotalSegmentator package as an engine, where the user has installed it (Wasserthal et al., 2023; worker only).

It fetches weights from the network when they are missing. That is not done here: they have to be on the disk.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from DeepMedLib.ct.totalsegmentator import LABELS
from DeepMedLib.engines.engine import EngineAnswer
from DeepMedLib.errors import BundleRefused, DependencyMissing
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress
from DeepMedLib.models.device import DeviceChoice, choose_device

_DATASETS = {False: (291, 292, 293, 294, 295), True: (297,)}
"""Numbers of the weights of the task "total" at 1.5 mm, and at 3 mm (fast)."""


@dataclass(frozen=True, eq=False)
class TotalSegmentatorEngine:
    """See `DeepMedLib.engines.engine.Engine`."""

    fast: bool
    device: DeviceChoice

    @property
    def name(self) -> str:
        """With the resolution at which it works."""
        return f"TotalSegmentator total, {'3' if self.fast else '1.5'} mm"

    @property
    def names(self) -> Mapping[int, str]:
        """See `Engine`."""
        return LABELS

    def segment(self, array: np.ndarray, grid: Grid, progress: Progress) -> EngineAnswer:
        """See `Engine`; it tells no progress of its own."""
        import importlib.metadata

        import nibabel
        from totalsegmentator.python_api import totalsegmentator

        progress(0.05, "Running TotalSegmentator, which does not say how long it takes")
        upright = grid.canonical()
        image = nibabel.Nifti1Image(
            upright.forward(array).transpose(2, 1, 0).astype(np.float32), upright.target.ijk_to_ras
        )
        made = totalsegmentator(
            image,
            None,
            ml=True,
            fast=self.fast,
            device="gpu" if self.device.name == "cuda" else self.device.name,
            quiet=True,
            skip_saving=True,
        )
        progress(0.95, "Writing the labels")
        labels = upright.backward(np.asarray(made.dataobj).transpose(2, 1, 0).astype(np.uint16))
        version = importlib.metadata.version("TotalSegmentator")
        about = {
            "model": f"TotalSegmentator total{' fast' if self.fast else ''}",
            "version": version,
            "sha256": "",
            "device": self.device.description,
            "engine": f"TotalSegmentator {version}",
        }
        return EngineAnswer(labels, self.names, about)


def open_totalsegmentator(fast: bool, device: str) -> TotalSegmentatorEngine:
    """The engine.

    Raises:
        DependencyMissing: the package is not installed.
        BundleRefused: its weights are not on the disk.
    """
    if importlib.util.find_spec("totalsegmentator") is None:
        raise DependencyMissing(
            "The Python package TotalSegmentator is not installed.", "Install it: pip install TotalSegmentator"
        )
    from totalsegmentator.config import get_weights_dir

    place = Path(get_weights_dir())
    missing = [number for number in _DATASETS[fast] if not any(place.glob(f"Dataset{number}_*"))]
    if missing:
        task = "total_fast" if fast else "total"
        raise BundleRefused(
            "The weights of TotalSegmentator are not on this computer, and nothing is fetched from here.",
            f"Fetch them once: totalseg_download_weights -t {task}",
        )
    return TotalSegmentatorEngine(fast, choose_device(device))
