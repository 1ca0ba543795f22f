"""Reading pictures and films of all kinds: PNG, JPEG, TIFF, BMP, DICOM, NRRD, NIfTI, MetaImage, and plain arrays.

Files are known by their content; their names matter only in lists of a folder.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from DeepMedLib import dicom
from DeepMedLib.errors import BadInput
from DeepMedLib.file_kinds import DICOM, IMAGE, VOLUME_KINDS, head_of_file, in_natural_order, kind_of_head
from DeepMedLib.picture import dicom_pixels, images, volume_files
from DeepMedLib.picture.dicom_scale import UNKNOWN_MM, stated_size
from DeepMedLib.picture.grey import as_shown
from DeepMedLib.picture.kind import PictureKind
from DeepMedLib.picture.picture import DicomReference, Origin, Picture
from DeepMedLib.picture.scale import FILM, Scale

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".tif", ".tiff", ".bmp")
_SUFFIXES = (*IMAGE_SUFFIXES, *dicom.SUFFIXES, *volume_files.SUFFIXES)
_LARGEST_ASPECT = 5.0


def kind_of(path: Path) -> str:
    """`DICOM`, `IMAGE` or one of `VOLUME_KINDS`, by content.

    Raises:
        BadInput: missing, a folder, empty, unreadable or of no known kind.
    """
    kind = kind_of_head(head_of_file(path))
    if kind in (DICOM, IMAGE, *VOLUME_KINDS):
        return kind
    if path.name.lower().endswith(_SUFFIXES):
        raise BadInput(f"{path.name} is damaged or not what its name says.", images.EXPORT_AGAIN)
    raise BadInput(f"{path.name} is of a kind that cannot be read.", "Give a PNG, JPEG, TIFF, DICOM or NRRD file.")


def read_picture(path: str | Path, kind: PictureKind, frame: int | None = None) -> Picture:
    """Read one still or film and let its module check it.

    Args:
        kind: what the module takes.
        frame: index of the frame, page or slice, from 0; needed when there are several.

    Raises:
        BadInput: anything about the file or the picture that keeps it from being used, with a remedy.
        DependencyMissing: the package that reads this kind of file is not installed.
    """
    path = Path(path)
    content = kind_of(path)
    if content == DICOM:
        array, origin = _read_dicom(path, kind, frame)
    elif content == IMAGE:
        array, origin = _read_image(path, kind, frame)
    else:
        array, origin = _read_volume(path, content, kind, frame)
    return made_picture(array, origin, kind, path)


def made_picture(array: np.ndarray, origin: Origin, kind: PictureKind, path: Path | None = None) -> Picture:
    """Decoded numbers as a picture that passed the module's check.

    Raises:
        BadInput: no plane of finite numbers, of a size that the module does not take, or refused by its check.
    """
    pixels = as_shown(array, origin.name)
    kind.check_size(pixels.shape[0], pixels.shape[1], origin.name)
    picture = Picture(pixels, origin, path)
    return picture if kind.check is None else kind.check(picture)


def picture_from_array(
    array: np.ndarray,
    kind: PictureKind,
    name: str = "picture",
    frame: int | None = None,
    spacing_mm: tuple[float, float] | None = None,
) -> Picture:
    """The same for an array, e.g. of a volume node.

    Args:
        array: (H, W), (H, W, 3 or 4), (slices, H, W) or (slices, H, W, channels).
        frame: slice index from 0; needed when there are several slices.
        spacing_mm: (x, y) of the volume; exactly (1, 1) counts as unknown.

    Raises:
        BadInput: as `read_picture`.
    """
    array = np.asarray(array)
    is_stack = array.ndim == 4 or (array.ndim == 3 and (array.shape[2] not in (3, 4) or array.shape[0] == 1))
    count, index = 1, 0
    if is_stack:
        count = int(array.shape[0])
        index = kind.pick_frame(count, frame, name)
        array = array[index]
    elif frame is not None:
        # A two-dimensional array cut from a sequence keeps the number of the frame it came from.
        index, count = frame, frame + 1
    scale, aspect, notes = volume_scale(spacing_mm, kind)
    return made_picture(array, Origin(name, index, count, scale=scale, aspect=aspect, notes=notes), kind)


def volume_scale(spacing: tuple[float, ...] | None, kind: PictureKind) -> tuple[Scale | None, float, tuple[str, ...]]:
    """What a volume's (x, y) spacing says: scale, pixel aspect, remarks. (1, 1) is written when it is not known.

    Raises:
        BadInput: no positive numbers, or not possible in such a picture.
    """
    if spacing is None:
        return None, 1.0, ()
    if len(spacing) < 2 or not all(math.isfinite(v) and v > 0 for v in spacing[:2]):
        raise BadInput(
            "The pixel size of the picture is zero, negative or not a number.",
            "Correct the volume's spacing, or set the scale by hand.",
        )
    x, y = float(spacing[0]), float(spacing[1])
    if not 1 / _LARGEST_ASPECT < y / x < _LARGEST_ASPECT:
        raise BadInput(f"The picture has pixels {y / x:g} times as high as wide.", "Correct the volume's spacing.")
    if (x, y) == UNKNOWN_MM:
        return None, 1.0, ("A spacing of exactly 1 mm was ignored: it is written when the pixel size is unknown.",)
    if kind.projection:
        note = f"It is not known whether this pixel size is that of the film or of the {kind.object_plane}."
        scale = Scale(x, y, "volume geometry", False, note, plane=FILM)
    else:
        note = (
            "The pixel size comes from the file's geometry, which conversion may have invented: check it on the ruler."
        )
        scale = Scale(x, y, "volume geometry", False, note)
    return kind.checked(scale), scale.aspect, ()


def frame_count(path: str | Path) -> int:
    """Number of frames, pages or slices in a file, without decoding them.

    Raises:
        BadInput: the file cannot be opened.
    """
    path = Path(path)
    content = kind_of(path)
    if content == DICOM:
        dataset = dicom.open_dicom(path, with_pixels=False)
        with dicom.quiet_pydicom():
            return dicom.frames_in(dataset)
    if content == IMAGE:
        with images.open_image(path, 2**31) as image:
            return images.pages_of(image)
    with volume_files.open_volume(path, content) as reader:
        return volume_files.slices_of(reader)


def may_be_picture(path: Path) -> bool:
    """Judge a file of a folder by its name; without a known suffix it counts when it begins as DICOM files do."""
    return path.name.lower().endswith(_SUFFIXES) or dicom.begins_as_dicom(path)


def list_pictures(folder: str | Path, noun: str = "picture", recursive: bool = False) -> list[Path]:
    """Files of a folder that may be pictures, in natural order; hidden files are skipped.

    Args:
        noun: what the refusal calls them.

    Raises:
        BadInput: the folder is missing, is no folder, or holds none.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder.name}.", "Check the path.")
    found = []
    for path in folder.rglob("*") if recursive else folder.glob("*"):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or not path.is_file() or path.name == "DICOMDIR":
            continue
        if may_be_picture(path):
            found.append(path)
    if not found:
        raise BadInput(f"The folder {folder.name} holds no {noun}.", "Choose a folder with PNG, JPEG or DICOM files.")
    return in_natural_order(found)


def _read_image(path: Path, kind: PictureKind, frame: int | None) -> tuple[np.ndarray, Origin]:
    with images.open_image(path, kind.largest_pixels) as image:
        count = images.pages_of(image)
        index = kind.pick_frame(count, frame, path.name)
        images.turn_to(image, index, path)
        kind.check_size(image.height, image.width, path.name)  # each page has a size of its own
        return images.pixels_of(image, path), Origin(path.name, index, count)


def _read_volume(path: Path, content: str, kind: PictureKind, frame: int | None) -> tuple[np.ndarray, Origin]:
    with volume_files.open_volume(path, content) as reader:
        size, count = reader.GetSize(), volume_files.slices_of(reader)
        index = kind.pick_frame(count, frame, path.name)
        kind.check_size(int(size[1]), int(size[0]), path.name)
        pixels = volume_files.pixels_of(reader, path)[index]
        scale, aspect, notes = volume_scale(reader.GetSpacing()[:2], kind)
        return pixels, Origin(path.name, index, count, scale=scale, aspect=aspect, notes=notes)


def _read_dicom(path: Path, kind: PictureKind, frame: int | None) -> tuple[np.ndarray, Origin]:
    dataset = dicom.open_dicom(path)
    with dicom.quiet_pydicom():
        origin = _dicom_origin(dataset, path.name, kind, frame)
        dicom_pixels.check_has_pixels(dataset, path)
        kind.check_size(int(dataset.Rows), int(dataset.Columns), path.name)
        pixels, notes = dicom_pixels.decode_frame(dataset, path, origin.frame)
        return pixels, replace(origin, notes=(*origin.notes, *notes))


def dicom_origin(path: str | Path, kind: PictureKind, frame: int | None = None) -> Origin:
    """What the header of a DICOM file says, without decoding its pixels.

    Raises:
        BadInput: no DICOM file, not of the module's modalities, or a spacing that is not possible.
    """
    path = Path(path)
    dataset = dicom.open_dicom(path, with_pixels=False)
    with dicom.quiet_pydicom():
        return _dicom_origin(dataset, path.name, kind, frame)


def _dicom_origin(dataset: object, name: str, kind: PictureKind, frame: int | None) -> Origin:
    modality, count = dicom.modality_of(dataset), dicom.frames_in(dataset)
    kind.check_modality(modality, name)
    index = kind.pick_frame(count, frame, name)
    size = stated_size(dataset, index, kind)
    notes = size.notes
    if modality not in kind.modalities:
        notes = (f"The DICOM file does not say that it is {kind.what} (a screen picture?).", *notes)
    keywords = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    uids = [str(dataset.get(keyword, "") or "") for keyword in keywords]  # type: ignore[attr-defined]
    reference = DicomReference(modality, count, *uids)
    return Origin(name, index, count, size.regions, size.scale, size.aspect, notes, reference)
