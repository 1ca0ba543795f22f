"""Implants: opaque on a film, known by their outline; registered from a start that is off."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
import vtk
from scipy.ndimage import gaussian_filter
from vtk.util.numpy_support import vtk_to_numpy

from DeepMedLib.geometry import Grid
from Registration2D3DHeadless.evaluate.registration import _space
from Registration2D3DLib.geometry.accuracy import projected_error_mm, targets
from Registration2D3DLib.geometry.c_arm import CArm
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.matching.normalizing import RIM_PX, as_filmed, as_filmed_slope, covered
from Registration2D3DLib.matching.registering import register
from Registration2D3DLib.options import OPTIONS
from Registration2D3DLib.registration_task import SYMMETRIC, run
from Registration2D3DLib.rendering.drr import Rays, render
from Registration2D3DLib.rendering.volume import Volume
from Registration2D3DMrml.surfaceGrid import attenuationOfSurface
from Training.xray_poses.knees import write


def stem() -> tuple[np.ndarray, np.ndarray]:
    """A generated hip stem without symmetry: a bent tapered shaft, a neck and a head; points (n, 3) and triangles."""
    parts = vtk.vtkAppendPolyData()
    for center, radius, stretch in (
        ((0, 0, -40), 7, (1, 0.8, 6)), ((4, 0, 0), 10, (1.2, 0.8, 2.2)), ((22, 3, 26), 8, (1.6, 0.8, 1.1)),
        ((36, 6, 38), 13, (1, 1, 1)), ((-8, -3, 16), 7, (1, 1, 1.4)),
    ):  # fmt: skip
        sphere = vtk.vtkSphereSource()
        sphere.SetRadius(radius)
        sphere.SetThetaResolution(40)
        sphere.SetPhiResolution(40)
        place = vtk.vtkTransform()
        place.Translate(center)
        place.Scale(stretch)
        moved = vtk.vtkTransformPolyDataFilter()
        moved.SetInputConnection(sphere.GetOutputPort())
        moved.SetTransform(place)
        parts.AddInputConnection(moved.GetOutputPort())
    parts.Update()
    data = parts.GetOutput()
    triangles = vtk_to_numpy(data.GetPolys().GetData()).reshape(-1, 4)[:, 1:]
    return vtk_to_numpy(data.GetPoints().GetData()).astype(float), triangles


def film_of(mu: np.ndarray, grid: Grid, view: object, pose: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(256, 256) metal that is darker than soft tissue of changing thickness, with scatter and noise."""
    columns, rows = np.meshgrid(np.arange(256), np.arange(256))
    rays = Rays.through(view, np.stack([columns.ravel(), rows.ravel()], 1))  # type: ignore[arg-type]
    volume = Volume.from_attenuation(mu, grid)
    integral = render(volume, rays, torch.tensor(pose[None], dtype=torch.float32)).reshape(256, 256).numpy()
    tissue = gaussian_filter(rng.normal(size=(256, 256)), 20)
    tissue = 2 + 0.6 * tissue / np.abs(tissue).max()
    film = np.exp(-tissue - 4 * integral)
    film = film + 0.3 * gaussian_filter(film, 12)
    return np.asarray(255 * film / film.max() + rng.normal(0, 1.5, film.shape), np.float32)


def test_the_outline_of_an_implant_counts_and_metal_is_soon_opaque() -> None:
    integral = torch.zeros(1, 40, 40)
    integral[0, 20, 20] = 1.0
    assert covered(integral, False).sum() == 1 and covered(integral, True).sum() == (2 * RIM_PX + 1) ** 2
    depth = torch.tensor([0.0, 0.3, 1.0, 6.0], dtype=torch.float64)
    slope = (as_filmed(depth + 1e-6, True) - as_filmed(depth - 1e-6, True)) / 2e-6
    assert torch.allclose(slope, as_filmed_slope(depth, True), atol=1e-6)
    assert torch.equal(as_filmed(depth, False), depth) and as_filmed(depth, True)[3] > 0.99


def test_generated_implants_are_registered_from_starts_that_are_off() -> None:
    mu, grid = attenuationOfSurface(*stem())
    volume = Volume.from_attenuation(mu, grid, outlined=True)
    size = np.array(grid.size_ijk) * grid.spacing
    errors = []
    for seed in range(3):
        rng = np.random.default_rng(900 + seed)
        view = CArm(1000.0, 700.0, rng.uniform(-40, 40), 5, (0.8, 0.8), 256, 256).view()
        center = volume.center
        true = motion(rng.uniform(-0.3, 0.3, 3), rng.uniform(-10, 10, 3) - center, center)
        film = film_of(mu, grid, view, true, rng)
        where = true[:3, :3] @ center + true[:3, 3]
        start = motion(np.radians(rng.uniform(-8, 8, 3)), rng.uniform(-15, 15, 3), where) @ true
        found = register(volume, [film], [view], start)
        errors.append(projected_error_mm(found.pose, true, targets(center, size), view.source))
        assert found.dark
    assert np.median(errors) < 1.5 and max(errors) < 3  # this stem is nearly round about its axis


@pytest.mark.parametrize(("header", "space"), [(b"SPACE=LPS", "LPS"), (b"solid x SPACE=RAS", "RAS"), (b"solid", "")])
def test_the_space_in_the_header_of_a_surface_file_is_read(tmp_path: Path, header: bytes, space: str) -> None:
    (tmp_path / "model.stl").write_bytes(header.ljust(80) + struct.pack("<I", 0))
    assert _space(tmp_path / "model.stl") == space


def test_a_knee_case_is_written_in_the_space_that_its_model_names(tmp_path: Path) -> None:
    from PIL import Image

    triangle = struct.pack("<I", 1) + bytes(50)
    (tmp_path / "part.stl").write_bytes(b"x".ljust(80) + triangle)
    Image.new("L", (9, 7)).save(tmp_path / "film.png")
    view = CArm(1000.0, 700.0, 0, 0, (1.0, 1.0), 9, 7).view()
    true = motion(np.array([0.1, 0.2, 0.3]), np.array([1.0, 2, 3]), np.zeros(3))
    write(tmp_path / "case", tmp_path / "part.stl", [(tmp_path / "film.png", view)], true, true)
    assert _space(tmp_path / "case" / "model.stl") == "LPS"
    written = np.array(json.loads((tmp_path / "case" / "truth.json").read_text(encoding="utf-8"))["matrix_ras"])
    point = np.array([4.0, 5, 6, 1])  # of the file, LPS: in RAS it is (-4, -5, 6)
    assert np.allclose(written @ [-4, -5, 6, 1], true @ point)


def test_one_xray_of_an_implant_warns_of_its_mirrored_turn() -> None:
    mu, grid = attenuationOfSurface(*stem())
    center = Volume.from_attenuation(mu, grid).center
    true = motion(np.array([0.2, 0.1, -0.1]), -center, center)
    view = CArm(1000.0, 700.0, 20, 5, (0.8, 0.8), 256, 256).view()
    options = {option.name: option.default for option in OPTIONS} | {
        "device": "cpu", "reach_deg": 0.0, "reach_mm": 0.0, "grid": grid.to_dict(), "views": [view.to_dict()],
        "start": true.tolist(), "object": "stem", "xrays": ["film"], "remarks": [], "models": "",
    }  # fmt: skip
    film = film_of(mu, grid, view, true, np.random.default_rng(5))
    done = run({"attenuation": mu, "xray_0": film}, options, lambda share, what: None)
    assert SYMMETRIC in [check["text"] for check in done.values["result"]["checks"]]
