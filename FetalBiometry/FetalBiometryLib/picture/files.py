"""Reading ultrasound stills: PNG, JPEG, TIFF, DICOM, NRRD, NIfTI, MetaImage, and arrays from a volume node.

Pixel coordinates everywhere: 0-based, (0, 0) = centre of the first pixel, x = column, y = row. Frames count from 0 here
and from 1 in words and in DICOM.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib import picture_files
from DeepMedLib.dicom import frames_in, open_dicom, quiet_pydicom
from DeepMedLib.errors import BadInput
from DeepMedLib.picture_files import to_grey
from FetalBiometryLib.picture.checks import LARGEST_PIXELS, check_content, check_size, to_uint8
from FetalBiometryLib.picture.dicom import DicomReference, pick_frame, read_dicom_frame
from FetalBiometryLib.picture.regions import UltrasoundRegion


@dataclass(frozen=True)
class Picture:
    """One still that passed the checks.

    Attributes:
        pixels: (H, W) grey or (H, W, 3) RGB, uint8.
        name: file or node name without its folder.
        frame: index of the frame, from 0.
        frame_count: frames (slices, pages) in the source.
        regions: the scanner's calibrated regions; empty when it states none.
        spacing_mm: (x, y) mm per pixel that the file states otherwise; None when it states none.
        spacing_source: "PixelSpacing", "ImagerPixelSpacing" or "volume geometry".
        notes: what the user should know, in sentences.
        color_share: share of saturated color in the inner picture.
        path: source file; None for a picture from an array.
        dicom: reference for a structured report; None when the source was not DICOM.
    """

    pixels: np.ndarray = field(repr=False)
    name: str
    frame: int = 0
    frame_count: int = 1
    regions: tuple[UltrasoundRegion, ...] = field(default=(), repr=False)
    spacing_mm: tuple[float, float] | None = None
    spacing_source: str = ""
    notes: tuple[str, ...] = ()
    color_share: float = 0.0
    path: Path | None = field(default=None, repr=False)
    dicom: DicomReference | None = None

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    def grey(self) -> np.ndarray:
        """(H, W) uint8."""
        return to_grey(self.pixels)


@dataclass(frozen=True)
class _Raw:
    """Decoded numbers before any check."""

    array: np.ndarray
    frame: int
    count: int
    spacing_mm: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


def read_picture(path: str | Path, frame: int | None = None) -> Picture:
    """Read and check one still.

    Args:
        path: PNG, JPEG, TIFF (also of several pages), BMP, DICOM (single or multi-frame), NRRD, NIfTI or MetaImage.
        frame: index of the frame, page or slice, from 0; needed when there are several.

    Raises:
        BadInput: anything about the file or the picture that keeps it from being measured, with a remedy.
        DependencyMissing: the package that reads this kind of file is not installed.
    """
    path = Path(path)
    kind = picture_files.kind_of(path)
    if kind == "dicom":
        found = read_dicom_frame(path, frame)
        return _checked(
            found.pixels,
            name=path.name,
            frame=found.frame,
            frame_count=found.frame_count,
            regions=found.regions,
            spacing_mm=found.spacing_mm,
            spacing_source=found.spacing_source,
            notes=found.notes,
            path=path,
            dicom=found.reference,
        )
    raw = _read_volume(path, frame) if kind == "volume" else _read_image(path, frame)
    return _checked(
        raw.array,
        name=path.name,
        frame=raw.frame,
        frame_count=raw.count,
        spacing_mm=raw.spacing_mm,
        spacing_source="volume geometry" if raw.spacing_mm else "",
        notes=raw.notes,
        path=path,
    )


def picture_from_array(
    array: np.ndarray,
    *,
    name: str = "picture",
    frame: int | None = None,
    spacing_mm: tuple[float, float] | None = None,
    regions: tuple[UltrasoundRegion, ...] = (),
    dicom: DicomReference | None = None,
) -> Picture:
    """The same checks for an array, e.g. of a volume node.

    Args:
        array: (H, W), (H, W, 3 or 4), (slices, H, W) or (slices, H, W, channels).
        frame: slice index from 0; needed when there are several slices.
        spacing_mm: (x, y) of the volume; exactly (1, 1) counts as unknown.
        regions: calibrated regions of the file behind the array, if known.
        dicom: reference of that file, if known.

    Raises:
        BadInput: as `read_picture`.
    """
    array = np.asarray(array)
    is_stack = array.ndim == 4 or (array.ndim == 3 and array.shape[2] not in (3, 4))
    count, index = 1, 0
    if is_stack:
        count = int(array.shape[0])
        index = pick_frame(count, frame, name)
        array = array[index]
    elif frame is not None:
        # A two-dimensional array cut from a sequence keeps the number of the frame it came from.
        index, count = frame, max(frame + 1, dicom.frame_count if dicom else 1)
    spacing, notes = _spacing(spacing_mm)
    return _checked(
        array,
        name=name,
        frame=index,
        frame_count=count,
        regions=regions,
        spacing_mm=spacing,
        spacing_source="volume geometry" if spacing else "",
        notes=notes,
        dicom=dicom,
    )


def frame_count(path: str | Path) -> int:
    """Number of frames, pages or slices in a file, without decoding them.

    Raises:
        BadInput: the file cannot be opened.
    """
    path = Path(path)
    kind = picture_files.kind_of(path)
    if kind == "dicom":
        dataset = open_dicom(path, with_pixels=False)
        with quiet_pydicom():
            return frames_in(dataset)
    if kind == "volume":
        return picture_files.volume_slices(picture_files.open_volume(path))
    with picture_files.open_image(path, LARGEST_PIXELS) as image:
        return picture_files.image_pages(image)


def list_pictures(folder: str | Path, recursive: bool = False) -> list[Path]:
    """Files of a folder that may be ultrasound pictures, in natural order; hidden files are skipped.

    Files without a known suffix count when they begin as DICOM files do.

    Raises:
        BadInput: the folder is missing, is no folder, or holds no picture.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder.name}.", "Check the path.")
    pattern = folder.rglob("*") if recursive else folder.glob("*")
    found = []
    for path in pattern:
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or not path.is_file() or path.name == "DICOMDIR":
            continue
        if picture_files.may_be_picture(path):
            found.append(path)
    if not found:
        raise BadInput(f"The folder {folder.name} holds no picture.", "Choose a folder with PNG, JPEG or DICOM files.")
    return picture_files.in_natural_order(found)


def _read_image(path: Path, frame: int | None) -> _Raw:
    try:
        image = picture_files.open_image(path, LARGEST_PIXELS)
    except BadInput:
        if picture_files.is_tiff(path):  # kinds of TIFF that Pillow lacks
            return _read_volume(path, frame, is_volume=False)
        raise
    with image:
        count = picture_files.image_pages(image)
        index = pick_frame(count, frame, path.name)
        check_size(image.height, image.width)
        return _Raw(picture_files.image_pixels(image, index, path.name), index, count)


def _read_volume(path: Path, frame: int | None, is_volume: bool = True) -> _Raw:
    reader = picture_files.open_volume(path)
    size, count = reader.GetSize(), picture_files.volume_slices(reader)
    index = pick_frame(count, frame, path.name)
    check_size(int(size[1]), int(size[0]))
    pixels = picture_files.volume_pixels(reader, path)[index]
    spacing, notes = _spacing(reader.GetSpacing()[:2]) if is_volume else (None, ())
    return _Raw(pixels, index, count, spacing, notes)


def _spacing(spacing: tuple[float, ...] | None) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Check a volume's (x, y) spacing; (1, 1) is what converters write when they do not know."""
    if spacing is None:
        return None, ()
    if len(spacing) < 2 or not all(math.isfinite(v) and v > 0 for v in spacing[:2]):
        raise BadInput(
            "The pixel size of the picture is zero, negative or not a number.",
            "Correct the volume's spacing, or set the scale by the ruler or two clicks.",
        )
    pair = (float(spacing[0]), float(spacing[1]))
    if pair == (1.0, 1.0):
        return None, ("A spacing of exactly 1 mm was ignored: it is written when the pixel size is unknown.",)
    return pair, ()


def _checked(array: np.ndarray, *, name: str, notes: tuple[str, ...], **rest: Any) -> Picture:
    """Bring the numbers into the picture's form, run the checks and build the picture."""
    array = np.asarray(array)
    if array.ndim == 3 and array.shape[2] == 4:
        array = array[..., :3]
    elif array.ndim == 3 and array.shape[2] in (1, 2):
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise BadInput(f"{name} is not a two-dimensional picture.", "Choose one slice or frame.")
    check_size(array.shape[0], array.shape[1])
    pixels, note = to_uint8(array)
    if pixels.ndim == 3:
        spread = pixels.max(2).astype(np.int16) - pixels.min(2)
        if int(spread.max()) <= 12:  # grey stored as color; JPEG leaves a few levels of difference
            pixels = to_grey(pixels)
    share = check_content(pixels)
    return Picture(
        np.ascontiguousarray(pixels),
        name,
        notes=(*notes, *([note] if note else [])),
        color_share=share,
        **rest,
    )
