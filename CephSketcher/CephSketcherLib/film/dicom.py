"""One film out of a DICOM file: pixels with bright bone, and the scale that the header states, magnification included.

Tags and their meaning: DICOM PS3.3, C.8.11 (digital X-ray) and 10.7.1.3 (pixel spacing and its calibration).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.film.scale import FILM, HEAD, FilmScale
from DeepMedLib import dicom
from DeepMedLib.errors import BadInput

_FILMS = ("DX", "CR", "RG", "RF", "XA", "PX", "IO")
_SLICES = ("CT", "MR", "PT", "NM")
_PROJECT = "Load the whole series and make a lateral projection of it (--project on its folder)."


@dataclass(frozen=True)
class DicomFilm:
    """What a file holds: pixels (H, W) or (H, W, 3), the stated scale, the pixel's height over its width, remarks."""

    pixels: np.ndarray = field(repr=False)
    scale: FilmScale | None
    aspect: float
    notes: tuple[str, ...]


def read_dicom_film(path: Path) -> DicomFilm:
    """Decode the film.

    Raises:
        BadInput: damaged, no film, several frames, or a spacing that is no positive number.
    """
    dataset = dicom.open_dicom(path)
    with dicom.quiet_pydicom():
        modality = dicom.modality_of(dataset)
        if modality in _SLICES:
            raise BadInput(f"{path.name} is one slice of a {modality} series, not a film.", _PROJECT)
        if modality not in _FILMS + dicom.SCREEN_MODALITIES:
            raise BadInput(
                f"{path.name} is of modality {modality[:16]}, not an X-ray film.", "Give a lateral cephalogram."
            )
        dicom.check_has_pixels(dataset, path)
        frames = dicom.frames_in(dataset)
        if frames > 1:
            raise BadInput(f"{path.name} holds {frames} frames, not one film.", "Export the frame with the film.")
        notes = []
        if modality not in _FILMS:
            notes.append("The DICOM file does not say that it is an X-ray film (a screen picture or a scan?).")
        pixels = dicom.decode_frame(dataset, path)
        scale, aspect, note = stated_scale(dataset)
        return DicomFilm(pixels, scale, aspect, tuple(notes + ([note] if note else [])))


def _pair(dataset: Any, keyword: str) -> tuple[float, float] | None:
    """A spacing as (x, y) mm; None where it is absent or the 1 mm of converters."""
    found = dicom.stated_spacing(dataset, keyword)
    return None if found == dicom.UNKNOWN_MM else found


def stated_magnification(dataset: Any) -> float | None:
    """Magnification of the mid-sagittal plane as the machine states it, else from its distances; None if unknown."""
    given = dicom.stated_number(dataset.get("EstimatedRadiographicMagnificationFactor"))
    if given is None:
        detector = dicom.stated_number(dataset.get("DistanceSourceToDetector"))
        patient = dicom.stated_number(dataset.get("DistanceSourceToPatient"))
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
