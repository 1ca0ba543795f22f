"""DICOM pictures as every good viewer shows them, or refused with the true reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from CephSketcherLib.film.lateral_film import LATERAL_FILM
from DeepMedLib.errors import BadInput, DeepMedError
from DeepMedLib.picture.files import frame_count, read_picture
from DeepMedLib.picture.kind import PictureKind
from FetalBiometryLib.picture.ultrasound import ULTRASOUND

from .picture_maker import dataset, jpeg, save, still, with_padding


def shown(made: Any, tmp_path: Path, kind: PictureKind = ULTRASOUND) -> np.ndarray:
    return read_picture(save(made, tmp_path / "made.dcm"), kind).pixels


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def film(pixels: np.ndarray, **tags: Any) -> Any:
    return dataset(pixels, "DX", **tags)


@pytest.mark.parametrize("modality", ["US", "DX"])
def test_padding_is_left_out(tmp_path: Path, modality: str) -> None:
    grey = still()
    deep = grey.astype(np.uint16) * 16
    deep[:40] = 65535
    kind = ULTRASOUND if modality == "US" else LATERAL_FILM
    found = shown(with_padding(dataset(deep, modality), 65535), tmp_path, kind)
    assert likeness(found[40:], grey[40:]) > 0.9999
    assert found[:40].max() == found[40:].min()  # as dark as the darkest
    low = grey.astype(np.int16)
    low[:, :50] = -2000
    dark = shown(with_padding(dataset(low, modality), -2000), tmp_path, kind)
    assert likeness(dark[:, 50:], grey[:, 50:]) > 0.9999 and dark[:, :50].max() == dark[:, 50:].min()


def test_padding_of_a_negative_is_dark_too(tmp_path: Path) -> None:
    grey = still()
    deep = ((255 - grey).astype(np.uint16)) * 16
    deep[:40] = 0
    deep[:40] = 65535
    made = with_padding(film(deep, PhotometricInterpretation="MONOCHROME1"), 65535)
    found = shown(made, tmp_path, LATERAL_FILM)
    assert likeness(found[40:], grey[40:]) > 0.9999 and found[:40].max() == found[40:].min()


def test_a_range_of_padding(tmp_path: Path) -> None:
    deep = still().astype(np.uint16) * 16
    deep[:20], deep[20:40] = 65000, 65535
    made = with_padding(film(deep), 65000)
    made.add_new(0x00280121, "US", 65535)
    assert shown(made, tmp_path, LATERAL_FILM)[:40].max() == 0


def test_padding_that_is_background_changes_nothing(tmp_path: Path) -> None:
    grey = still()
    np.testing.assert_array_equal(shown(with_padding(dataset(grey), 0), tmp_path), grey)


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("holds_eight", [False, True])
def test_palettes_of_sixteen_bits(tmp_path: Path, big_endian: bool, holds_eight: bool) -> None:
    from pydicom import dcmwrite
    from pydicom.uid import ExplicitVRBigEndian

    grey = still()
    table = np.arange(256, dtype=">u2" if big_endian else "<u2") * (1 if holds_eight else 257)
    made = dataset(grey, PhotometricInterpretation="PALETTE COLOR")
    for color in ("Red", "Green", "Blue"):
        setattr(made, f"{color}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(made, f"{color}PaletteColorLookupTableData", table.astype(table.dtype).tobytes())
    if big_endian:
        made.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        made["PixelData"].VR = "OB"
        dcmwrite(tmp_path / "big.dcm", made, implicit_vr=False, little_endian=False, force_encoding=True)
        np.testing.assert_array_equal(read_picture(tmp_path / "big.dcm", ULTRASOUND).pixels, grey)
    else:
        np.testing.assert_array_equal(shown(made, tmp_path), grey)


@pytest.mark.parametrize("keyword", ["ImageType", "SpecificCharacterSet", "SOPClassUID"])
@pytest.mark.parametrize("implicit", [True, False])
def test_files_without_preamble(tmp_path: Path, keyword: str, implicit: bool) -> None:
    from pydicom.dataset import Dataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    made = dataset(still(), SpecificCharacterSet="ISO_IR 100")
    for first in ("SpecificCharacterSet", "ImageType"):
        if first != keyword:
            del made[first]
        else:
            break
    bare = Dataset()
    bare.update(dict(made.items()))
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, implicit
    write_dataset(buffer, bare)
    (tmp_path / "bare").write_bytes(buffer.getvalue())
    np.testing.assert_array_equal(read_picture(tmp_path / "bare", ULTRASOUND).pixels, still())


@pytest.mark.parametrize(("share", "whole"), [(1.0, True), (0.98, False), (0.5, False)])
def test_a_jpeg_that_was_cut_short(tmp_path: Path, share: float, whole: bool) -> None:
    path = save(jpeg(dataset(still()), still(), share), tmp_path / "j.dcm")
    if whole:
        assert likeness(read_picture(path, ULTRASOUND).pixels, still()) > 0.99
    else:
        with pytest.raises(BadInput, match="cut short or damaged"):
            read_picture(path, ULTRASOUND)


def test_native_pixels_that_are_too_few(tmp_path: Path) -> None:
    made = dataset(still())
    made.PixelData = made.PixelData[: len(made.PixelData) // 2]
    with pytest.raises(BadInput, match="cut short or damaged"):
        shown(made, tmp_path)


def test_a_negative_slope_turns_the_picture(tmp_path: Path) -> None:
    grey = still()
    turned = film((255 - grey).astype(np.uint16), RescaleSlope="-1", RescaleIntercept="255")
    assert likeness(shown(turned, tmp_path, LATERAL_FILM), grey) > 0.9999
    plain = film(grey.astype(np.uint16), RescaleSlope="2", RescaleIntercept="7")
    assert likeness(shown(plain, tmp_path, LATERAL_FILM), grey) > 0.9999


def test_the_window_counts_where_it_clips(tmp_path: Path) -> None:
    deep = still().astype(np.uint16) * 16 + 1000  # 1000 to 5080
    deep[:2, :50] = 65535  # a bright label
    found = shown(film(deep, WindowCenter=3040, WindowWidth=4080), tmp_path, LATERAL_FILM)
    expected = ((deep.astype(float) - (3039.5 - 4079 / 2)) / 4079).clip(0, 1) * 65535
    np.testing.assert_allclose(found, expected, atol=0.51)
    wide = shown(film(deep, WindowCenter=[32768, 100], WindowWidth=[65536, 10]), tmp_path, LATERAL_FILM)
    np.testing.assert_array_equal(wide, deep)
    blind = save(film(deep, WindowCenter=-5000, WindowWidth=100), tmp_path / "blind.dcm")
    picture = read_picture(blind, LATERAL_FILM)
    np.testing.assert_array_equal(picture.pixels, deep)
    assert any("shows nothing" in note for note in picture.notes)


def test_a_voi_table_is_looked_up(tmp_path: Path) -> None:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    grey = still()
    item = Dataset()
    item.add_new(0x00283002, "US", [256, 0, 16])
    item.add_new(0x00283006, "OW", (np.arange(255, -1, -1) * 257).astype("<u2").tobytes())
    found = shown(film(255 - grey, VOILUTSequence=Sequence([item])), tmp_path, LATERAL_FILM)
    np.testing.assert_array_equal(found, grey)


def test_inverse_presentation_turns_the_picture(tmp_path: Path) -> None:
    grey = still()
    np.testing.assert_array_equal(shown(film(255 - grey, PresentationLUTShape="INVERSE"), tmp_path, LATERAL_FILM), grey)
    both = film(255 - grey, PresentationLUTShape="INVERSE", PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(shown(both, tmp_path, LATERAL_FILM), grey)


def test_a_size_beyond_reason_is_refused_before_decoding(tmp_path: Path) -> None:
    made = dataset(still(), Rows=60000, Columns=60000)
    with pytest.raises(BadInput, match="far more than an ultrasound picture"):
        shown(made, tmp_path)


def test_a_deflated_bomb_is_refused(tmp_path: Path) -> None:
    import tracemalloc

    from pydicom.uid import DeflatedExplicitVRLittleEndian

    made = dataset(np.zeros((400, 512, 512), np.uint8))
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = save(made, tmp_path / "bomb.dcm")
    del made
    assert path.stat().st_size < 200_000
    tracemalloc.start()
    with pytest.raises(BadInput, match="far more than a DICOM file holds"):
        read_picture(path, ULTRASOUND, 0)
    assert tracemalloc.get_traced_memory()[1] < 30e6
    tracemalloc.stop()


def test_an_index_is_no_picture(tmp_path: Path) -> None:
    from pydicom.sequence import Sequence

    made = dataset(still(), DirectoryRecordSequence=Sequence([]))
    with pytest.raises(BadInput, match="index of a DICOM medium"):
        shown(made, tmp_path)


@pytest.mark.parametrize("kind", [ULTRASOUND, LATERAL_FILM], ids=["ultrasound", "film"])
def test_all_files_that_pydicom_tests_with(kind: PictureKind) -> None:
    """Read, or refused in two sentences; nothing else."""
    import pydicom.data

    folder = Path(pydicom.data.__file__).parent
    seen = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".py", ".pyc", ".json"):
            continue
        seen += 1
        try:
            several = frame_count(path) > 1
            read_picture(path, kind, 0 if several else None)
        except DeepMedError as error:
            assert error.message.endswith(".") and error.remedy.endswith("."), path.name
    assert seen > 100
