"""The phantom under an X-ray: two views, a true pose and a start that is off; and the files of a case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from DeepMedLib.geometry import Grid, to_sitk, transform_points
from Registration2D3DLib.geometry.c_arm import CArm
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.phantom.ellipsoids import ct_of, torso_part, xray_of

WIDTH, PIXEL_MM = 256, 1.4
_SCATTER, _NOISE = 0.3, 0.008
_TURN_DEG, _SHIFT_MM = 8.0, 15.0


@dataclass(frozen=True, eq=False)
class PhantomCase:
    """One of them.

    Attributes:
        hounsfield, grid: the CT, (k, j, i).
        pictures: (h, w) uint8, bright where dense, with scatter and noise; exact but for these.
        views: their geometry.
        true, start: (4, 4) object to world.
    """

    hounsfield: np.ndarray
    grid: Grid
    pictures: tuple[np.ndarray, ...]
    views: tuple[View, ...]
    true: np.ndarray
    start: np.ndarray


def phantom_case(seed: int = 1) -> PhantomCase:
    """Draw a case; the same seed draws the same one."""
    rng = np.random.default_rng(seed)
    parts = torso_part(seed)
    hounsfield, grid = ct_of(parts)
    true = motion(rng.uniform(-0.15, 0.15, 3), rng.uniform(-10, 10, 3), np.zeros(3))
    views, pictures = [], []
    for primary in (float(rng.uniform(-15, 15)), float(rng.uniform(65, 90))):
        arm = CArm(1050.0, 720.0, primary, float(rng.uniform(-10, 10)), (PIXEL_MM, PIXEL_MM), WIDTH, WIDTH)
        view = arm.view()
        exact = xray_of(parts, view, true)
        picture = exact + _SCATTER * gaussian_filter(exact, 20)
        picture = (picture / picture.max()) ** 0.8 + rng.normal(0, _NOISE, exact.shape)
        views.append(view)
        pictures.append(np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8))
    center = transform_points(true, np.zeros(3))
    turn = np.radians(rng.uniform(-_TURN_DEG, _TURN_DEG, 3))
    start = motion(turn, rng.uniform(-_SHIFT_MM, _SHIFT_MM, 3), center) @ true
    return PhantomCase(hounsfield, grid, tuple(pictures), tuple(views), true, start)


def write_case(case: PhantomCase, folder: Path) -> None:
    """Write ct.nii.gz, xray.png, geometry.json, init.json, those of further views with a number, and truth.json."""
    import SimpleITK as sitk
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(to_sitk(case.hounsfield, case.grid), str(folder / "ct.nii.gz"))
    for number, (pixels, view) in enumerate(zip(case.pictures, case.views, strict=True)):
        end = f"_{number}" if number else ""
        Image.fromarray(pixels).save(folder / f"xray{end}.png")
        (folder / f"geometry{end}.json").write_text(json.dumps(view.to_dict()), encoding="utf-8")
    for name, pose in (("init", case.start), ("truth", case.true)):
        (folder / f"{name}.json").write_text(json.dumps({"matrix_ras": pose.tolist()}), encoding="utf-8")
