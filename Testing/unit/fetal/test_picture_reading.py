"""Every kind of file that a still may come in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.files import dicom_origin, frame_count, list_pictures
from FetalBiometryLib.picture.ultrasound import ULTRASOUND, picture_from_array, read_picture


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_lossless_grey_is_read_exactly(tmp_path: Path, still: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"still{suffix}"
    Image.fromarray(still).save(path)
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, still)
    assert (picture.height, picture.width, picture.frame, picture.frame_count) == (270, 400, 0, 1)
    assert picture.scale is None and picture.regions == () and picture.dicom is None


def test_jpeg_and_color_modes_give_the_same_grey(tmp_path: Path, still: np.ndarray) -> None:
    Image.fromarray(still).save(tmp_path / "a.jpg", quality=95)
    Image.fromarray(np.stack([still] * 3, -1)).save(tmp_path / "b.png")
    Image.fromarray(np.dstack([still] * 3 + [np.full_like(still, 255)])).save(tmp_path / "c.png")
    Image.fromarray(still).convert("P").save(tmp_path / "d.png")
    assert np.abs(read_picture(tmp_path / "a.jpg").grey().astype(int) - still).mean() < 3
    for name in "bcd":
        picture = read_picture(tmp_path / f"{name}.png")
        assert picture.pixels.ndim == 2  # grey stored as color is grey
        np.testing.assert_allclose(picture.grey(), still, atol=1)


def test_resolution_of_a_png_is_no_scale(tmp_path: Path, still: np.ndarray) -> None:
    Image.fromarray(still).save(tmp_path / "dpi.png", dpi=(300, 300))
    assert read_picture(tmp_path / "dpi.png").scale is None


def test_sixteen_bits_are_rescaled_by_their_own_range_and_said_so(tmp_path: Path, still: np.ndarray) -> None:
    wide = still.astype(np.uint16) * 100 + 1000
    for name in ("a.png", "a.tif"):
        Image.fromarray(wide).save(tmp_path / name)
        picture = read_picture(tmp_path / name)
        stretched = (still.astype(float) - still.min()) / (still.max() - still.min()) * 255
        np.testing.assert_allclose(picture.pixels, stretched, atol=0.51)
        assert any("rescaled" in note for note in picture.notes)


def test_multipage_tiff_needs_a_page(tmp_path: Path, still: np.ndarray) -> None:
    pages = [Image.fromarray(np.roll(still, 7 * i, axis=1)) for i in range(3)]
    path = tmp_path / "pages.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert frame_count(path) == 3
    with pytest.raises(BadInput, match="3 frames"):
        read_picture(path)
    picture = read_picture(path, 2)
    np.testing.assert_array_equal(picture.pixels, np.roll(still, 14, axis=1))
    assert (picture.frame, picture.frame_count) == (2, 3)
    with pytest.raises(BadInput, match="no frame 4"):
        read_picture(path, 3)


def test_dicom_grey_inverted_color_and_jpeg(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    np.testing.assert_array_equal(read_picture(make_dicom(still)).pixels, still)
    inverted = make_dicom(255 - still, "m1.dcm", photometric="MONOCHROME1")
    np.testing.assert_array_equal(read_picture(inverted).pixels, still)
    rgb = np.stack([still] * 3, -1)
    np.testing.assert_array_equal(read_picture(make_dicom(rgb, "rgb.dcm", color=True)).pixels, still)
    packed = make_dicom(rgb, "jpeg.dcm", color=True, jpeg=True, photometric="YBR_FULL_422")
    assert np.abs(read_picture(packed).grey().astype(int) - still).mean() < 3


def test_dicom_ybr_becomes_rgb(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    neutral = np.full_like(still, 128)
    path = make_dicom(np.stack([still, neutral, neutral], -1), color=True, photometric="YBR_FULL")
    np.testing.assert_allclose(read_picture(path).grey(), still, atol=1)


def test_dicom_palette(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    table = (np.arange(256) * 257).astype("<u2").tobytes()
    tags: dict[str, object] = {}
    for color in ("Red", "Green", "Blue"):
        tags[f"{color}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tags[f"{color}PaletteColorLookupTableData"] = table
    path = make_dicom(still, photometric="PALETTE COLOR", **tags)
    np.testing.assert_array_equal(read_picture(path).grey(), still)


def test_multiframe_dicom_reads_one_frame(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    frames = np.stack([np.roll(still, 5 * i, axis=1) for i in range(4)])
    path = make_dicom(frames)
    assert frame_count(path) == 4
    with pytest.raises(BadInput, match="4 frames"):
        read_picture(path)
    picture = read_picture(path, 3)
    np.testing.assert_array_equal(picture.pixels, frames[3])
    assert picture.dicom is not None and picture.dicom.frame_count == 4


def test_printed_forms_hold_nothing_that_identifies(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    path = make_dicom(still)
    picture = read_picture(path)
    reference = dicom_origin(path, ULTRASOUND).dicom
    assert reference is not None and picture.dicom == reference and reference.sop_instance_uid
    for text in (repr(picture), repr(reference)):
        for secret in (
            "Muster",
            "INVENTED",
            reference.sop_instance_uid,
            reference.study_instance_uid,
            str(path.parent),
        ):
            assert secret not in text


def test_dicom_without_suffix_is_known_by_its_content(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    path = make_dicom(still, "IM00001")
    assert read_picture(path).dicom is not None
    assert list_pictures(path.parent) == [path]


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz", ".mha"])
def test_volume_files(tmp_path: Path, still: np.ndarray, suffix: str) -> None:
    import SimpleITK as sitk

    volume = sitk.GetImageFromArray(np.stack([still, np.flipud(still)]))
    volume.SetSpacing((0.2, 0.3, 1.0))
    path = tmp_path / f"volume{suffix}"
    sitk.WriteImage(volume, str(path))
    with pytest.raises(BadInput, match="2 frames or slices"):
        read_picture(path)
    picture = read_picture(path, 1)
    np.testing.assert_array_equal(picture.pixels, np.flipud(still))
    assert picture.scale is not None and picture.scale.source == "volume geometry" and not picture.scale.confirmed
    assert (picture.scale.mm_per_px_x, picture.scale.mm_per_px_y) == pytest.approx((0.2, 0.3))
    flat = sitk.GetImageFromArray(still)
    flat_path = tmp_path / f"flat{suffix}"
    sitk.WriteImage(flat, str(flat_path))
    unknown = read_picture(flat_path)
    assert unknown.scale is None and any("1 mm" in note for note in unknown.notes)


def test_arrays_of_every_shape(still: np.ndarray) -> None:
    rgb = np.stack([still] * 3, -1)
    for array in (still, rgb, still[None], rgb[None], np.dstack([rgb, still])):
        np.testing.assert_array_equal(picture_from_array(array).grey(), still)
    stack = np.stack([still, np.fliplr(still)])
    assert picture_from_array(stack, frame=1).frame == 1
    one = picture_from_array(still, frame=6, spacing_mm=(0.1, 0.1))
    assert (one.frame, one.frame_count) == (6, 7)
    assert one.scale is not None and one.scale.mm_per_px_x == 0.1
    kept = picture_from_array(still.astype(np.float32))
    np.testing.assert_array_equal(kept.pixels, still)
    assert kept.notes == ()


def test_strange_paths_work(tmp_path: Path, still: np.ndarray, make_dicom: Callable[..., Path]) -> None:
    import SimpleITK as sitk

    folder = tmp_path / "Bilder größer 胎児 é" / ("x" * 120) / ("y" * 120)
    folder.mkdir(parents=True)
    Image.fromarray(still).save(folder / "Kopf ä.png")
    sitk.WriteImage(sitk.GetImageFromArray(still), str(folder / "Kopf ä.nrrd"))
    make_dicom(still, "k.dcm").rename(folder / "Kopf ä.dcm")
    found = list_pictures(folder)
    assert len(found) == 3
    for path in found:
        np.testing.assert_array_equal(read_picture(path).pixels, still)


def test_folder_listing_is_natural_and_skips_the_rest(tmp_path: Path, still: np.ndarray) -> None:
    for name in ("b10.png", "b2.png", "a.JPG", ".hidden.png"):
        Image.fromarray(still).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "deeper").mkdir()
    Image.fromarray(still).save(tmp_path / "deeper" / "c.png")
    assert [p.name for p in list_pictures(tmp_path)] == ["a.JPG", "b2.png", "b10.png"]
    assert len(list_pictures(tmp_path, recursive=True)) == 4


@pytest.mark.data
def test_sample_dicom_files(sharedData: Path) -> None:
    folder = sharedData / "fetal" / "ultrasound_dicom"
    read = 0
    for path in list_pictures(folder):
        frame = 0 if frame_count(path) > 1 else None
        if path.name == "US1_UNCI.dcm":  # power Doppler
            with pytest.raises(BadInput, match="color"):
                read_picture(path, frame)
            continue
        picture = read_picture(path, frame)
        assert picture.dicom is not None and picture.regions
        read += 1
    assert read == 5


@pytest.mark.data
def test_no_real_still_is_refused(sharedData: Path) -> None:
    fetal = sharedData / "fetal"
    seen = 0
    for folder in ("hc18", "head_structures", "fetal_planes", "focus_four_chamber", "caliper_screens"):
        for path in list_pictures(fetal / folder / "images")[::9]:
            read_picture(path)
            seen += 1
    assert seen > 100
