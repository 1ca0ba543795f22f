"""What is wrong with a picture is said in one sentence with a remedy."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.files import frame_count, list_pictures
from FetalBiometryLib.phantom.study import study_phantom
from FetalBiometryLib.picture import checks
from FetalBiometryLib.picture.checks import (
    NOISE_CORRELATION,
    NOISE_TAILS,
    check_content,
    color_share,
    neighbour_correlation,
    tails,
)
from FetalBiometryLib.picture.ultrasound import picture_from_array, read_picture


def refusal(path: Path, frame: int | None = None) -> str:
    """The message with which a file is refused; both sentences are checked."""
    with pytest.raises(BadInput) as caught:
        read_picture(path, frame)
    error = caught.value
    assert error.message.endswith(".") and error.remedy.endswith(".")
    assert str(path.parent) not in str(error)  # folders may carry a patient's name
    return error.message


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_truncated_image(tmp_path: Path, still: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    Image.fromarray(still).save(path)
    whole = path.read_bytes()
    for share in (0.5, 0.02):
        path.write_bytes(whole[: int(share * len(whole))])
        assert "cut short" in (text := refusal(path)) or "damaged" in text or "not a picture" in text


def test_truncated_dicom(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    path = make_dicom(still)
    whole = path.read_bytes()
    for size in (len(whole) // 2, 700, 140):
        path.write_bytes(whole[:size])
        assert refusal(path)


@pytest.mark.parametrize("suffix", [".nrrd", ".nii", ".mha"])
def test_truncated_or_false_volume(tmp_path: Path, still: np.ndarray, suffix: str) -> None:
    import SimpleITK as sitk

    path = tmp_path / f"v{suffix}"
    sitk.WriteImage(sitk.GetImageFromArray(still), str(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "cut short" in refusal(path)
    path.write_text("this is only text")
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("name", ["a.dcm", "a.png", "a.tif", "a.nrrd", "a.nii.gz"])
def test_text_and_empty_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("Dear colleague, please find enclosed ...")
    assert refusal(path)
    with pytest.raises(BadInput):
        frame_count(path)
    path.write_bytes(b"")
    assert "empty" in refusal(path)


def test_missing_folder_and_unknown_kind(tmp_path: Path) -> None:
    assert "no file" in refusal(tmp_path / "gone.png")
    assert "folder" in refusal(tmp_path)
    other = tmp_path / "letter.pdf"
    other.write_bytes(b"%PDF-1.7 ...")
    assert "kind" in refusal(other)
    assert refusal(tmp_path / ("n" * 400 + ".png"))
    with pytest.raises(BadInput, match="no folder"):
        list_pictures(tmp_path / "gone")
    with pytest.raises(BadInput, match="no picture"):
        list_pictures(tmp_path)


@pytest.mark.parametrize("size", [(1, 1), (63, 400), (400, 63)])
def test_tiny(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "tiny.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, size).astype(np.uint8)).save(path)
    assert "pixels" in refusal(path)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank(tmp_path: Path, level: int) -> None:
    path = tmp_path / "blank.png"
    Image.fromarray(np.full((300, 400), level, np.uint8)).save(path)
    assert "blank" in refusal(path)
    with pytest.raises(BadInput, match="blank"):
        picture_from_array(np.full((300, 400), 3.7))


def test_noise_is_told_from_ultrasound(tmp_path: Path, still: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    for noise in (
        rng.integers(0, 256, (300, 400)),
        rng.integers(0, 2, (300, 400)) * 255,
        rng.normal(120, 30, (300, 400)),
    ):
        Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(tmp_path / "n.png")
        assert "noise" in refusal(tmp_path / "n.png")
    Image.fromarray(rng.integers(0, 256, (300, 400)).astype(np.uint8)).save(tmp_path / "n.jpg", quality=60)
    assert "noise" in refusal(tmp_path / "n.jpg")
    Image.fromarray(rng.integers(0, 256, (300, 400, 3)).astype(np.uint8)).save(tmp_path / "c.png")
    assert refusal(tmp_path / "c.png")
    assert neighbour_correlation(still) > 0.5


def doppler(still: np.ndarray, radius: int = 40) -> np.ndarray:
    """A round patch of red and blue in the middle."""
    rgb = np.stack([still] * 3, -1)
    y, x = np.mgrid[: still.shape[0], : still.shape[1]]
    patch = np.hypot(y - still.shape[0] / 2, x - still.shape[1] / 2) < radius
    rgb[patch & (x > still.shape[1] / 2)] = (220, 40, 10)
    rgb[patch & (x <= still.shape[1] / 2)] = (10, 40, 220)
    return rgb


def test_color_doppler(tmp_path: Path, still: np.ndarray, make_dicom: Callable[..., Path]) -> None:
    Image.fromarray(doppler(still)).save(tmp_path / "d.png")
    assert "color" in refusal(tmp_path / "d.png")
    assert "color" in refusal(make_dicom(doppler(still), color=True))
    with pytest.raises(BadInput, match="color"):
        picture_from_array(doppler(still))


@pytest.mark.parametrize("color", [(60, 10, 0), (30, 0, 0), (10, 12, 50)])
def test_dark_power_doppler(still: np.ndarray, color: tuple[int, int, int]) -> None:
    """Weak flow is shown dark; speckle shines through."""
    rgb = np.stack([still] * 3, -1)
    y, x = np.mgrid[: still.shape[0], : still.shape[1]]
    patch = np.hypot(y - still.shape[0] / 2, x - still.shape[1] / 2) < 40
    rgb[patch] = color
    with pytest.raises(BadInput, match="color"):
        picture_from_array(rgb)
    grey = np.stack([still] * 3, -1)
    grey[:30], grey[:, :50] = color, color  # the background of a screen
    picture_from_array(grey)


def test_tinted_pictures_and_colored_calipers_are_not_doppler(still: np.ndarray) -> None:
    grey = still.astype(np.float32)
    sepia = np.stack([grey, 0.85 * grey, 0.6 * grey], -1).astype(np.uint8)
    assert color_share(sepia) == 0
    assert picture_from_array(sepia).pixels.ndim == 3
    marked = np.stack([still] * 3, -1)
    marked[130:132, 80:320] = (0, 255, 0)
    marked[60:200, 200:202] = (255, 255, 0)
    assert color_share(marked) == 0
    picture_from_array(marked)


def test_not_a_number(tmp_path: Path, still: np.ndarray) -> None:
    import SimpleITK as sitk

    for bad in (np.nan, np.inf):
        array = still.astype(np.float32)
        array[10, 10] = bad
        with pytest.raises(BadInput, match="not numbers"):
            picture_from_array(array)
    Image.fromarray(array).save(tmp_path / "inf.tif")
    assert "not numbers" in refusal(tmp_path / "inf.tif")
    sitk.WriteImage(sitk.GetImageFromArray(array), str(tmp_path / "inf.nrrd"))
    assert "not numbers" in refusal(tmp_path / "inf.nrrd")


def test_strange_arrays(still: np.ndarray) -> None:
    for array in (still[0], np.zeros((2, 3, 4, 5, 6)), np.empty((0, 0)), still.astype(complex), still.astype(str)):
        with pytest.raises(BadInput):
            picture_from_array(array)
    with pytest.raises(BadInput, match="30 frames"):
        picture_from_array(np.stack([still] * 30))


@pytest.mark.parametrize("spacing", [(0.0, 0.1), (-0.1, 0.1), (float("nan"), 0.1), (float("inf"), 0.1)])
def test_impossible_spacing(still: np.ndarray, make_dicom: Callable[..., Path], spacing: tuple[float, float]) -> None:
    with pytest.raises(BadInput, match="pixel size"):
        picture_from_array(still, spacing_mm=spacing)
    if np.isfinite(spacing[0]):
        path = make_dicom(still, PixelSpacing=list(spacing))
        assert "PixelSpacing" in refusal(path)


def test_zero_spacing_in_a_nifti_header(tmp_path: Path, still: np.ndarray) -> None:
    import SimpleITK as sitk

    path = tmp_path / "zero.nii"
    image = sitk.GetImageFromArray(still)
    image.SetSpacing((0.2, 0.2))
    sitk.WriteImage(image, str(path))
    raw = bytearray(path.read_bytes())
    raw[80:84] = struct.pack("<f", 0.0)  # pixdim[1]
    path.write_bytes(bytes(raw))
    try:
        picture = read_picture(path)
    except BadInput as error:
        assert error.remedy
    else:  # the reader may repair it; then it must not pass for a known size
        assert picture.scale is None or picture.scale.mm_per_px_x != 0.2


def test_zero_spacing_in_nrrd_header(tmp_path: Path, still: np.ndarray) -> None:
    header = "NRRD0004\ntype: unsigned char\ndimension: 2\nsizes: 400 270\nspacings: 0 0.2\nencoding: raw\n\n"
    path = tmp_path / "zero.nrrd"
    path.write_bytes(header.encode() + still.tobytes())
    assert refusal(path)


def test_other_modalities_are_named(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    assert "modality CT" in refusal(make_dicom(still, Modality="CT"))
    screen = read_picture(make_dicom(still, "screen.dcm", Modality="OT"))
    assert any("does not say that it is an ultrasound picture" in note for note in screen.notes)


def test_dicom_without_picture(make_dicom: Callable[..., Path], still: np.ndarray) -> None:
    import pydicom

    path = make_dicom(still)
    dataset = pydicom.dcmread(path)
    del dataset.PixelData
    dataset.save_as(path)
    assert "no picture" in refusal(path)


def test_header_values_stay_out_of_warnings(
    make_dicom: Callable[..., Path],
    still: np.ndarray,
    recwarn: pytest.WarningsRecorder,
    capfd: pytest.CaptureFixture[str],
) -> None:
    import pydicom

    path = make_dicom(still)
    dataset = pydicom.dcmread(path)
    pydicom.config.settings.reading_validation_mode = pydicom.config.WARN
    with pytest.warns(UserWarning):
        dataset.StudyDate = "Muster-born-1990"
    dataset.save_as(path)
    recwarn.clear()
    read_picture(path)
    said = " ".join(str(w.message) for w in recwarn) + "".join(capfd.readouterr())
    assert "Muster" not in said


@pytest.mark.data
def test_calipers_burned_in_do_not_count_as_color(sharedData: Path) -> None:
    for path in list_pictures(sharedData / "fetal" / "caliper_screens" / "images"):
        assert color_share(read_picture(path).pixels) == 0


def grained(seed: int, grain: float) -> np.ndarray:
    """(540, 800) noise of a grain, the same all over."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((540, 800)), grain)
    return np.clip(127 + 60 * noise / noise.std(), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("grain", [2.0, 6.0, 12.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_noise_of_any_grain_is_no_picture(seed: int, grain: float) -> None:
    assert neighbour_correlation(grained(seed, grain)) > NOISE_CORRELATION  # neighbors alone would let it pass
    with pytest.raises(BadInput, match="looks like noise"):
        check_content(grained(seed, grain))


def test_noise_that_fades_is_left_to_the_model() -> None:
    """The cheap test knows noise that is the same all over; what is unlike a fetus otherwise is the model's part."""
    fading = (grained(1, 6.0) * np.linspace(0.1, 1, 800)[None]).astype(np.uint8)
    assert picture_from_array(fading).pixels.shape == (540, 800)


@pytest.mark.parametrize("plane", ["head", "abdomen", "femur", "thorax"])
def test_drawn_pictures_stand_out_from_noise(plane: str) -> None:
    assert tails(study_phantom(2, 28.0)[plane].picture) > 2 * NOISE_TAILS


def test_ultrasound_stands_out_from_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the bound on both sides: what is just above it is looked at, what is just below it is not."""
    picture = study_phantom(2, 28.0)["thorax"].picture
    for factor, refused in ((0.999, False), (1.001, True)):
        monkeypatch.setattr(checks, "NOISE_TAILS", factor * tails(picture))
        if refused:
            with pytest.raises(BadInput, match="looks like noise"):
                check_content(picture)
        else:
            check_content(picture)
