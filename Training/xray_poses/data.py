"""CT volumes, divided by patient: those on which choices were made, and those for figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from DeepMedLib.geometry import Grid, from_sitk
from Registration2D3DLib.rendering.units import attenuation

MODELS = Path(__file__).resolve().parents[2] / "Registration2D3D" / "Resources" / "Registration2D3DModels"
CHOSEN_ON = ("abdomen/btcv_ct/0006",)
"""Resolutions and thresholds were chosen on this scan."""
TRAINED = tuple(f"abdomen/btcv_ct/{number}" for number in ("0005", "0009", "0010", "0023", "0024", "0026", "0028"))
"""The networks learn from these."""
VALIDATED = ("abdomen/btcv_ct/0030", "chest/ct/LIDC-IDRI-0001.nii.gz")
"""The training's log reports these; no choice of weights rests on them."""
TESTED = (
    "registration/chest_ct", "chest/ct/CPTAC-C3N-00247.nii.gz", "abdomen/btcv_ct/0039", "abdomen/btcv_ct/0040",
    "registration/pelvis_2d3dtool/pelvisSegmIntensityLPI.mha",
)  # fmt: skip
"""Nothing was chosen on them."""


def read_ct(data: Path, name: str) -> tuple[np.ndarray, Grid]:
    """Attenuation (k, j, i) in 1/mm, float32, and its grid; of bones that were cut out the rest is air."""
    path = data / name
    array, grid = from_sitk(sitk.ReadImage(str(path / "ct.nii.gz" if path.is_dir() else path)))
    return attenuation(array, bone_only="pelvis" in name), grid
