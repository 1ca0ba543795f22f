"""What the networks are shown of a screen: the sector without menus, and its near field."""

import numpy as np
import pytest

from FetalBiometryLib.planes.evidence.sector import WHOLE, near_boxes, only, sector_box
from FetalBiometryLib.planes.framing import Frame


def screen(left: int, top: int, right: int, bottom: int, height: int = 400, width: int = 600) -> np.ndarray:
    """A bright box, a ruler at the right edge and a word in a corner."""
    picture = np.zeros((height, width), np.uint8)
    picture[top:bottom, left:right] = 120
    picture[::40, width - 8 :] = 255
    picture[5:12, 5:40] = 200
    return picture


def test_menus_and_rulers_are_left_out():
    box = sector_box(screen(120, 60, 420, 360))
    assert np.abs(np.array(box) - [120, 60, 420, 360]).max() <= 8  # smoothing widens it a little
    shown = only(screen(120, 60, 420, 360), box)
    assert shown[:40].sum() == 0 and shown[:, 500:].sum() == 0 and shown[200, 200] == 120


@pytest.mark.parametrize(("share", "whole"), [(WHOLE + 0.03, True), (WHOLE - 0.05, False)])
def test_a_sector_that_fills_the_picture_is_the_picture(share, whole):
    picture = screen(0, 0, int(600 * share), 400)
    assert (sector_box(picture) == (0, 0, 600, 400)) is whole


def test_nothing_insonated_is_the_whole_picture():
    assert sector_box(np.zeros((50, 70), np.uint8)) == (0, 0, 70, 50)


def test_the_near_field_lies_at_the_probe():
    assert np.array(near_boxes((100, 20, 600, 420))) == pytest.approx(
        np.array([[150, 20, 550, 260], [185, 20, 515, 220]]), abs=1
    )


def test_a_frame_of_a_box_shows_that_box():
    frame = Frame.of_box(400, 600, (100, 50, 400, 250), 128, 192)
    corners = frame.to_canvas(np.array([[99.5, 49.5], [399.5, 249.5]]))
    assert corners == pytest.approx(np.array([[-0.5, -0.5], [191.5, 127.5]]))
    assert frame.to_picture(corners) == pytest.approx(np.array([[99.5, 49.5], [399.5, 249.5]]))
    assert (frame.height, frame.width) == (400, 600)
