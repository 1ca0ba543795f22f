"""One film out of a DICOM file: pixels with bright bone, and the scale that the header states, magnification included.

Tags and their meaning: DICOM PS3.3, C.8.11 (digital X-ray), C.7.6.3.1.2 (photometric interpretation) and 10.7.1.3
(pixel spacing and its calibration).
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput, DependencyMissing

from .film_scale import FILM, HEAD, FilmScale

DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
_FILMS = ("DX", "CR", "RG", "RF", "XA", "PX", "IO")
_SCREEN = ("SC", "OT", "XC", "")
_SLICES = ("CT", "MR", "PT", "NM")
_PROJECT = "Load the whole series and make a lateral projection of it (--project on its folder)."


@dataclass(frozen=True)
class DicomFilm:
    """What a file holds: pixels (H, W) or (H, W, 3), the stated scale, the pixel's height over its width, remarks."""

    pixels: np.ndarray = field(repr=False)
    scale: FilmScale | None
    aspect: float
    notes: tuple[str, ...]


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence pydicom's warnings and log, which may quote header values."""
    log = logging.getLogger("pydicom")
    before = log.disabled
    log.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = before


def looks_like_dicom(head: bytes) -> bool:
    """Judge by the first 132 bytes: preamble with DICM, or a data set of group 8 (or 2) without preamble."""
    return head[128:132] == b"DICM" or head[:4] in (b"\x08\x00\x05\x00", b"\x08\x00\x00\x00", b"\x02\x00\x00\x00")


def open_dicom(path: Path, with_pixels: bool = True) -> Any:
    """The pydicom data set.

    Raises:
        BadInput: no DICOM file, or cut short.
        DependencyMissing: pydicom is not installed.
    """
    try:
        import pydicom
        from pydicom.errors import InvalidDicomError
    except ImportError:
        raise DependencyMissing("Reading DICOM needs the package pydicom.", "Install it: pip install pydicom") from None
    try:
        with path.open("rb") as file:
            head = file.read(132)
        forced = head[128:132] != b"DICM" and looks_like_dicom(head)
        with quiet_pydicom():
            dataset = pydicom.dcmread(str(path), stop_before_pixels=not with_pixels, force=forced)
            empty = "SOPClassUID" not in dataset
    except InvalidDicomError:
        raise BadInput(
            f"{path.name} is not a DICOM file, though its name says so.", "Give the original DICOM file."
        ) from None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or 'input error'}).", "Check the file.") from None
    except Exception:
        raise BadInput(f"{path.name} is a damaged DICOM file.", "Export it from its source again.") from None
    if empty:
        raise BadInput(f"{path.name} is a damaged DICOM file.", "Export it from its source again.")
    return dataset


def read_dicom_film(path: Path) -> DicomFilm:
    """Decode the film.

    Raises:
        BadInput: damaged, no film, several frames, or a spacing that is no positive number.
    """
    dataset = open_dicom(path)
    with quiet_pydicom():
        modality = str(dataset.get("Modality", "") or "")
        if modality in _SLICES:
            raise BadInput(f"{path.name} is one slice of a {modality} series, not a film.", _PROJECT)
        if modality not in _FILMS + _SCREEN:
            raise BadInput(
                f"{path.name} is of modality {modality[:16]}, not an X-ray film.", "Give a lateral cephalogram."
            )
        if not any(k in dataset for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            raise BadInput(f"{path.name} holds no picture, or it is cut short.", "Choose the DICOM file of the film.")
        frames = _number(dataset.get("NumberOfFrames")) or 1
        if frames > 1:
            raise BadInput(f"{path.name} holds {int(frames)} frames, not one film.", "Export the frame with the film.")
        notes = []
        if modality not in _FILMS:
            notes.append("The DICOM file does not say that it is an X-ray film (a screen picture or a scan?).")
        pixels = _decode(dataset, path)
        scale, aspect, note = stated_scale(dataset)
        return DicomFilm(pixels, scale, aspect, tuple(notes + ([note] if note else [])))


def _decode(dataset: Any, path: Path) -> np.ndarray:
    try:
        from pydicom.pixels import apply_modality_lut, pixel_array

        pixels = np.asarray(pixel_array(dataset))
        if "ModalityLUTSequence" in dataset:  # a plain slope and intercept changes nothing that is used here
            pixels = np.asarray(apply_modality_lut(pixels, dataset))
    except Exception:
        pixels = _decode_with_itk(path)
    interpretation = str(dataset.get("PhotometricInterpretation", ""))
    inverse = str(dataset.get("PresentationLUTShape", "")) == "INVERSE" and interpretation != "MONOCHROME1"
    if interpretation == "MONOCHROME1" or inverse:
        # White is low: turned within the stored range, so that bone is bright as in every other film.
        pixels = (int(pixels.max()) + int(pixels.min()) - pixels.astype(np.int64)).astype(pixels.dtype)
    return pixels


def _decode_with_itk(path: Path) -> np.ndarray:
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        array = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    except RuntimeError:
        raise BadInput(
            f"The picture in {path.name} is cut short or compressed in a way that cannot be read.",
            "Export it again, uncompressed or as JPEG.",
        ) from None
    return array[0] if array.ndim > 2 and array.shape[0] == 1 else array


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _pair(dataset: Any, keyword: str) -> tuple[float, float] | None:
    """DICOM spacing is row, column; returned as x, y. None when it is absent or the 1 mm of converters.

    Raises:
        BadInput: a value is zero, negative or not a number.
    """
    value = dataset.get(keyword)
    if value is None or isinstance(value, (str, bytes)) or len(value) != 2:
        return None
    x, y = _number(value[1]), _number(value[0])
    if x is None or y is None or x <= 0 or y <= 0:
        raise BadInput(
            f"The DICOM file states a {keyword} that is zero, negative or not a number.",
            "Correct the tag or export the file again.",
        )
    return None if (x, y) == (1.0, 1.0) else (x, y)


def stated_magnification(dataset: Any) -> float | None:
    """Magnification of the mid-sagittal plane as the machine states it, else from its distances; None if unknown."""
    given = _number(dataset.get("EstimatedRadiographicMagnificationFactor"))
    if given is None:
        detector = _number(dataset.get("DistanceSourceToDetector"))
        patient = _number(dataset.get("DistanceSourceToPatient"))
        given = detector / patient if detector and patient else None
    return given if given is not None and 1.0 <= given <= 2.0 else None


def stated_scale(dataset: Any) -> tuple[FilmScale | None, float, str]:
    """What the header says about the pixel size: scale (None when nothing), pixel aspect, and a remark.

    ImagerPixelSpacing is that of the detector: head lengths are it over the magnification. PixelSpacing that differs
    from it, or that names its calibration, was calibrated on something in the picture or by the geometry.

    Raises:
        BadInput: a spacing that is no positive number.
    """
    imager, pixel = _pair(dataset, "ImagerPixelSpacing"), _pair(dataset, "PixelSpacing")
    nominal = _pair(dataset, "NominalScannedPixelSpacing")
    calibration = str(dataset.get("PixelSpacingCalibrationType", "") or "").upper()
    magnification = stated_magnification(dataset)
    if pixel is not None and (calibration or (imager is not None and not np.allclose(pixel, imager, rtol=1e-4))):
        how = {"FIDUCIAL": "calibrated on an object", "GEOMETRY": "corrected by the machine's geometry"}
        if magnification is None and imager is not None and 1.0 <= imager[0] / pixel[0] <= 2.0:
            magnification = imager[0] / pixel[0]
        source = f"DICOM PixelSpacing, {how.get(calibration, 'differs from the detector’s')}"
        note = "" if calibration in how else "The file does not say how its pixel size was calibrated."
        scale = FilmScale(*pixel, source, HEAD, magnification, calibration in how, note)
        return scale, scale.aspect, ""
    found = imager or pixel or nominal
    if found is None:
        return None, 1.0, "The DICOM file states no pixel size."
    name = "ImagerPixelSpacing" if imager else "PixelSpacing" if pixel else "NominalScannedPixelSpacing"
    scale = FilmScale(*found, f"DICOM {name}", FILM, None, bool(imager))
    if magnification is not None and imager is not None:
        corrected = scale.in_head(magnification)
        return (
            FilmScale(
                corrected.mm_per_px_x,
                corrected.mm_per_px_y,
                "DICOM ImagerPixelSpacing and magnification",
                HEAD,
                magnification,
            ),
            scale.aspect,
            "",
        )
    note = "Lengths are those on the film: the magnification (usually 8 to 14 %) is still in them."
    return FilmScale(*found, f"DICOM {name}", FILM, None, bool(imager), note), scale.aspect, ""
