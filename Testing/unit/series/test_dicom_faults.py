"""DICOM files that lack something, are damaged or lie in odd places: read, left out with a remark, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity
from DeepMedLib.series import PADDING_HU, list_scans, read_scan
from Testing.unit.series.series_maker import (
    LOCALIZER,
    gravest,
    said,
    stack,
    write_series,
)


def test_a_slice_cut_short_is_left_out_and_missing(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack())
    file = folder / "slice0004.dcm"
    file.write_bytes(file.read_bytes()[:-100])
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, np.delete(stack(), 4, axis=0))
    assert "slice0004.dcm is cut short; it was left out." in said(scan) and "1 slice is missing" in said(scan)
    file.write_bytes(file.read_bytes()[:300])
    assert "1 file that is damaged or no DICOM" in said(read_scan(folder)) or "1 slice is missing" in said(
        read_scan(folder)
    )


def padded(file: FileDataset) -> None:
    pixels = np.frombuffer(file.PixelData, np.uint16).copy()
    pixels[:3] = 63536
    file.PixelData, file.PixelPaddingValue = pixels.tobytes(), 63536


def test_padding_stored_as_unsigned_is_no_metal(tmp_path: Path) -> None:
    scan = read_scan(write_series(tmp_path / "s", stack(), change=padded))
    assert (scan.array[:, 0, :3] == PADDING_HU).all()
    np.testing.assert_array_equal(scan.array[:, 1:], stack()[:, 1:])


def test_padding_inside_the_range_of_tissue_is_not_touched(tmp_path: Path) -> None:
    scan = read_scan(write_series(tmp_path / "s", stack(), PixelPaddingValue=24))  # -1000 HU
    np.testing.assert_array_equal(scan.array, stack())


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"Modality": "MR"}, "is MR, not CT"),
        ({"ImageType": LOCALIZER}, "localizer"),
        ({"SamplesPerPixel": 3}, "color"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "MONOCHROME1"),
        ({"BitsAllocated": 8}, "8 bit"),
        ({"PixelSpacing": None}, r"PixelSpacing \(0028,0030\)"),
        ({"PixelSpacing": [0, 4]}, r"PixelSpacing \(0028,0030\)"),
        ({"ImagePositionPatient": None}, r"ImagePositionPatient \(0020,0032\)"),
        ({"ImageOrientationPatient": None}, r"ImageOrientationPatient \(0020,0037\)"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, r"ImageOrientationPatient \(0020,0037\)"),
        ({"ImagePositionPatient": [0, 0, 0]}, "lie at one place"),
    ],
)
def test_what_is_no_ct_volume_is_refused_in_one_sentence(tmp_path: Path, header: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_scan(write_series(tmp_path / "s", stack(), **header))
    assert caught.value.remedy


def test_one_slice_is_no_volume(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="one slice"):
        read_scan(write_series(tmp_path / "s", stack(1)))


def test_one_slice_without_a_position_is_left_out(tmp_path: Path) -> None:
    def emptied(file: FileDataset) -> None:
        if file.InstanceNumber == 6:
            file.add_new(0x00200032, "DS", "")

    scan = read_scan(write_series(tmp_path / "s", stack(), change=emptied))
    np.testing.assert_array_equal(scan.array, np.delete(stack(), 5, axis=0))
    assert "slice0005.dcm states no ImagePositionPatient (0020,0032)" in said(scan)


def test_one_slice_without_a_direction_is_refused(tmp_path: Path) -> None:
    def emptied(file: FileDataset) -> None:
        if file.InstanceNumber == 6:
            file.ImageOrientationPatient = None

    with pytest.raises(BadInput, match=r"slice0005.dcm states no ImageOrientationPatient \(0020,0037\)"):
        read_scan(write_series(tmp_path / "s", stack(), change=emptied))


def test_slice_location_stands_in_for_positions_and_that_is_said(tmp_path: Path) -> None:
    each = lambda k: {"SliceLocation": 5.0 * k}  # noqa: E731
    lacking = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
    scan = read_scan(write_series(tmp_path / "s", stack(), each=each, PatientPosition="HFS", **lacking))
    np.testing.assert_array_equal(scan.array, stack())
    assert "may be exchanged" in said(scan) and gravest(scan) == Gravity.GRAVE
    with pytest.raises(BadInput, match="ImagePositionPatient"):  # lying how?
        read_scan(write_series(tmp_path / "t", stack(), each=each, **lacking))


def test_missing_kind_and_series_are_no_hindrance(tmp_path: Path) -> None:
    scan = read_scan(write_series(tmp_path / "s", stack(), Modality=None, SeriesInstanceUID=None))
    np.testing.assert_array_equal(scan.array, stack())
    assert scan.remarks == ()


def test_no_scale_is_said(tmp_path: Path) -> None:
    scan = read_scan(write_series(tmp_path / "s", stack() + 1024, RescaleSlope=None, RescaleIntercept=None))
    np.testing.assert_array_equal(scan.array, stack() + 1024)
    assert "state no Rescale Slope and Intercept" in said(scan)


def test_nested_folders_links_and_dicomdir_are_the_same_scan(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "export" / "ST1" / "SE 1 \u00fc", stack(), suffix="")
    (tmp_path / "export" / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM\x02\0\0\0UL\x04\0\0\0\0\0")
    (tmp_path / "link").symlink_to(tmp_path / "export")
    (folder / "back").symlink_to(tmp_path / "export")  # a ring of folders
    for path in ("export", "link", "export/DICOMDIR", "export/ST1/SE 1 \u00fc/slice0003"):
        np.testing.assert_array_equal(read_scan(tmp_path / path).array, stack())


def test_studies_of_a_folder_are_told_apart_but_one_is_read(tmp_path: Path) -> None:
    write_series(tmp_path / "a" / "1", stack(), StudyInstanceUID="1.1")
    write_series(tmp_path / "a" / "2", stack(3), StudyInstanceUID="1.1")
    write_series(tmp_path / "b", stack(20), StudyInstanceUID="1.2")
    assert [choice.study_uid for choice in list_scans(tmp_path)] == ["1.2", "1.1", "1.1"]
    from DeepMedLib.series import scan_places

    assert scan_places(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert scan_places(tmp_path / "a") == [tmp_path / "a"]
    write_series(tmp_path / "c" / "x", stack(), StudyInstanceUID="1.3")
    write_series(tmp_path / "d" / "x", stack(), StudyInstanceUID="1.3")  # the same study again, beside others
    assert scan_places(tmp_path) == [tmp_path / name for name in ("a", "b", "c/x", "d/x")]
    write_series(tmp_path / "b", stack(4), prefix="b", StudyInstanceUID="1.4")
    assert scan_places(tmp_path / "b") == [tmp_path / "b"]


def test_folders_and_files_without_a_scan_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(BadInput, match="holds no scan"):
        read_scan(tmp_path)
    with pytest.raises(BadInput, match="is no scan"):
        read_scan(tmp_path / "a.txt")
    with pytest.raises(BadInput, match="There is no file b"):
        read_scan(tmp_path / "b.dcm")
    (tmp_path / "c.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\1" * 50)
    with pytest.raises(BadInput, match="damaged"):
        read_scan(tmp_path / "c.dcm")


def test_a_small_file_cannot_fill_the_memory(tmp_path: Path) -> None:
    huge = lambda file: setattr(file, "Rows", 60000) or setattr(file, "Columns", 60000)  # noqa: E731
    with pytest.raises(BadInput, match="60000 pixels"):
        read_scan(write_series(tmp_path / "s", stack(), change=huge))

    def swollen(file: FileDataset) -> None:
        file.Rows, file.Columns = 8000, 8000
        file.compress(pydicom.uid.RLELossless, arr=np.zeros((8000, 8000), np.uint16))

    folder = write_series(tmp_path / "t", stack(2), change=swollen)
    for file in folder.iterdir():  # 128 MB from a file of some kB that says it is RLE
        dataset = pydicom.dcmread(file)
        dataset.PixelData = pydicom.encaps.encapsulate([b"\2\0\0\0" + b"\0" * 60 + b"\x81\0" * 500])
        dataset.save_as(file)
    with pytest.raises(BadInput, match="too large"):
        read_scan(folder)


def without_preamble(path: Path) -> None:
    file = pydicom.dcmread(path)
    pydicom.dcmwrite(path, pydicom.Dataset(file), implicit_vr=True, little_endian=True)
    content = path.read_bytes()
    assert content[:4] == b"\x08\x00\x08\x00"


def big_endian(path: Path) -> None:
    file = pydicom.dcmread(path)
    file.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRBigEndian
    file.PixelData = np.frombuffer(file.PixelData, "<u2").astype(">u2").tobytes()
    pydicom.dcmwrite(path, file, implicit_vr=False, little_endian=False, force_encoding=True)


def with_overlay_bits(path: Path) -> None:
    file = pydicom.dcmread(path)
    pixels = np.frombuffer(file.PixelData, np.uint16).copy()
    pixels[::3] |= 0x8000
    file.PixelData, file.BitsStored, file.HighBit = pixels.tobytes(), 12, 11
    file.save_as(path)


def lossless_jpeg(path: Path) -> None:
    file = pydicom.dcmread(path)
    file.compress(pydicom.uid.JPEGLSLossless)
    file.save_as(path)


@pytest.mark.parametrize("change", [without_preamble, big_endian, with_overlay_bits, lossless_jpeg])
def test_every_encoding_gives_the_same_volume(tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = write_series(tmp_path / "s", stack())
    for path in folder.iterdir():
        change(path)
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, stack())
    assert scan.remarks == ()


def test_a_compressed_slice_cut_short_is_left_out(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack())
    for path in folder.iterdir():
        lossless_jpeg(path)
    file = pydicom.dcmread(folder / "slice0004.dcm")
    stream = pydicom.encaps.get_frame(file.PixelData, 0)
    file.PixelData = pydicom.encaps.encapsulate([stream[: len(stream) // 2 * 2 - 8]])
    file.save_as(folder / "slice0004.dcm")
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, np.delete(stack(), 4, axis=0))
    assert "slice0004.dcm is cut short; it was left out." in said(scan)


@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
@pytest.mark.parametrize(("value", "is_read"), [("1000000", True), ("1000001", False), ("-1e30", False)])
def test_a_rescale_that_no_ct_has_is_refused(keyword: str, value: str, is_read: bool, tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack(), **{keyword: value})
    if is_read:
        read_scan(folder)
        return
    with pytest.raises(BadInput, match="that no CT has"):
        read_scan(folder)
