"""Conduction velocity of waves whose speed is known."""

from __future__ import annotations

import numpy as np
import pytest

from EPMappingLib.phantom.atrium import atrium
from EPMappingLib.phantom.shells import cylinder, plane, sphere, sphere_distance
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.refinement import refined
from EPMappingLib.velocity.conduction import FASTEST, FLAT, MEETING, UNMEASURED, conduction

SPEEDS = (0.3, 0.6, 1.0, 1.5)


def _all(surface: Surface) -> np.ndarray:
    return np.ones(len(surface.faces), bool)


@pytest.mark.parametrize("speed", SPEEDS)
def test_waves_of_known_speed(speed: float) -> None:
    """A wave around a sphere, a plane wave, and a screw-shaped one on a cylinder: within 1 %."""
    ball, sheet, tube = sphere(4), plane(), cylinder()
    angle = np.arctan2(tube.vertices[:, 1], tube.vertices[:, 0])
    inside = np.abs(angle[tube.faces]).max(1) < 2.5  # the angle jumps on the other side
    cases = (
        (ball, sphere_distance(ball, 0), _all(ball)),
        (sheet, sheet.vertices @ [0.6, 0.8, 0.0], _all(sheet)),
        (tube, 0.6 * 20.0 * angle + 0.8 * tube.vertices[:, 2], inside),
    )
    for surface, distance, measured in cases:
        assert conduction(surface, distance / speed, measured).quartiles[1] == pytest.approx(speed, rel=0.01)


def test_velocity_does_not_depend_on_place_offset_winding_or_refinement() -> None:
    """The same field moved, later, turned inside out, and on smaller triangles."""
    surface = plane(41)
    lat = 20.0 + np.hypot(surface.vertices[:, 0] + 40.0, surface.vertices[:, 1]) / 0.7
    expected = conduction(surface, lat, _all(surface))
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    moved = Surface(surface.vertices @ turn.T + [30.0, -80.0, 12.0], surface.faces)
    np.testing.assert_allclose(conduction(moved, lat + 500.0, _all(moved)).speeds, expected.speeds, rtol=1e-6)
    inside_out = Surface(surface.vertices, surface.faces[:, ::-1])
    np.testing.assert_allclose(conduction(inside_out, lat, _all(surface)).vectors, expected.vectors, rtol=1e-6)
    fine = refined(surface)
    lat_fine = 20.0 + np.hypot(fine.vertices[:, 0] + 40.0, fine.vertices[:, 1]) / 0.7
    assert conduction(fine, lat_fine, _all(fine)).quartiles[1] == pytest.approx(expected.quartiles[1], rel=0.005)


def test_direction_is_that_of_the_wave() -> None:
    """Vectors point from early to late, with the length of the speed."""
    surface = plane(11)
    found = conduction(surface, surface.vertices[:, 0] / 0.5, _all(surface))
    np.testing.assert_allclose(found.vectors, np.tile([0.5, 0.0, 0.0], (len(surface.faces), 1)), atol=1e-9)


@pytest.mark.parametrize(("speed", "flat"), [(0.999 * FASTEST, False), (1.001 * FASTEST, True)])
def test_flat_activation_has_no_velocity(speed: float, flat: bool) -> None:
    """On both sides of the limit."""
    surface = plane(11)
    found = conduction(surface, surface.vertices[:, 0] / speed, _all(surface))
    assert (found.reasons == FLAT).all() == flat


def test_where_waves_meet_and_what_is_unknown_is_left_out() -> None:
    """Two plane waves that meet head-on in the middle; missing values never become numbers."""
    surface = plane(40)
    lat = -np.abs(surface.vertices[:, 0]) / 0.5
    lat[0] = np.nan
    found = conduction(surface, lat, _all(surface))
    middle = np.abs(surface.corners[:, :, 0].mean(1)) < 0.1
    assert np.isin(found.reasons[middle], (FLAT, MEETING)).all()
    unknown = (surface.faces == 0).any(1)
    assert (found.reasons[unknown] == UNMEASURED).all() and not found.kept[unknown].any()
    np.testing.assert_allclose(found.speeds[found.kept], 0.5, rtol=1e-6)


def test_velocity_of_a_drawn_atrium_is_the_models_own() -> None:
    """Anisotropic conduction 2 : 1 with a scar: per triangle, the median error is at most 5 %."""
    drawn = atrium()
    lat = drawn.activation()
    found = conduction(drawn.surface, lat, _all(drawn.surface))
    error = np.abs(found.speeds / drawn.speeds(lat) - 1)[found.kept]
    assert np.median(error) <= 0.05
    assert found.excluded_share < 0.05


def test_clinical_shell_has_the_quartiles_of_its_readme(sharedData) -> None:  # type: ignore[no-untyped-def]
    """Area and quartiles of the public left atrium, as written beside it, within 3 %."""
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy

    path = sharedData / "electrophysiology" / "ep-left-atrium" / "LA_EAM.vtp"
    if not path.is_file():
        pytest.skip("no ep-left-atrium here")
    reader = vtk.vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    data = reader.GetOutput()
    points = np.asarray(vtk_to_numpy(data.GetPoints().GetData()), float)
    faces = np.asarray(vtk_to_numpy(data.GetPolys().GetConnectivityArray()), int).reshape(-1, 3)
    surface = Surface(points, faces)
    lat = np.asarray(vtk_to_numpy(data.GetPointData().GetArray("lat")), float)
    assert surface.areas.sum() / 100 == pytest.approx(218.6, abs=0.1)
    assert conduction(surface, lat, _all(surface)).quartiles == pytest.approx((0.52, 0.85, 1.46), rel=0.03)
