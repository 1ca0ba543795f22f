"""Resampling into the canvas and back must not shift anything: a shift of half a pixel is 0.1 mm of BPD."""

import numpy as np
import pytest
import torch

from FetalBiometryLib.canvas import canvas_to_picture, picture_to_canvas
from FetalBiometryLib.ellipse import Ellipse, ellipse_from_map
from FetalBiometryLib.framing import Frame


@pytest.mark.parametrize(("height", "width"), [(540, 800), (200, 300), (661, 959), (800, 540), (513, 1024)])
def test_a_shape_keeps_its_place(height, width):
    truth = Ellipse.make(0.52 * width, 0.47 * height, 0.3 * min(height, width), 0.22 * min(height, width), 25)
    frame = Frame.letterbox(height, width, 256, 384)
    canvas = picture_to_canvas(255 * truth.mask(height, width, subsamples=3), frame)
    assert canvas.shape == (1, 1, 256, 384)
    seen = ellipse_from_map(canvas[0, 0].numpy())
    expected = frame.to_canvas(np.array([[truth.cx, truth.cy]]))[0]
    assert (seen.cx, seen.cy) == pytest.approx(tuple(expected), abs=0.03)
    assert seen.a == pytest.approx(truth.a * frame.scale, rel=3e-3)
    back = ellipse_from_map(canvas_to_picture(canvas, frame)[0, 0].numpy())
    assert (back.cx, back.cy) == pytest.approx((truth.cx, truth.cy), abs=0.1)
    assert back.a == pytest.approx(truth.a, rel=4e-3)


def test_values_stay_in_range():
    frame = Frame.letterbox(100, 100, 256, 384)
    canvas = picture_to_canvas(np.full((100, 100), 255, np.uint8), frame)
    assert float(canvas.max()) == pytest.approx(1.0)
    assert float(canvas.min()) == 0.0
    assert torch.isfinite(canvas).all()
