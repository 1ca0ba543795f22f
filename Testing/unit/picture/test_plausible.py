"""A pixel size is judged by the anatomy that it would make."""

from __future__ import annotations

import numpy as np
import pytest

from CephSketcherLib.tracing.sizes import SIZES as FACE
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.plausible import SizeRange, doubt, refuse_impossible
from DeepMedLib.picture.scale import Scale
from DeepMedLib.picture.square import SquareFrame
from DeepMedLib.remark import Gravity
from FetalBiometryLib.growth.standards import standard, standard_names
from FetalBiometryLib.planes.sizes import SIZES as FETUS

SCALE = Scale(0.1, 0.1, "test")
RANGES = {"bone": SizeRange((10, 100), (20, 50))}


@pytest.mark.parametrize(("size", "possible"), [(9.9, False), (10, True), (100, True), (100.1, False)])
def test_what_does_not_exist_is_refused(size: float, possible: bool) -> None:
    if possible:
        refuse_impossible({"bone": size}, RANGES, SCALE)
    else:
        with pytest.raises(BadInput, match=r"does not exist: the pixel size, 0\.1000 mm per pixel"):
            refuse_impossible({"bone": size}, RANGES, SCALE)
    refuse_impossible({"other": size}, RANGES, SCALE)


@pytest.mark.parametrize(("size", "usual"), [(19.9, False), (20, True), (50, True), (50.1, False)])
def test_what_is_unusual_is_doubted(size: float, usual: bool) -> None:
    remark = doubt({"bone": size}, RANGES, SCALE)
    assert (remark is None) is usual
    if remark is not None:
        assert remark.gravity is Gravity.GRAVE and "doubtful" in remark.text and "20 to 50 mm" in remark.text


@pytest.mark.parametrize(("z", "usual"), [(6.0, True), (6.1, False), (-6.0, True), (-6.1, False)])
def test_age_speaks_too(z: float, usual: bool) -> None:
    remark = doubt({"bone": 30}, RANGES, SCALE, {"bone": z, "other": 0.5})
    assert (remark is None) is usual
    assert remark is None or ("above" if z > 0 else "below") in remark.text


@pytest.mark.parametrize(
    ("mm", "confirmed", "doubtful"), [(0.2646, False, True), (0.2646, True, False), (0.27, False, False)]
)
def test_pixels_of_a_screen_are_doubted_until_confirmed(mm: float, confirmed: bool, doubtful: bool) -> None:
    remark = doubt({"bone": 30}, RANGES, Scale(mm, mm, "test", confirmed))
    assert (remark is not None and "96-dpi screen" in remark.text) is doubtful


@pytest.mark.parametrize("name", standard_names())
def test_every_chart_lies_within_what_is_usual(name: str) -> None:
    chart = standard(name)
    for measure in set(chart.ranges) & set(FETUS):
        low, high = chart.ranges[measure]
        for weeks in np.linspace(low, high, 9):
            least, most = FETUS[measure].usual
            small, large = (chart.value_at(measure, float(weeks), centile) for centile in (1.0, 99.0))
            assert least < small and large < most, (measure, weeks)


def test_ranges_are_in_order_and_published_faces_are_usual() -> None:
    for ranges in (FACE, FETUS):
        for item in ranges.values():
            assert item.possible[0] < item.usual[0] < item.usual[1] < item.possible[1]
    low, high = FACE["S-N"].usual
    assert low < 83.3 - 3 * 3.8 and 83.3 + 3 * 3.8 < high  # Riolo 1974, boys of 16 years, on the film


@pytest.mark.parametrize("aspect", [0.5, 0.8, 1.2, 2.0])
def test_square_pixels_there_and_back(aspect: float) -> None:
    frame = SquareFrame(40, 60, aspect)
    y, x = np.mgrid[:40, :60]
    made = frame.pixels((2.0 * x + 3.0 * y).astype(np.float32))
    assert made.shape == ((round(40 * aspect), 60) if aspect > 1 else (40, round(60 / aspect)))
    points = np.array([[10.0, 5.0], [30.0, 20.0]])
    there = frame.to_square(points)
    np.testing.assert_allclose(frame.to_given(there), points)
    for (px, py), (sx, sy) in zip(points, there, strict=True):
        assert made[round(sy), round(sx)] == pytest.approx(2 * px + 3 * py, abs=3.1)
    distance = np.diff(there, axis=0)[0] / np.diff(points, axis=0)[0]
    assert distance[1] / distance[0] == pytest.approx(aspect)
    labels = frame.labels_to_given((made > 100).astype(np.uint8))
    assert labels.shape == (40, 60) and set(np.unique(labels)) == {0, 1}


def test_square_pixels_are_left_alone() -> None:
    frame = SquareFrame(4, 6, 1.0015)
    array = np.arange(24).reshape(4, 6)
    assert frame.pixels(array) is array and frame.labels_to_given(array) is array
