"""Small files that would fill the memory: refused before anything is decoded."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from DeepMedLib.dicom import open_dicom
from DeepMedLib.errors import BadInput
from DeepMedLib.inflation import coded_size, inflates_too_far, swells_too_far
from DeepMedLib.picture.files import read_picture
from DeepMedLib.picture.kind import PictureKind

KIND = PictureKind("picture", "a picture", "a picture", ("US",), 16, 1_000_000, 0.01, 10.0)
MEGABYTE = 1 << 20


def dicom_file(path: Path, frame: bytes, syntax: str, rows: int, columns: int, **tags: Any) -> Path:
    """An ultrasound still whose one frame is ``frame`` as it stands."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import ExplicitVRLittleEndian, UltrasoundImageStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UltrasoundImageStorage, generate_uid()
    meta.TransferSyntaxUID = syntax
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = UltrasoundImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.Modality, dataset.Rows, dataset.Columns = "US", rows, columns
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = frame if syntax == ExplicitVRLittleEndian else encapsulate([frame])
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def jpeg(height: int, width: int, form: str = "JPEG") -> bytes:
    stream = io.BytesIO()
    picture = np.random.default_rng(3).integers(0, 255, (height, width)).astype(np.uint8)
    options = {"irreversible": False, "no_jp2": True} if form == "JPEG2000" else {"quality": 95}
    Image.fromarray(picture).save(stream, form, **options)
    return stream.getvalue()


def deflated(path: Path, swollen: int) -> Path:
    """A deflated DICOM file of a few kilobytes whose data set holds ``swollen`` bytes of zeros."""
    from pydicom.uid import ExplicitVRLittleEndian

    plain = dicom_file(path.with_name("plain.dcm"), b"\0" * 400, ExplicitVRLittleEndian, 20, 20).read_bytes()
    body_at = 144 + int.from_bytes(plain[140:144], "little")
    explicit, deflate = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"
    meta = plain[:body_at].replace(struct.pack("<2sH", b"UI", 20) + explicit, struct.pack("<2sH", b"UI", 22) + deflate)
    meta = meta[:140] + (int.from_bytes(meta[140:144], "little") + 2).to_bytes(4, "little") + meta[144:]
    more = struct.pack("<HH2sHI", 0x7FE1, 0x0010, b"OB", 0, swollen)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = squeeze.compress(plain[body_at:] + more)
    for _ in range(swollen // MEGABYTE):
        data += squeeze.compress(bytes(MEGABYTE))
    path.write_bytes(meta + data + squeeze.flush())
    return path


@pytest.mark.parametrize("form", ["JPEG", "JPEG2000"])
@pytest.mark.parametrize(("height", "width"), [(37, 61), (300, 16)])
def test_the_size_that_a_code_stream_states(form: str, height: int, width: int) -> None:
    assert coded_size(jpeg(height, width, form)) == (height, width)


@pytest.mark.parametrize("stream", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8" + b"\xff" * 50, b"abc", bytes(100)])
def test_a_stream_that_states_no_size(stream: bytes) -> None:
    assert coded_size(stream) is None


@pytest.mark.parametrize(("form", "syntax"), [("JPEG", "50"), ("JPEG2000", "90")])
def test_a_stream_larger_than_its_header_says_is_refused_undecoded(tmp_path: Path, form: str, syntax: str) -> None:
    uid = f"1.2.840.10008.1.2.4.{syntax}"
    sound = dicom_file(tmp_path / "sound.dcm", jpeg(64, 80, form), uid, 64, 80)
    assert read_picture(sound, KIND).pixels.shape == (64, 80)
    huge = bytearray(jpeg(64, 80, form))
    if form == "JPEG":  # the frame header's height and width
        place = huge.index(b"\xff\xc0") + 5
        huge[place : place + 4] = struct.pack(">HH", 60_000, 60_000)
    else:
        huge[8:16] = struct.pack(">II", 60_000, 60_000)
    path = dicom_file(tmp_path / "huge.dcm", bytes(huge), uid, 64, 80)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="damaged"):
            read_picture(path, KIND)
        assert tracemalloc.get_traced_memory()[1] < 64 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("rows", "columns"), [(60_000, 60_000), (1001, 1000)])
def test_a_header_that_states_too_many_pixels_is_refused(tmp_path: Path, rows: int, columns: int) -> None:
    path = dicom_file(tmp_path / "a.dcm", jpeg(64, 80), "1.2.840.10008.1.2.4.50", rows, columns)
    with pytest.raises(BadInput, match="far more than"):
        read_picture(path, KIND)


def test_a_deflated_file_that_swells_is_refused(tmp_path: Path) -> None:
    small, large = deflated(tmp_path / "small.dcm", MEGABYTE), deflated(tmp_path / "large.dcm", 200 * MEGABYTE)
    assert large.stat().st_size < MEGABYTE
    assert not inflates_too_far(small) and inflates_too_far(large)
    assert open_dicom(small).Rows == 20
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="swell"):
            open_dicom(large)
        assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_how_far_a_file_may_swell() -> None:
    assert not swells_too_far(64 * MEGABYTE, 1) and swells_too_far(64 * MEGABYTE + 1, 1)
    assert not swells_too_far(400 * MEGABYTE, MEGABYTE) and swells_too_far(400 * MEGABYTE + 1, MEGABYTE)


def test_a_second_page_has_a_size_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    first, second = Image.new("L", (100, 100)), Image.new("L", (1001, 1000))
    first.save(path, save_all=True, append_images=[second], compression="tiff_deflate")
    assert read_picture(path, KIND, 0).pixels.shape == (100, 100)
    with pytest.raises(BadInput, match="1001 x 1000 pixels"):
        read_picture(path, KIND, 1)


@pytest.mark.parametrize("page", [0, 1])
def test_a_tiff_that_states_a_huge_page_is_refused(tmp_path: Path, page: int) -> None:
    path = tmp_path / "pages.tif"
    pages = [Image.new("L", (100, 100)) for _ in range(2)]
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="tiff_deflate")
    data = bytearray(path.read_bytes())
    places = [i for i in range(len(data) - 12) if data[i : i + 4] in (b"\x00\x01\x03\x00", b"\x00\x01\x04\x00")]
    entry = struct.pack("<HHII", 256, 4, 1, 3_000_000_000)  # ImageWidth
    data[places[page] : places[page] + 12] = entry
    path.write_bytes(data)
    with pytest.raises(BadInput):
        read_picture(path, KIND, page)


def test_reading_leaves_pillows_own_guard_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (100, 100)).save(path)
    before = Image.MAX_IMAGE_PIXELS
    read_picture(path, PictureKind("film", "a film", "a film", ("DX",), 16, 10**9, 0.01, 10.0))
    assert Image.MAX_IMAGE_PIXELS == before
