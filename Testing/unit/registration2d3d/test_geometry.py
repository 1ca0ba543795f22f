"""Geometry: every form says the same, to 1e-6 pixels or mm; bad ones get a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from Registration2D3DLib.geometry.accuracy import mean_error_mm, parts_of_error, projected_error_mm, targets
from Registration2D3DLib.geometry.c_arm import CArm, c_arm_of
from Registration2D3DLib.geometry.files import autoscoper, from_lps, read_geometry, read_pose
from Registration2D3DLib.geometry.pose import motion, parameters_of, rigid
from Registration2D3DLib.geometry.rotations import about, angle_of, matrix_of, vector_of
from Registration2D3DLib.geometry.view import View

ARM = CArm(1000.0, 700.0, 25.0, -12.0, (0.8, 0.6), 300, 256, (150.0, 120.0), (5.0, -7.0, 11.0))
POINTS = np.array([[0.0, 0, 0], [30, -20, 10], [-40, 15, 60], [12, 55, -33]])


def test_a_straight_c_arm_projects_as_worked_by_hand() -> None:
    view = CArm(1000.0, 700.0, 0.0, 0.0, (1.0, 1.0), 101, 101).view()
    # Source 700 mm behind the patient, detector before it: magnification 1000/700; the patient's left is to the right.
    assert np.allclose(view.source, [0, -700, 0], atol=1e-9)
    assert np.allclose(view.project(np.array([-7.0, 0, 0])), [60, 50], atol=1e-9)
    assert np.allclose(view.project(np.array([0.0, 0, 7.0])), [50, 40], atol=1e-9)
    # Nearer to the detector by 300 mm the magnification is 1.
    assert np.allclose(view.project(np.array([-7.0, 300, 0])), [57, 50], atol=1e-9)


def test_lao_and_cranial_angles_move_the_detector_to_left_and_head() -> None:
    lao = CArm(1000.0, 700.0, 90.0, 0.0, (1.0, 1.0), 11, 11).view()
    assert np.allclose(lao.source, [700, 0, 0], atol=1e-6)  # detector at the patient's left, -x in RAS
    cranial = CArm(1000.0, 700.0, 0.0, 30.0, (1.0, 1.0), 11, 11).view()
    assert cranial.source[2] == pytest.approx(-350)


def test_every_form_gives_the_same_pixels() -> None:
    view = ARM.view()
    expected = view.project(POINTS)
    intrinsics, camera = view.camera()
    again = [
        View.from_dict(json.loads(json.dumps(view.to_dict()))),
        View.from_camera(intrinsics, camera, (300, 256)),
        from_lps(view.projection_lps, (300, 256)),
        c_arm_of(view, 700.0, (0.8, 0.6)).view(),
        View(-3 * view.projection, 300, 256),
    ]
    for other in again:
        assert np.abs(other.project(POINTS) - expected).max() < 1e-6
        assert np.abs(other.source - view.source).max() < 1e-6
    found = c_arm_of(view, 700.0, (0.8, 0.6))
    assert (found.primary_deg, found.secondary_deg) == pytest.approx((25, -12), abs=1e-6)
    assert found.sdd_mm == pytest.approx(1000, abs=1e-6) and found.table_mm == pytest.approx(ARM.table_mm, abs=1e-6)


def test_distances_and_a_pose_are_read_as_they_are_documented() -> None:
    record = {
        "sdd_mm": 1000, "sod_mm": 700, "pixel_mm": [0.8, 0.6], "principal_px": [150, 120], "width": 300, "height": 256,
        "pose_ras": ARM.pose().tolist(),
    }  # fmt: skip
    assert np.abs(View.from_dict(record).project(POINTS) - ARM.view().project(POINTS)).max() < 1e-6


def test_an_autoscoper_calibration_projects_as_it_says() -> None:
    turn = matrix_of(np.array([0.2, -0.4, 0.1]))
    rows = "\n".join(",".join(f"{value:.12f}" for value in row) for row in turn)
    text = f"image size\n1760,1750\n\ncamera matrix\n6000,0,800\n0,6100,850\n0,0,1\n\nrotation\n{rows}\n\n"
    view = autoscoper(text + "translation\n-16\n-77\n900\n")
    x, y, z = turn @ POINTS[1] + [-16, -77, 900]
    assert np.allclose(view.project(POINTS[1]), [6000 * x / z + 800, 6100 * y / z + 850], atol=1e-6)
    with pytest.raises(BadInput, match="translation of 3"):
        autoscoper(text)


def test_rays_go_through_their_pixels_and_the_plane_stands_on_the_detector() -> None:
    view = ARM.view()
    pixels = np.array([[0.0, 0], [299, 255], [10, 200]])
    assert np.allclose(view.project(view.source + 640 * view.directions(pixels)), pixels, atol=1e-6)
    plane = view.plane(np.zeros(3))
    corner = plane @ [299, 255, 0, 1]
    assert np.allclose(view.project(corner[:3]), [299, 255], atol=1e-6)
    assert view.depth_mm(corner[:3]) == pytest.approx(1000)
    small = view.resized(150, 128)
    assert np.allclose(small.project(POINTS), (view.project(POINTS) + 0.5) / 2 - 0.5, atol=1e-6)


def test_rotations_and_motions_come_back() -> None:
    for vector in ([0, 0, 0], [1e-9, 0, 0], [0.3, -0.2, 0.9], [0, np.pi, 0], [2.0, 1.0, -1.5]):
        assert np.allclose(matrix_of(vector_of(matrix_of(np.array(vector)))), matrix_of(np.array(vector)), atol=1e-9)
    assert np.allclose(about(2, 90) @ [1, 0, 0], [0, 1, 0]) and angle_of(about(0, 30)) == pytest.approx(np.pi / 6)
    turn, shift, center = np.array([0.1, -0.3, 0.2]), np.array([4.0, 5, -6]), np.array([10.0, 20, 30])
    back = parameters_of(motion(turn, shift, center), center)
    assert np.allclose(back[0], turn) and np.allclose(back[1], shift)


def test_errors_across_the_beam_leave_out_the_depth() -> None:
    points = targets(np.zeros(3), np.array([100.0, 200, 80]))
    assert np.abs(points).max(0).tolist() == [50, 60, 40]
    source = np.array([0.0, -700, 0])
    for shift, across in (([1.0, 0, 0], 1.0), ([0, 1.0, 0], 0.0), ([0, 0, -1.0], 1.0)):
        pose = motion(np.zeros(3), np.array(shift), np.zeros(3))
        assert projected_error_mm(pose, np.eye(4), points, source) == pytest.approx(across)
        assert mean_error_mm(pose, np.eye(4), points) == pytest.approx(1.0)


def test_an_error_is_told_apart_across_and_along_the_beam_and_as_a_turn() -> None:
    center, source = np.array([10.0, 0, 0]), np.array([10.0, -700, 0])
    found = motion(np.radians([0, 0, 3.0]), np.array([3.0, 5, 4]), center)
    assert parts_of_error(found, np.eye(4), center, source) == pytest.approx((5, 5, 3))
    nearer = motion(np.zeros(3), np.array([0.0, -2, 0]), center)
    assert parts_of_error(nearer, np.eye(4), center, source) == pytest.approx((0, -2, 0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 0}, "empty"),
        ({"projection_ras": [[0, 0, 0, 1]] * 3}, "no source"),
        ({"projection_ras": "x"}, "no number"),
        ({"sdd_mm": -1}, "above 0"),
    ],
)
def test_a_bad_geometry_gets_a_sentence(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        View.from_dict(ARM.view().to_dict() | change)


def test_a_bad_start_or_file_gets_a_sentence(tmp_path: Path) -> None:
    for matrix, words in (
        (np.diag([-1.0, 1, 1, 1]), "mirrors"),
        (np.diag([2.0, 1, 1, 1]), "scales"),
        (np.eye(3), "4x4"),
    ):
        with pytest.raises(BadInput, match=words):
            rigid(matrix)
    path = tmp_path / "a.json"
    with pytest.raises(BadInput, match="There is no"):
        read_geometry(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match="no JSON"):
        read_pose(path)
    path.write_text("hello", encoding="utf-8")
    with pytest.raises(BadInput, match="no geometry"):
        read_geometry(path)
