"""What headers say about the size of pixels, and what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from CephSketcherLib.film.lateral_film import HEAD, LATERAL_FILM
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.files import read_picture
from DeepMedLib.picture.picture import Origin, Picture
from DeepMedLib.picture.region_scale import scale_for
from DeepMedLib.picture.scale import FILM
from FetalBiometryLib.picture.ultrasound import ULTRASOUND

from .picture_maker import dataset, region, save, still


def read(tmp_path: Path, modality: str = "US", **tags: Any) -> Picture:
    kind = LATERAL_FILM if modality == "DX" else ULTRASOUND
    return read_picture(save(dataset(still(), modality, **tags), tmp_path / "made.dcm"), kind)


def test_a_spacing_of_one_value_is_none(tmp_path: Path) -> None:
    for modality in ("US", "DX"):
        picture = read(tmp_path, modality, PixelSpacing="0.1")
        assert picture.scale is None and any("no pair of numbers" in note for note in picture.notes)


@pytest.mark.parametrize(("dpi", "is_screen"), [(72, True), (96, True), (120, True), (144, True), (300, False)])
def test_pixels_of_a_screen_are_not_confirmed(tmp_path: Path, dpi: int, is_screen: bool) -> None:
    spacing = [round(25.4 / dpi, 4)] * 2
    scale = read(tmp_path, PixelSpacing=spacing).scale
    assert scale is not None and scale.confirmed is not is_screen
    assert (f"{dpi}-dpi screen" in scale.note) is is_screen


def test_a_screen_capture_is_not_confirmed_whatever_its_size(tmp_path: Path) -> None:
    scale = read(tmp_path, "SC", PixelSpacing=[0.123, 0.123]).scale
    assert scale is not None and not scale.confirmed and "screen picture" in scale.note
    told = read(tmp_path, "SC", PixelSpacing=[0.123, 0.123], PixelSpacingCalibrationType="FIDUCIAL").scale
    assert told is not None and told.confirmed


@pytest.mark.parametrize(
    ("pixel", "taken"),
    [(0.2646, 0.14), (0.1415, 0.14), (0.1413, 0.1413), (0.13, 0.13), (0.0701, 0.0701), (0.0699, 0.14)],
)
def test_no_magnification_makes_pixels_larger_or_halves_them(tmp_path: Path, pixel: float, taken: float) -> None:
    picture = read(tmp_path, "DX", ImagerPixelSpacing=[0.14, 0.14], PixelSpacing=[pixel, pixel])
    assert picture.scale is not None and picture.scale.mm_per_px_x == pytest.approx(taken)
    ignored = taken == 0.14
    assert picture.scale.plane == (FILM if ignored else HEAD)
    assert any("no magnification does that" in note for note in picture.notes) is ignored


@pytest.mark.parametrize(("dx", "dy"), [(-0.02, 0.02), (0.02, -0.02), (-0.02, -0.02)])
def test_a_negative_delta_is_a_direction(tmp_path: Path, dx: float, dy: float) -> None:
    scale = scale_for(read(tmp_path, SequenceOfUltrasoundRegions=[region(dx, dy)]))
    assert scale is not None and scale.confirmed
    assert (scale.mm_per_px_x, scale.mm_per_px_y) == pytest.approx((0.2, 0.2))


def test_the_shape_of_a_pixel(tmp_path: Path) -> None:
    assert read(tmp_path).aspect == 1.0
    assert read(tmp_path, PixelAspectRatio=[6, 5]).aspect == pytest.approx(1.2)
    assert read(tmp_path, "DX", PixelAspectRatio=[6, 5]).aspect == pytest.approx(1.2)
    assert read(tmp_path, PixelSpacing=[0.2, 0.1]).aspect == pytest.approx(2.0)
    assert read(tmp_path, SequenceOfUltrasoundRegions=[region(0.02, 0.03)]).aspect == pytest.approx(1.5)
    both = [region(0.02, 0.03), region(0.01, 0.01)]
    assert read(tmp_path, SequenceOfUltrasoundRegions=both, PixelAspectRatio=[5, 4]).aspect == pytest.approx(1.25)
    with pytest.raises(BadInput, match="times as high as wide"):
        read(tmp_path, PixelAspectRatio=[6, 1])


def test_spacings_of_frames(tmp_path: Path) -> None:
    """Enhanced files keep them in functional groups: X-ray that of the detector, others the pixel measures."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    def group(keyword: str, name: str, mm: float) -> Dataset:
        inner, outer = Dataset(), Dataset()
        setattr(inner, name, [mm, mm])
        setattr(outer, keyword, Sequence([inner]))
        return outer

    shared = Sequence([group("FramePixelDataPropertiesSequence", "ImagerPixelSpacing", 0.3)])
    own = Sequence([Dataset(), group("FramePixelDataPropertiesSequence", "ImagerPixelSpacing", 0.4)])
    loop = dataset(
        np.stack([still()] * 2), "XA", SharedFunctionalGroupsSequence=shared, PerFrameFunctionalGroupsSequence=own
    )
    path = save(loop, tmp_path / "xa.dcm")
    sizes = [read_picture(path, LATERAL_FILM, frame).scale for frame in (0, 1)]
    assert [scale.mm_per_px_x for scale in sizes if scale] == [0.3, 0.4]


def test_what_a_file_says_survives_as_json(tmp_path: Path) -> None:
    import json

    picture = read(tmp_path, SequenceOfUltrasoundRegions=[region()], PixelSpacing=[0.3, 0.3])
    assert Origin.from_dict(json.loads(json.dumps(picture.origin.to_dict()))) == picture.origin
    assert Origin.from_dict(Origin("bare").to_dict()) == Origin("bare")
