"""An ellipse from two of its diameters: any pair, any tilt, any pixel sides; and the side of the cardiac axis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from DeepMedLib.picture.scale import Scale, factor_of
from FetalBiometryLib.examination.cine import sampled_frames
from FetalBiometryLib.options import LEFT_HAND, RIGHT_HAND, UNKNOWN
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.lines import ellipse_of_diameters, lines_by_hand, lines_of, tilt_of
from FetalBiometryLib.planes.numbers import axis_angle, axis_side
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.planes.shapes import HAND_PLANES, SHAPES

SIZES = st.floats(50, 200, width=32)
ANGLES = st.floats(0, 179, width=32)


def direction(degrees: float) -> np.ndarray:
    t = np.deg2rad(degrees)
    return np.array([[0.0, 0.0], [np.cos(t), np.sin(t)]])


@settings(max_examples=60)
@given(SIZES, st.floats(0.75, 1, width=32), ANGLES, ANGLES)
def test_perpendicular_diameters_give_the_ellipse_back(a, ratio, angle, towards):
    ellipse = Ellipse.make(300, 200, a, a * ratio, angle)
    lines = {"TAD": tuple(map(tuple, direction(towards))), "APAD": tuple(map(tuple, direction(towards + 90)))}
    finding = Finding("abdomen", {"AC": ellipse}, lines, {}, {}, (), False, "")
    for scale in (None, Scale(0.2, 0.3, "typed", True)):
        result = PictureResult(
            "abdomen", "p", 0, 1, 600, 400, finding, lines_of(finding, factor_of(scale)), scale, MeasureOptions()
        )
        sides = result.factor()
        ac = next(m.value for m in result.lengths() if m.name == "AC")
        assert ac == pytest.approx(ellipse.scaled(sides[0], sides[1]).perimeter, rel=1e-6)
        outline = result.outlines(90)["AC"]
        assert np.abs(ellipse.radial_distance(outline)).max() < 1e-4 * a


def test_the_axes_have_no_tilt_and_the_ends_of_the_lines_lie_on_the_ellipse():
    ellipse = Ellipse.make(100, 80, 60, 40, 20)
    long, short = ellipse.axis_ends()
    assert tilt_of(ellipse, long, short) == pytest.approx(0, abs=1e-9)
    found = ellipse_of_diameters(long, short)
    assert (found.a, found.b, found.angle) == pytest.approx((60, 40, 20))
    dragged = np.array([long[0], long[1] + [5.0, 3.0]])
    changed = ellipse_of_diameters(dragged, short)
    shift = 0.5 * (dragged.mean(0) + short.mean(0)) - dragged.mean(0)
    assert np.abs(changed.radial_distance(dragged + shift)).max() < 1e-6


def test_a_line_without_length_is_no_diameter():
    with pytest.raises(ValueError, match="no diameter"):
        ellipse_of_diameters(np.zeros((2, 2)), np.array([[0.0, 0], [1, 0]]))


@pytest.mark.parametrize("plane", HAND_PLANES)
def test_lines_by_hand_lie_inside_the_picture(plane):
    lines = lines_by_hand(plane, 400, 300)
    assert tuple(sorted(lines)) == tuple(sorted(SHAPES[plane].line_names()))
    points = np.vstack(list(lines.values()))
    assert points.min() >= 0 and points[:, 0].max() < 400 and points[:, 1].max() < 300


def test_the_angle_and_its_side():
    up = np.array([[100.0, 200.0], [100.0, 0.0]])  # the spine below, the sternum above
    to_the_right_of_the_picture = np.array([[100.0, 150.0], [150.0, 100.0]])
    assert axis_angle(to_the_right_of_the_picture, up) == pytest.approx(45)
    assert axis_side(to_the_right_of_the_picture, up, UNKNOWN) == ""
    # Seen from the feet, the fetus on its back: its left is on the right of the picture, as in any axial section.
    assert axis_side(to_the_right_of_the_picture, up, RIGHT_HAND) == "left"
    assert axis_side(to_the_right_of_the_picture[::-1], up, RIGHT_HAND) == "left"  # a long axis has no sense
    assert axis_side(to_the_right_of_the_picture, up, LEFT_HAND) == "right"


def test_frames_of_a_loop():
    assert sampled_frames(1) == [0]
    assert sampled_frames(4) == [0, 1, 2, 3]
    assert sampled_frames(100) == [0, 20, 40, 59, 79, 99]
