"""PNG, JPEG, TIFF and BMP as every good viewer shows them, or refused with the true reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from CephSketcherLib.film.lateral_film import LATERAL_FILM
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.files import kind_of, read_picture
from DeepMedLib.picture.kind import PictureKind
from FetalBiometryLib.picture.ultrasound import ULTRASOUND

from .picture_maker import still, tiff

BOTH = pytest.mark.parametrize("kind", [ULTRASOUND, LATERAL_FILM], ids=["ultrasound", "film"])


def pixels(path: Path, kind: PictureKind = LATERAL_FILM) -> np.ndarray:
    return read_picture(path, kind).pixels


@BOTH
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "raw.tif"])
def test_pictures_are_upright(tmp_path: Path, kind: PictureKind, orientation: int, name: str) -> None:
    grey = still()
    stored = {
        1: grey,
        2: grey[:, ::-1],
        3: grey[::-1, ::-1],
        4: grey[::-1],
        5: grey.T,
        6: np.rot90(grey),
        7: grey[::-1, ::-1].T,
        8: np.rot90(grey, -1),
    }[orientation]
    image = Image.fromarray(np.ascontiguousarray(stored))
    if name.endswith(".tif"):
        image.save(tmp_path / name, tiffinfo={274: orientation})
    else:
        exif = Image.Exif()
        exif[0x0112] = orientation
        image.save(tmp_path / name, exif=exif, quality=97)
    shown = pixels(tmp_path / name, kind)
    assert shown.shape == grey.shape
    assert np.abs(shown.astype(int) - grey).max() <= (12 if name == "a.jpg" else 0)


def test_sixteen_bits_a_color_that_would_have_to_be_turned(tmp_path: Path) -> None:
    """SimpleITK, which reads them whole, knows no orientation."""
    deep = np.stack([still().astype(np.uint16) * 9 + 5] * 3, -1)
    upright = tiff(tmp_path / "up.tif", deep, photometric=2, orientation=1)
    np.testing.assert_array_equal(pixels(upright), deep[..., 0])
    turned = tiff(tmp_path / "turned.tif", np.ascontiguousarray(np.rot90(deep)), photometric=2, orientation=6)
    with pytest.raises(BadInput, match="16 bits a color"):
        pixels(turned)


@BOTH
def test_white_is_zero(tmp_path: Path, kind: PictureKind) -> None:
    grey = still()
    eight = tiff(tmp_path / "8.tif", 255 - grey, photometric=0)
    np.testing.assert_array_equal(pixels(eight, kind), grey)
    deep = tiff(tmp_path / "16.tif", (65535 - grey.astype(np.uint16) * 257).astype("<u2"), photometric=0)
    shown = pixels(deep, kind).astype(float)
    assert np.corrcoef(shown.ravel(), grey.ravel())[0, 1] > 0.9999
    if kind is LATERAL_FILM:
        np.testing.assert_array_equal(shown, grey.astype(float) * 257)


@BOTH
def test_signed_bytes(tmp_path: Path, kind: PictureKind) -> None:
    grey = still()
    path = tiff(tmp_path / "s.tif", (grey.astype(np.int16) - 128).astype(np.int8), sample_format=2)
    np.testing.assert_array_equal(pixels(path, kind), grey)


def test_signed_and_real_numbers_keep_their_order(tmp_path: Path) -> None:
    grey = still()
    for name, array, sample in (
        ("i16.tif", grey.astype("<i2") * 5 - 300, 2),
        ("i32.tif", grey.astype("<i4") * 90000 - 4000, 2),
        ("f32.tif", grey.astype("<f4") / 255 - 0.25, 3),
    ):
        shown = pixels(tiff(tmp_path / name, array, sample_format=sample))
        assert shown.dtype == np.uint16 and np.corrcoef(shown.ravel(), grey.ravel())[0, 1] > 0.9999


@BOTH
def test_doubles_are_named(tmp_path: Path, kind: PictureKind) -> None:
    path = tiff(tmp_path / "d.tif", still().astype("<f8"), sample_format=3)
    with pytest.raises(BadInput, match="64-bit floating-point numbers, a kind that cannot be read"):
        read_picture(path, kind)


def test_twelve_bits_in_sixteen_are_not_dimmed(tmp_path: Path) -> None:
    """Pillow cuts 16-bit color to its upper 8: of 12 bits 4 are left."""
    deep = still().astype(np.uint16) * 16
    rgb = np.stack([deep] * 3, -1)
    np.testing.assert_array_equal(pixels(tiff(tmp_path / "strip.tif", rgb, photometric=2)), deep)
    np.testing.assert_array_equal(pixels(tiff(tmp_path / "tile.tif", deep, tile=64)), deep)
    with pytest.raises(BadInput, match="16 bits a color"):
        pixels(tiff(tmp_path / "tiles.tif", rgb, photometric=2, tile=64))
    import SimpleITK as sitk

    sitk.WriteImage(sitk.GetImageFromArray(rgb, isVector=True), str(tmp_path / "deep.png"))
    np.testing.assert_array_equal(pixels(tmp_path / "deep.png"), deep)


def test_files_are_known_by_their_content(tmp_path: Path) -> None:
    import SimpleITK as sitk

    grey = still()
    Image.fromarray(grey).save(tmp_path / "a.png")
    volume = sitk.GetImageFromArray(grey[None])
    volume.SetSpacing((0.2, 0.2, 1.0))
    for suffix in (".nrrd", ".nii", ".nii.gz", ".mha"):
        sitk.WriteImage(volume, str(tmp_path / f"v{suffix}"))
    kinds = {
        "a.png": "image",
        "v.nrrd": "NRRD",
        "v.nii": "NIfTI",
        "v.nii.gz": "NIfTI",
        "v.mha": "MetaImage",
    }
    for name, kind in kinds.items():
        for other in ("x.dcm", "x.png", "x.nii", "x.nrrd", "x"):
            (tmp_path / other).write_bytes((tmp_path / name).read_bytes())
            assert kind_of(tmp_path / other) == kind
            np.testing.assert_array_equal(pixels(tmp_path / other), grey)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )
    with pytest.raises(BadInput, match=r"far too many|far more than"):
        pixels(tmp_path / "bomb.png")
    (tmp_path / "bomb.nrrd").write_bytes(
        b"NRRD0004\ntype: short\ndimension: 3\nsizes: 40000 40000 400\nendian: little\nencoding: gzip\n\n" + body
    )
    with pytest.raises(BadInput, match="more pixels than any picture"):
        pixels(tmp_path / "bomb.nrrd")
