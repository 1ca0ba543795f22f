"""Where the millimetres come from, and when they are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.files import list_pictures
from DeepMedLib.picture.picture import Origin, Picture
from DeepMedLib.picture.region_scale import scale_for
from DeepMedLib.picture.regions import UltrasoundRegion
from DeepMedLib.picture.scale import Scale, check_same_scale, length_mm
from FetalBiometryLib.picture.ultrasound import picture_from_array, read_picture, scale_from_clicks, typed_scale

LEFT = UltrasoundRegion(10, 10, 190, 250, 1, 1, 3, 3, 0.02, 0.02)
RIGHT = UltrasoundRegion(200, 10, 390, 250, 1, 1, 3, 3, 0.02, 0.02)
ZOOMED = UltrasoundRegion(200, 10, 390, 250, 1, 1, 3, 3, 0.01, 0.01)
M_MODE = UltrasoundRegion(200, 10, 390, 250, 2, 1, 4, 3, 0.006, 0.012)
ECG = UltrasoundRegion(20, 200, 180, 245, 4, 10, 4, 0, 0.01, 0.0)
IN_LEFT = np.array([[50.0, 60.0], [120.0, 100.0]])
IN_RIGHT = np.array([[220.0, 60.0], [290.0, 100.0]])
BEYOND = np.array([[300.0, 60.0], [370.0, 100.0]])


def scale_with(still: np.ndarray, *regions: UltrasoundRegion, points: np.ndarray | None = IN_LEFT) -> Scale | None:
    return scale_for(Picture(still, Origin("still", regions=regions)), points)


def test_unknown_is_none_and_never_one(still: np.ndarray) -> None:
    assert scale_with(still) is None
    assert scale_for(picture_from_array(still, spacing_mm=(1.0, 1.0))) is None
    assert scale_for(picture_from_array(still)) is None


def test_region_under_the_points(still: np.ndarray) -> None:
    scale = scale_with(still, ZOOMED, LEFT)
    assert scale is not None and scale.mm_per_px_x == pytest.approx(0.2) and scale.confirmed
    assert scale_with(still, LEFT, ZOOMED, points=IN_RIGHT) == scale_with(still, ZOOMED, points=IN_RIGHT)


def test_regions_of_one_size_may_be_crossed_with_a_note(still: np.ndarray) -> None:
    across = np.array([[100.0, 60.0], [300.0, 60.0]])
    scale = scale_with(still, LEFT, RIGHT, points=across)
    assert scale is not None and "two regions" in scale.note
    whole = scale_with(still, LEFT, RIGHT, points=None)
    assert whole is not None and "2 of equal" in whole.source


@pytest.mark.parametrize("points", [None, np.array([[100.0, 60.0], [300.0, 60.0]])])
def test_differing_deltas_are_refused(still: np.ndarray, points: np.ndarray | None) -> None:
    with pytest.raises(BadInput, match="different pixel size"):
        scale_with(still, LEFT, ZOOMED, points=points)


def test_what_is_no_picture_is_refused(still: np.ndarray) -> None:
    with pytest.raises(BadInput, match="not a 2D picture"):
        scale_with(still, LEFT, M_MODE, points=IN_RIGHT)
    with pytest.raises(BadInput, match="not a 2D picture"):
        scale_with(still, LEFT, M_MODE, points=np.array([[100.0, 60.0], [300.0, 60.0]]))
    with pytest.raises(BadInput, match="outside"):
        scale_with(still, LEFT, points=BEYOND)


def test_a_strip_inside_the_picture_does_no_harm(still: np.ndarray) -> None:
    scale = scale_with(still, LEFT, ECG, points=np.array([[50.0, 60.0], [120.0, 220.0]]))
    assert scale is not None and scale.note == ""


def test_points_that_reach_out_are_noted(still: np.ndarray) -> None:
    scale = scale_with(still, LEFT, points=np.array([[5.0, 60.0], [60.0, 60.0], [120.0, 90.0]]))
    assert scale is not None and "outside" in scale.note


def test_a_negative_delta_is_a_direction(still: np.ndarray) -> None:
    for x, y in ((-0.02, 0.02), (0.02, -0.02), (-0.02, -0.02)):
        region = UltrasoundRegion(10, 10, 190, 250, 1, 1, 3, 3, x, y)
        scale = scale_with(still, region)
        assert scale is not None and (scale.mm_per_px_x, scale.mm_per_px_y) == pytest.approx((0.2, 0.2))


@pytest.mark.parametrize("delta", [0.0, float("nan"), float("inf")])
def test_bad_deltas(still: np.ndarray, delta: float) -> None:
    bad = UltrasoundRegion(10, 10, 190, 250, 1, 1, 3, 3, delta, 0.02)
    for points in (None, IN_LEFT):
        with pytest.raises(BadInput, match="zero or missing"):
            scale_with(still, bad, points=points)
    with pytest.raises(ValueError, match="no pixel size"):
        _ = bad.mm_per_px


def test_units_other_than_centimetres(still: np.ndarray) -> None:
    seconds = UltrasoundRegion(10, 10, 190, 250, 1, 1, 4, 3, 0.02, 0.02)
    with pytest.raises(BadInput, match="centimetres"):
        scale_with(still, seconds)


def test_points_that_are_no_points(still: np.ndarray) -> None:
    for points in (np.empty((0, 2)), np.array([[np.nan, 1.0]])):
        with pytest.raises(BadInput, match="no valid points"):
            scale_with(still, LEFT, points=points)


def test_dicom_regions_and_spacings(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    region = (0, 0, 399, 269, 1, 1, 3, 3, 0.02, 0.03)
    scale = scale_for(read_picture(make_dicom(still, regions=(region,), PixelSpacing=[0.9, 0.8])), IN_LEFT)
    assert scale is not None
    assert (scale.mm_per_px_x, scale.mm_per_px_y) == pytest.approx((0.2, 0.3))  # the region wins
    spaced = scale_for(read_picture(make_dicom(still, "s.dcm", PixelSpacing=[0.3, 0.2])))
    assert spaced is not None and spaced.confirmed and spaced.source == "DICOM PixelSpacing"
    assert (spaced.mm_per_px_x, spaced.mm_per_px_y) == (0.2, 0.3)  # DICOM says row first
    imager = scale_for(read_picture(make_dicom(still, "i.dcm", ImagerPixelSpacing=[0.2, 0.2])))
    assert imager is not None and not imager.confirmed and "detector" in imager.note
    default = read_picture(make_dicom(still, "d.dcm", PixelSpacing=[1.0, 1.0]))
    assert scale_for(default) is None and any("ignored" in note for note in default.notes)
    assert scale_for(read_picture(make_dicom(still, "n.dcm"))) is None


def test_regions_of_a_frame_win_over_those_of_the_file(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    from .conftest import region_item

    base = (0, 0, 399, 269, 1, 1, 3, 3)
    groups = []
    for delta in (0.02, 0.02, 0.01):
        group = Dataset()
        group.SequenceOfUltrasoundRegions = Sequence([region_item((*base, delta, delta))])
        groups.append(group)
    path = make_dicom(np.stack([still] * 3), PerFrameFunctionalGroupsSequence=Sequence(groups))
    scales = [scale_for(read_picture(path, i)) for i in range(3)]
    assert [s.mm_per_px_x for s in scales if s] == pytest.approx([0.2, 0.2, 0.1])
    check_same_scale(scales[:2])
    with pytest.raises(BadInput, match="frame 3"):
        check_same_scale(scales)
    with pytest.raises(BadInput, match="others have none"):
        check_same_scale([scales[0], None])
    check_same_scale([None, None])


def test_volume_geometry_is_only_a_proposal(still: np.ndarray) -> None:
    scale = scale_for(picture_from_array(still, spacing_mm=(0.2, 0.25)))
    assert scale is not None and not scale.confirmed and scale.note
    agreed = scale.after_confirmation()
    assert agreed.confirmed and "confirmed by the user" in agreed.source


def test_typed_and_clicked() -> None:
    assert typed_scale(0.15).confirmed
    for bad in (0.0, -0.1, float("nan"), float("inf"), 40.0, 0.0001):
        with pytest.raises(BadInput, match="not possible"):
            typed_scale(bad)
    clicked = scale_from_clicks((10, 10), (10, 210), 50)
    assert clicked.mm_per_px_y == pytest.approx(0.25) and 0 < clicked.relative_sd < 0.01
    with pytest.raises(BadInput, match="too close"):
        scale_from_clicks((10, 10), (15, 10), 50)
    for length in (0.0, -5.0, float("nan")):
        with pytest.raises(BadInput, match="known length"):
            scale_from_clicks((10, 10), (10, 210), length)
    with pytest.raises(BadInput, match="inside the picture"):
        scale_from_clicks((float("nan"), 10), (10, 210), 5)


@given(st.floats(0.01, 2), st.floats(0.01, 2), st.floats(-500, 500), st.floats(-500, 500), st.floats(0.1, 3))
def test_length_is_a_distance(sx: float, sy: float, dx: float, dy: float, k: float) -> None:
    scale = Scale(sx, sy, "test", True)
    length = length_mm((3, 4), (3 + dx, 4 + dy), scale)
    assert length == pytest.approx(np.hypot(sx * dx, sy * dy))
    assert length == pytest.approx(length_mm((3 + dx, 4 + dy), (3, 4), scale))
    assert length_mm((0, 0), (k * dx, k * dy), scale) == pytest.approx(k * length, abs=1e-9)


@pytest.mark.data
def test_sample_files(sharedData: Path) -> None:
    """Scales read in the headers by hand, mm per pixel; the M-mode strip is refused."""
    known = {
        "JPGLosslessP14SV1_1s_1f_8b": 0.25477,
        "OBXXXX1A": 0.26229,
        "OBXXXX1A_2frame": 0.26229,
        "gdcm-US-ALOKA-16": 0.38265,
        "supersonic_us_monochrome2": 0.33622,
    }
    paths = {p.stem: p for p in list_pictures(sharedData / "fetal" / "ultrasound_dicom")}
    for stem, mm in known.items():
        picture = read_picture(paths[stem], 0)
        scale = scale_for(picture, np.array([[300.0, 300.0], [310.0, 320.0]]))
        assert scale is not None and scale.mean == pytest.approx(mm, abs=1e-5) and scale.confirmed
    with pytest.raises(BadInput, match="not a 2D picture"):
        scale_for(read_picture(paths["supersonic_us_monochrome2"]), np.array([[800.0, 300.0], [900.0, 400.0]]))
