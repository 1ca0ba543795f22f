"""The renderer against formulas and another renderer: same values, same pixels, no flip; derivatives by differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import vtk
from scipy.ndimage import gaussian_filter
from vtk.util.numpy_support import vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from Registration2D3DLib.geometry.c_arm import CArm
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.phantom.ellipsoids import ct_of, torso_part, xray_of
from Registration2D3DLib.rendering.drr import Rays, render, render_with_jacobian
from Registration2D3DLib.rendering.units import MU_WATER, attenuation
from Registration2D3DLib.rendering.volume import Volume, averaged
from Registration2D3DMrml.surfaceGrid import MU, attenuationOfSurface
from Training.xray_poses.siddon import siddon

POSE = motion(np.array([0.1, -0.2, 0.15]), np.array([6.0, -4, 9]), np.zeros(3))


def drr(volume: Volume, view: View, pose: np.ndarray) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(view.width), np.arange(view.height))
    rays = Rays.through(view, np.stack([columns.ravel(), rows.ravel()], 1))
    values = render(volume, rays, torch.tensor(pose[None], dtype=torch.float32))
    return values.reshape(view.height, view.width).numpy()


@pytest.mark.parametrize(("primary", "secondary"), [(15, -10), (80, 20), (170, 30)])
def test_a_drr_is_the_formula_of_ellipsoids(primary: float, secondary: float) -> None:
    view = CArm(1000.0, 700.0, primary, secondary, (4.5, 4.5), 80, 72).view()
    parts = torso_part(3)
    values, grid = ct_of(parts)
    exact, found = xray_of(parts, view, POSE), drr(Volume.from_attenuation(attenuation(values), grid), view, POSE)
    assert np.corrcoef(exact.ravel(), found.ravel())[0, 1] > 0.9995
    assert np.abs(exact - found).mean() < 0.01 * exact.max()


def test_a_drr_is_what_another_renderer_gives_also_for_left_handed_and_oblique_grids() -> None:
    rng = np.random.default_rng(2)
    mu = (rng.random((12, 14, 16)) * 0.02).astype(np.float32).repeat(2, 0).repeat(2, 1).repeat(2, 2)
    directions = motion(np.array([0.2, 0.1, -0.3]), np.zeros(3), np.zeros(3))[:3, :3] @ np.diag([1, -1, 1])
    grid = Grid.from_parts(np.array([3.0, 2.5, 4]), np.array([-40.0, 40, -50]), directions, mu.shape)
    assert grid.is_left_handed
    view = CArm(1000.0, 650.0, 30, 5, (3.0, 3.0), 64, 60).view()
    exact, found = siddon(mu, grid, view, POSE), drr(Volume.from_attenuation(mu, grid), view, POSE)
    assert np.corrcoef(exact.ravel(), found.ravel())[0, 1] > 0.995
    assert np.corrcoef(exact.ravel(), found[:, ::-1].ravel())[0, 1] < 0.95


def test_water_has_its_attenuation_and_air_none() -> None:
    assert attenuation(np.array([-1000.0, -2000, 0, 1000])).tolist() == pytest.approx([0, 0, MU_WATER, 2 * MU_WATER])
    assert attenuation(np.array([149.0, 150.0]), bone_only=True).tolist() == pytest.approx([0, 1.15 * MU_WATER])


def test_derivatives_are_those_of_finite_differences() -> None:
    values, grid = ct_of(torso_part(1), 5.0)
    smooth = gaussian_filter(attenuation(values), 2.0)  # interpolation has kinks, which differences see at sharp edges
    volume = Volume.from_attenuation(smooth, grid)
    view = CArm(1000.0, 700.0, 20, 10, (6.0, 6.0), 30, 30).view()
    columns, rows = np.meshgrid(np.arange(8, 22), np.arange(8, 22))
    rays = Rays.through(view, np.stack([columns.ravel(), rows.ravel()], 1))
    center = POSE[:3, :3] @ volume.center + POSE[:3, 3]
    pose = torch.tensor(POSE[None], dtype=torch.float32)
    _integral, jacobian = render_with_jacobian(volume, rays, pose, torch.tensor(center[None], dtype=torch.float32))
    for number, step in enumerate([0.03] * 3 + [3.0] * 3):
        change = np.zeros(6)
        change[number] = step
        ends = [
            render(volume, rays, torch.tensor((motion(s * change[:3], s * change[3:], center) @ POSE)[None]).float())[0]
            for s in (1, -1)
        ]
        slope = ((ends[0] - ends[1]) / (2 * step)).numpy()
        assert np.corrcoef(slope, jacobian[0, :, number].numpy())[0, 1] > 0.98
        assert np.abs(slope).mean() == pytest.approx(np.abs(jacobian[0, :, number].numpy()).mean(), rel=0.1)


def test_poses_carry_gradients() -> None:
    values, grid = ct_of(torso_part(1), 8.0)
    volume = Volume.from_attenuation(attenuation(values), grid)
    rays = Rays.through(CArm(1000.0, 700.0, 0, 0, (9.0, 9.0), 20, 20).view(), np.array([[7.0, 9], [12, 8]]))
    pose = torch.tensor(POSE[None], dtype=torch.float32, requires_grad=True)
    render(volume, rays, pose).sum().backward()
    assert pose.grad is not None and float(pose.grad.abs().sum()) > 0


def test_averaging_keeps_the_mass_and_the_place() -> None:
    values, grid = ct_of(torso_part(1), 5.0)
    fine = Volume.from_attenuation(attenuation(values), grid)
    coarse = fine.coarser(10.0)
    assert coarse.grid.spacing == pytest.approx([10, 10, 10])
    mass = [float(v.channels[0, 0].sum()) * v.grid.voxel_volume for v in (fine, coarse)]
    assert mass[0] == pytest.approx(mass[1], rel=1e-5)
    assert fine.coarser(5.1) is fine and averaged(fine.channels[0, 0], grid, 5.1)[1] is grid


def test_a_sphere_as_a_surface_has_the_chord_of_a_sphere() -> None:
    source = vtk.vtkSphereSource()
    source.SetRadius(20.0)
    source.SetCenter(5.0, -3.0, 8.0)
    source.SetThetaResolution(80)
    source.SetPhiResolution(80)
    source.Update()
    data = source.GetOutput()
    triangles = vtk_to_numpy(data.GetPolys().GetData()).reshape(-1, 4)[:, 1:]
    mu, grid = attenuationOfSurface(vtk_to_numpy(data.GetPoints().GetData()), triangles)
    volume = Volume.from_attenuation(mu, grid)
    view = CArm(1000.0, 700.0, 40, 10, (1.0, 1.0), 101, 101, table_mm=(-5.0, 3.0, -8.0)).view()
    found = drr(volume, view, np.eye(4))
    assert found[50, 50] == pytest.approx(40 * MU, rel=0.02)
    assert (np.unravel_index(found.argmax(), found.shape) - np.array([50, 50])).max() < 8
    assert float((mu.sum()) * grid.voxel_volume / MU) == pytest.approx(4 / 3 * np.pi * 20**3, rel=0.02)
    with pytest.raises(BadInput, match="closed surface"):
        attenuationOfSurface(np.zeros((3, 3)), np.zeros((1, 3), int))
