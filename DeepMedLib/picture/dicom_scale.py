"""What a DICOM header says about the size of a frame's pixels: regions, spacings with their meaning, pixel aspect.

Tags and their meaning: DICOM PS3.3, 10.7.1 (pixel spacing and its calibration), C.8.5.5 (ultrasound regions), C.8.11
(digital X-ray), C.7.6.3.1.7 (pixel aspect ratio), C.7.6.16.2.1 (pixel measures of a frame).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from DeepMedLib.dicom import modality_of, stated_number
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.kind import SCREEN_MODALITIES, PictureKind
from DeepMedLib.picture.regions import UltrasoundRegion, regions_of, usable
from DeepMedLib.picture.scale import FILM, LARGEST_MAGNIFICATION, Scale, screen_resolution

UNKNOWN_MM = (1.0, 1.0)
"""Spacing that converters write when the size of a pixel is unknown."""
_LARGEST_ASPECT = 5.0
_CALIBRATIONS = {"FIDUCIAL": "calibrated on an object", "GEOMETRY": "corrected by the machine's geometry"}


@dataclass(frozen=True)
class StatedSize:
    """What the header says.

    Attributes:
        regions: of this frame.
        scale: of the whole picture; None when nothing is stated.
        aspect: height of a pixel over its width.
        notes: remarks, in sentences.
    """

    regions: tuple[UltrasoundRegion, ...]
    scale: Scale | None
    aspect: float
    notes: tuple[str, ...]


def stated_size(dataset: Any, index: int, kind: PictureKind) -> StatedSize:
    """Read the header for one frame (from 0).

    Raises:
        BadInput: a spacing is no positive number, or not possible in such a picture.
    """
    notes: list[str] = []
    regions = _frame_regions(dataset, index)
    find = _Spacings(dataset, index, notes)
    scale = _projection_scale(dataset, find, kind, notes) if kind.projection else _picture_scale(dataset, find, notes)
    if scale is not None:
        kind.checked(scale)
        dpi = screen_resolution(scale) if scale.source.endswith("PixelSpacing") else None
        if dpi is not None:
            note = f"This is the pixel of a {dpi}-dpi screen, not of the body: set the scale."
            scale = replace(scale, confirmed=False, note=f"{note} {scale.note}".strip())
    aspect = scale.aspect if scale is not None else _region_aspect(regions) or stated_aspect(dataset)
    if not 1 / _LARGEST_ASPECT < aspect < _LARGEST_ASPECT:
        raise BadInput(f"The DICOM file states pixels {aspect:g} times as high as wide.", "Correct the tag.")
    return StatedSize(regions, scale, aspect, tuple(notes))


def stated_aspect(dataset: Any) -> float:
    """Height of a pixel over its width by PixelAspectRatio (vertical, horizontal); 1 where it is not stated."""
    value = dataset.get("PixelAspectRatio")
    if value is None or isinstance(value, (str, bytes)) or not hasattr(value, "__len__") or len(value) != 2:
        return 1.0
    vertical, horizontal = stated_number(value[0]), stated_number(value[1])
    return vertical / horizontal if vertical and horizontal and vertical > 0 and horizontal > 0 else 1.0


def stated_magnification(dataset: Any) -> float | None:
    """Magnification of the object's plane as the machine states it, else from its distances; None if unknown."""
    given = stated_number(dataset.get("EstimatedRadiographicMagnificationFactor"))
    if given is None:
        detector = stated_number(dataset.get("DistanceSourceToDetector"))
        patient = stated_number(dataset.get("DistanceSourceToPatient"))
        given = detector / patient if detector and patient else None
    return given if given is not None and 1.0 <= given <= LARGEST_MAGNIFICATION else None


class _Spacings:
    """Looks a spacing up: in this frame's own groups, in those of all frames, in the data set itself."""

    def __init__(self, dataset: Any, index: int, notes: list[str]) -> None:
        self._holders = [*_groups(dataset, index), dataset]
        self._notes = notes

    def __call__(self, keyword: str) -> tuple[float, float] | None:
        """(x, y) mm; None where it is not stated, or with a remark where what is stated means nothing.

        Raises:
            BadInput: a value is zero, negative or not a number.
        """
        for holder in self._holders:
            value = holder.get(keyword)
            if value is None or value == "":
                continue
            if isinstance(value, (str, bytes)) or not hasattr(value, "__len__") or len(value) != 2:
                if not hasattr(value, "__len__") or len(value):
                    self._notes.append(f"The DICOM file states a {keyword} that is no pair of numbers: it was ignored.")
                continue
            x, y = stated_number(value[1]), stated_number(value[0])  # DICOM's order is row, column
            if x is None or y is None or x <= 0 or y <= 0:
                raise BadInput(
                    f"The DICOM file states a {keyword} that is zero, negative or not a number.",
                    "Correct the tag or export the file again.",
                )
            if (x, y) == UNKNOWN_MM:
                self._notes.append(
                    f"{keyword} of exactly 1 mm was ignored: converters write it when the size is unknown."
                )
                continue
            return x, y
        return None


def _groups(dataset: Any, index: int) -> Iterator[Any]:
    """Items of the functional groups that hold spacings: this frame's first, then those of all frames."""
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    for group in ([frames[index]] if index < len(frames) else []) + list(shared[:1]):
        for keyword in ("PixelMeasuresSequence", "FramePixelDataPropertiesSequence"):
            yield from (group.get(keyword) or [])[:1]


def _picture_scale(dataset: Any, find: _Spacings, notes: list[str]) -> Scale | None:
    """Of a picture that is no projection."""
    pixel = find("PixelSpacing")
    if pixel is not None:
        modality = modality_of(dataset)
        if modality not in SCREEN_MODALITIES or str(dataset.get("PixelSpacingCalibrationType", "") or ""):
            return Scale(*pixel, "DICOM PixelSpacing")
        note = "The file is a screen picture, whose pixel size may be the screen's: check it on the ruler."
        return Scale(*pixel, "DICOM PixelSpacing", False, note)
    imager = find("ImagerPixelSpacing")
    if imager is not None:
        note = "ImagerPixelSpacing is the size at the detector, not in the body: check it on the ruler."
        return Scale(*imager, "DICOM ImagerPixelSpacing", False, note)
    nominal = find("NominalScannedPixelSpacing")
    if nominal is not None:
        note = "This is the size on the paper that was scanned, not in the body: check it on the ruler."
        return Scale(*nominal, "DICOM NominalScannedPixelSpacing", False, note)
    return None


def _projection_scale(dataset: Any, find: _Spacings, kind: PictureKind, notes: list[str]) -> Scale | None:
    """Of an X-ray film.

    ImagerPixelSpacing is that of the detector: lengths in the object are it over the magnification. PixelSpacing that
    differs from it, or that names its calibration, was calibrated on something in the picture or by the geometry.
    """
    imager, pixel = find("ImagerPixelSpacing"), find("PixelSpacing")
    calibration = str(dataset.get("PixelSpacingCalibrationType", "") or "").upper()
    magnification = stated_magnification(dataset)
    if imager is not None and pixel is not None and not 0.99 <= imager[0] / pixel[0] <= LARGEST_MAGNIFICATION:
        than = "larger than the detector's" if pixel[0] > imager[0] else "less than half of the detector's"
        notes.append(
            f"PixelSpacing of {pixel[0]:g} mm is {than}, {imager[0]:g} mm: no magnification does that, it was ignored."
        )
        pixel, calibration = None, ""
    differs = imager is not None and pixel is not None and not np.allclose(pixel, imager, rtol=1e-4)
    if pixel is not None and (calibration or differs):
        if magnification is None and imager is not None and 1.0 <= imager[0] / pixel[0]:
            magnification = imager[0] / pixel[0]
        how = _CALIBRATIONS.get(calibration, "differs from the detector’s")
        note = "" if calibration in _CALIBRATIONS else "The file does not say how its pixel size was calibrated."
        return Scale(
            *pixel,
            f"DICOM PixelSpacing, {how}",
            calibration in _CALIBRATIONS,
            note,
            plane=kind.object_plane,
            magnification=magnification,
        )
    found = imager or pixel or find("NominalScannedPixelSpacing")
    if found is None:
        notes.append("The DICOM file states no pixel size.")
        return None
    if imager is not None and magnification is not None:
        on_film = Scale(*found, "DICOM ImagerPixelSpacing and magnification", plane=FILM)
        return on_film.in_object(magnification, kind.object_plane)
    name = "ImagerPixelSpacing" if imager else "PixelSpacing" if pixel else "NominalScannedPixelSpacing"
    note = "Lengths are those on the film: the magnification (usually 8 to 14 %) is still in them."
    return Scale(*found, f"DICOM {name}", imager is not None, note, plane=FILM)


def _frame_regions(dataset: Any, index: int) -> tuple[UltrasoundRegion, ...]:
    """The regions of this frame: some scanners store them per frame, since zooming changes them inside a cine."""
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
    if index < len(frames):
        own = regions_of(frames[index])
        if own:
            return own
    return regions_of(dataset)


def _region_aspect(regions: tuple[UltrasoundRegion, ...]) -> float | None:
    """Height of a pixel over its width where all calibrated regions agree; None where they differ or there are none."""
    aspects = [region.mm_per_px[1] / region.mm_per_px[0] for region in usable(regions)]
    return aspects[0] if aspects and np.allclose(aspects, aspects[0], rtol=1e-3) else None
