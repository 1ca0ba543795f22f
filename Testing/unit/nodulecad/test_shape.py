"""Sizes of spheres whose edge lies at the half level, at the slice distances that the issue names."""

from __future__ import annotations

import numpy as np
import pytest

from NoduleCADLib.measure.shape import measure, own_part

PIXEL = 0.6


def ball(diameter: float, slice_mm: float, off: tuple[float, float, float], slices: int = 33) -> np.ndarray:
    """(slices, 64, 64) of 1 inside falling to 0 over half a millimeter, 0.5 at the sphere's surface."""
    z = (np.arange(slices) - slices // 2 - off[0]) * slice_mm
    y, x = ((np.arange(64) - 31.5 - shift) * PIXEL for shift in off[1:])
    inside = diameter / 2 - np.sqrt(z[:, None, None] ** 2 + y[None, :, None] ** 2 + x[None, None] ** 2)
    return np.asarray(1 / (1 + np.exp(-inside / 0.25)))


@pytest.mark.parametrize("slice_mm", [0.6, 1.0, 1.25])
@pytest.mark.parametrize("diameter", [6.0, 8.0, 12.0, 20.0])
def test_spheres(diameter: float, slice_mm: float) -> None:
    for off in ((0.0, 0.0, 0.0), (0.5, 0.3, -0.4), (0.25, -0.5, 0.1)):
        picture = ball(diameter, slice_mm, off)
        shape = measure(picture, own_part(picture), PIXEL, slice_mm)
        true = np.pi / 6 * diameter**3
        assert abs(shape.mean_mm - diameter) <= 0.5
        assert abs(shape.volume_mm3 - true) <= 0.1 * true
        assert abs(shape.volume_mm3 - true) <= 1.96 * shape.volume_sd_mm3
        assert shape.equivalent_mm == pytest.approx(diameter, abs=0.3)


def test_thick_slices_widen_the_interval() -> None:
    shapes = [measure(p, own_part(p), PIXEL, mm) for mm in (1.0, 2.5, 5.0) for p in [ball(8.0, mm, (0.0, 0.0, 0.0))]]
    shares = [shape.volume_sd_mm3 / shape.volume_mm3 for shape in shapes]
    assert shares[0] < shares[1] < shares[2]


def test_an_ellipse_has_a_long_and_a_short_axis() -> None:
    y, x = ((np.arange(64) - 31.5) * PIXEL,) * 2
    radius = np.sqrt((y[:, None] / 8.0) ** 2 + (x[None] / 4.0) ** 2)
    picture = 1 / (1 + np.exp((radius - 1) * 12))[None]
    shape = measure(picture, own_part(picture), PIXEL, 1.0)
    assert shape.long_mm == pytest.approx(16.0, abs=0.4)
    assert shape.short_mm == pytest.approx(8.0, abs=0.4)


def test_the_part_at_the_mark_is_taken() -> None:
    picture = np.maximum(ball(8.0, 1.0, (0, 0, 0)), ball(16.0, 1.0, (0, 0, 24)))
    own = own_part(picture)
    assert own[16, 31, 31] and not own[16, 31, 56]
    assert not own_part(np.zeros((3, 64, 64))).any()
    with pytest.raises(ValueError, match="nothing to measure"):
        measure(picture, np.zeros_like(own), PIXEL, 1.0)
