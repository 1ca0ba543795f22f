"""Resampling into the canvas and back must not shift anything: a shift of half a pixel is 0.1 mm of BPD."""

import numpy as np
import pytest
import torch

from FetalBiometryLib.inference.canvas import canvas_to_picture, picture_to_canvas
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.framing import Frame


def centre_and_area(weights):
    x, y = np.arange(weights.shape[1]), np.arange(weights.shape[0])
    total = weights.sum()
    return (weights.sum(0) @ x / total, weights.sum(1) @ y / total), total


@pytest.mark.parametrize(("height", "width"), [(540, 800), (200, 300), (661, 959), (800, 540), (513, 1024)])
def test_a_shape_keeps_its_place(height, width):
    truth = Ellipse.make(0.52 * width, 0.47 * height, 0.3 * min(height, width), 0.22 * min(height, width), 25)
    frame = Frame.letterbox(height, width, 256, 384)
    canvas = picture_to_canvas(255 * truth.mask(height, width, subsamples=3), frame)
    assert canvas.shape == (1, 1, 256, 384)
    centre, area = centre_and_area(canvas[0, 0].numpy().astype(float))
    assert centre == pytest.approx(tuple(frame.to_canvas(np.array([[truth.cx, truth.cy]]))[0]), abs=0.03)
    assert area == pytest.approx(truth.area * frame.scale**2, rel=6e-3)
    centre, area = centre_and_area(canvas_to_picture(canvas, frame)[0, 0].numpy().astype(float))
    assert centre == pytest.approx((truth.cx, truth.cy), abs=0.1)
    assert area == pytest.approx(truth.area, rel=8e-3)


def test_values_stay_in_range():
    frame = Frame.letterbox(100, 100, 256, 384)
    canvas = picture_to_canvas(np.full((100, 100), 255, np.uint8), frame)
    assert float(canvas.max()) == pytest.approx(1.0)
    assert float(canvas.min()) == 0.0
    assert torch.isfinite(canvas).all()
