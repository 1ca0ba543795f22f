"""Films from files of all kinds: same pixels, bright bone, and a scale that says in which plane it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from CephSketcherLib.film.lateral_film import HEAD, film_from_array, read_film, ruler_scale, typed_scale
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.grey import to_display
from DeepMedLib.picture.scale import FILM, Scale


def picture(dtype: type = np.uint8, height: int = 300, width: int = 240) -> np.ndarray:
    """A soft gradient with a bright spot, so that orientation and polarity show."""
    y, x = np.mgrid[:height, :width]
    grey = 30 + 0.3 * x + 0.2 * y + 90 * np.exp(-((x - 60) ** 2 + (y - 80) ** 2) / 400)
    top = np.iinfo(dtype).max / 255
    return np.rint(grey * top).astype(dtype)


def write_dicom(path: Path, pixels: np.ndarray, **tags: Any) -> Path:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    bits = 8 * pixels.dtype.itemsize
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, 0
    dataset.PixelData = pixels.tobytes()
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp"])
def test_eight_bits_are_kept(name: str, tmp_path: Path) -> None:
    Image.fromarray(picture()).save(tmp_path / name)
    film = read_film(tmp_path / name)
    np.testing.assert_array_equal(film.pixels, picture())
    assert film.scale is None and film.name == name


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_are_kept(name: str, tmp_path: Path) -> None:
    Image.fromarray(picture(np.uint16)).save(tmp_path / name)
    film = read_film(tmp_path / name)
    assert film.pixels.dtype == np.uint16
    np.testing.assert_array_equal(film.pixels, picture(np.uint16))
    assert to_display(film.pixels).dtype == np.uint8


def test_color_becomes_grey(tmp_path: Path) -> None:
    grey = picture()
    Image.fromarray(np.stack([grey] * 3, 2)).save(tmp_path / "c.png")
    np.testing.assert_array_equal(read_film(tmp_path / "c.png").pixels, grey)
    Image.fromarray(np.dstack([grey] * 3 + [np.full_like(grey, 200)])).save(tmp_path / "rgba.png")
    np.testing.assert_array_equal(read_film(tmp_path / "rgba.png").pixels, grey)


def test_dicom_with_low_white_is_turned(tmp_path: Path) -> None:
    pixels = picture(np.uint16)
    plain = read_film(write_dicom(tmp_path / "m2.dcm", pixels))
    turned = read_film(write_dicom(tmp_path / "m1.dcm", pixels.max() - pixels, PhotometricInterpretation="MONOCHROME1"))
    assert plain.pixels[80, 60] > plain.pixels[80, 160] and turned.pixels[80, 60] > turned.pixels[80, 160]
    difference = plain.pixels.astype(int) - turned.pixels.astype(int)
    assert np.ptp(difference) == 0


@pytest.mark.parametrize("interpretation", ["MONOCHROME1", "MONOCHROME2"])
def test_bone_is_bright_whichever_decoder_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interpretation: str
) -> None:
    """SimpleITK, which decodes what pydicom cannot, turns low white itself; turned again, bone would be dark."""
    stored = picture() if interpretation == "MONOCHROME2" else 255 - picture()
    path = write_dicom(tmp_path / "film.dcm", stored, PhotometricInterpretation=interpretation)
    np.testing.assert_array_equal(read_film(path).pixels, picture())

    def cannot(*_: Any, **__: Any) -> None:
        """No decoder."""

    monkeypatch.setattr("DeepMedLib.picture.dicom_pixels._decoded", cannot)
    np.testing.assert_array_equal(read_film(path).pixels, picture())


@pytest.mark.parametrize(
    ("tags", "mm", "plane", "magnification", "confirmed"),
    [
        ({"ImagerPixelSpacing": [0.12, 0.12]}, 0.12, FILM, None, True),
        (
            {"ImagerPixelSpacing": [0.11, 0.11], "EstimatedRadiographicMagnificationFactor": "1.1"},
            0.10,
            HEAD,
            1.1,
            True,
        ),
        (
            {"ImagerPixelSpacing": [0.11, 0.11], "DistanceSourceToDetector": "1650", "DistanceSourceToPatient": "1500"},
            0.10,
            HEAD,
            1.1,
            True,
        ),
        (
            {
                "ImagerPixelSpacing": [0.11, 0.11],
                "PixelSpacing": [0.1, 0.1],
                "PixelSpacingCalibrationType": "FIDUCIAL",
            },
            0.10,
            HEAD,
            1.1,
            True,
        ),
        ({"ImagerPixelSpacing": [0.11, 0.11], "PixelSpacing": [0.1, 0.1]}, 0.10, HEAD, 1.1, False),
        ({"ImagerPixelSpacing": [0.11, 0.11], "PixelSpacing": [0.11, 0.11]}, 0.11, FILM, None, True),
        ({"PixelSpacing": [0.15, 0.15]}, 0.15, FILM, None, False),
    ],
)
def test_dicom_scale_says_its_plane(
    tags: dict[str, Any], mm: float, plane: str, magnification: float | None, confirmed: bool, tmp_path: Path
) -> None:
    scale = read_film(write_dicom(tmp_path / "f.dcm", picture(), **tags)).scale
    assert scale is not None
    assert scale.mean == pytest.approx(mm)
    assert scale.plane == plane and scale.confirmed == confirmed
    assert scale.magnification == (None if magnification is None else pytest.approx(magnification))


def test_rows_and_columns_of_a_spacing_are_not_mixed_up(tmp_path: Path) -> None:
    film = read_film(write_dicom(tmp_path / "f.dcm", picture(), ImagerPixelSpacing=[0.2, 0.1]))
    assert film.scale is not None
    assert (film.scale.mm_per_px_x, film.scale.mm_per_px_y, film.aspect) == (0.1, 0.2, 2.0)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"Modality": "CT"}, "of modality CT, not an X-ray film"),
        ({"Modality": "US"}, "not an X-ray film"),
        ({"PixelSpacing": [0, 0.1]}, "zero, negative"),
        ({"NumberOfFrames": 2, "PixelData": picture().tobytes() * 2}, "2 frames"),
    ],
)
def test_dicom_that_is_no_film_is_one_sentence(tags: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_film(write_dicom(tmp_path / "f.dcm", picture(), **tags))
    assert caught.value.message.endswith(".") and caught.value.remedy.endswith(".")


@pytest.mark.parametrize("name", ["none.png", "empty.png", "text.png", "cut.png", "odd.xyz", "folder"])
def test_files_that_are_no_pictures(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "empty.png":
        path.write_bytes(b"")
    elif name in ("text.png", "odd.xyz"):
        path.write_text("not a picture at all, but long enough to be looked at")
    elif name == "cut.png":
        Image.fromarray(picture()).save(path)
        path.write_bytes(path.read_bytes()[:2000])
    elif name == "folder":
        path.mkdir()
    with pytest.raises(BadInput) as caught:
        read_film(path)
    assert caught.value.message.endswith(".") and caught.value.remedy.endswith(".")


def test_a_volume_needs_a_projection(tmp_path: Path) -> None:
    import SimpleITK as sitk

    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((20, 200, 200), np.int16)), str(tmp_path / "ct.nii.gz"))
    with pytest.raises(BadInput, match="20 frames or slices") as caught:
        read_film(tmp_path / "ct.nii.gz")
    assert "lateral projection" in caught.value.remedy
    with pytest.raises(BadInput, match="lateral projection"):
        film_from_array(np.zeros((20, 200, 200)), "ct")


def test_spacing_of_a_volume_film(tmp_path: Path) -> None:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(picture()[None])
    image.SetSpacing([0.2, 0.25, 1.0])
    sitk.WriteImage(image, str(tmp_path / "film.nrrd"))
    film = read_film(tmp_path / "film.nrrd")
    assert film.scale is not None and film.scale.plane == FILM and not film.scale.confirmed
    assert film.aspect == pytest.approx(1.25)
    unknown = film_from_array(picture(), "film", (1.0, 1.0))
    assert unknown.scale is None and unknown.notes


@pytest.mark.parametrize("value", [0.0, -0.1, float("nan"), 5.0])
def test_impossible_pixel_sizes(value: float) -> None:
    with pytest.raises(BadInput, match="not possible"):
        typed_scale(value)


def test_ruler_gives_the_scale_and_its_uncertainty() -> None:
    scale = ruler_scale((10, 20), (10, 420), 40)
    assert scale.mm_per_px_x == pytest.approx(0.1) and scale.plane == HEAD
    assert scale.relative_sd == pytest.approx(2**0.5 * 0.7 / 400)
    wide = ruler_scale((10, 20), (10, 220), 40, aspect=2.0)
    assert (wide.mm_per_px_x, wide.mm_per_px_y) == (pytest.approx(0.1), pytest.approx(0.2))
    with pytest.raises(BadInput, match="too close"):
        ruler_scale((10, 20), (15, 20), 40)


def test_magnification_is_taken_out_once() -> None:
    film = Scale(0.11, 0.11, "DICOM ImagerPixelSpacing", plane=FILM)
    head = film.in_object(1.1, HEAD)
    assert head.mm_per_px_x == pytest.approx(0.1) and head.plane == HEAD and head.magnification == 1.1
    assert head.in_object(1.1, HEAD).mm_per_px_x == pytest.approx(0.1)
    assert Scale.from_dict(head.to_dict()) == head
    with pytest.raises(BadInput, match="magnification"):
        film.in_object(3.0, HEAD)
