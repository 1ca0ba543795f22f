"""Which DICOM slices of a folder are CT that can be read, and which are something else: each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.series.headers import SliceHeader, read_headers
from DeepMedLib.series.scan import REMEDY

_SCOUTS = ("LOCALIZER", "SCOUT", "TOPOGRAM")
_BY_POSITION = {  # rows and columns of axial slices as the patient lies
    "HFS": (1, 0, 0, 0, 1, 0),
    "HFP": (-1, 0, 0, 0, -1, 0),
    "FFS": (-1, 0, 0, 0, 1, 0),
    "FFP": (1, 0, 0, 0, -1, 0),
}
_NO_POSITION = "no ImagePositionPatient (0020,0032)"
_NO_ORIENTATION = "no ImageOrientationPatient (0020,0037) that can be used"
_NO_SPACING = "no PixelSpacing (0028,0030) that can be used"


@dataclass(frozen=True, eq=False)
class Sorted:
    """The slices of some files.

    Attributes:
        slices: CT with position, direction and pixel size.
        incomplete: CT slices that lack one of these, with what they lack.
        others: what is no CT slice, with what it is.
        faults: files that hold no slices, with the reason (see `headers.FileHeaders`).
        remarks: about what the places of slices were taken from.
    """

    slices: tuple[SliceHeader, ...]
    incomplete: tuple[tuple[SliceHeader, str], ...]
    others: tuple[tuple[SliceHeader, str], ...]
    faults: tuple[tuple[Path, str], ...]
    remarks: tuple[Remark, ...] = ()


def sort_files(files: Sequence[Path]) -> Sorted:
    """Read and sort the headers of files."""
    faults: list[tuple[Path, str]] = []
    headers: list[SliceHeader] = []
    for path in files:
        found = read_headers(path)
        headers += found.slices
        if found.fault:
            faults.append((path, found.fault))
    others = [(header, kind) for header in headers if (kind := _other(header))]
    apart = {id(header) for header, _ in others}
    candidates, remarks = _by_location([header for header in headers if id(header) not in apart])
    lacking = [(header, lack) for header in candidates if (lack := _lack(header))]
    apart = {id(header) for header, _ in lacking}
    slices = [header for header in candidates if id(header) not in apart]
    return Sorted(tuple(slices), tuple(lacking), tuple(others), tuple(faults), remarks)


def _other(header: SliceHeader) -> str:
    """What a slice is, where it is no CT slice; "" for CT."""
    if header.modality != "CT":
        return header.modality or "of no stated modality"
    if any(scout in word for word in header.image_type for scout in _SCOUTS):
        return "localizer"
    if header.samples != 1:
        return "color"
    if header.bits == 8:
        return "8 bit"
    if header.position is None and header.orientation is None and "SECONDARY" in header.image_type:
        return "secondary capture"
    if header.photometric == "MONOCHROME1":
        return "inverted"
    if header.slope == 0 or max(abs(header.slope or 0.0), abs(header.intercept or 0.0)) > LARGEST_RESCALE:
        return "without scale"
    return ""


_SENTENCES = {
    "localizer": ("The series is a localizer (scout view).", "Choose the axial series of the same examination."),
    "color": ("The series holds color pictures.", "Choose a CT series."),
    "8 bit": (
        "The slices hold 8 bit: these are pictures of a CT, not a CT in HU.",
        "Load the CT as it came from the scanner, in Hounsfield units.",
    ),
    "secondary capture": ("The series is a secondary capture (a screen picture).", "Choose a CT series."),
    "inverted": (
        "The slices are stored inverted (MONOCHROME1): these are pictures of a CT, not a CT in HU.",
        "Load the CT as it came from the scanner, in Hounsfield units.",
    ),
    "without scale": (
        "The slices state a Rescale Slope (0028,1053) of 0, or one or an Intercept that no CT has.",
        "Export the series again.",
    ),
}
LARGEST_RESCALE = 1e6  # HU, and HU a stored value
_PLURALS = {
    "localizer": "localizers",
    "color": "color pictures",
    "8 bit": "8 bit pictures",
    "secondary capture": "secondary captures",
    "inverted": "inverted pictures",
    "without scale": "slices with a Rescale Slope or Intercept that no CT has",
}
_FAULTS = {
    "damaged": ("damaged or no DICOM", "damaged DICOM files"),
    "too large": ("larger than any CT when it is unpacked", "files that are larger than any CT when unpacked"),
    "directory": ("a DICOMDIR without slices", ""),
    "no picture": ("a DICOM file without a picture (a report, a plan or the like)", "DICOM files without a picture"),
}


def refusal(others: Sequence[tuple[SliceHeader, str]]) -> BadInput:
    """The sentence for a series that is no CT."""
    kind = Counter(kind for _, kind in others).most_common(1)[0][0]
    message, remedy = _SENTENCES.get(kind, (f"The series is {kind}, not CT.", "Choose a CT series."))
    return BadInput(message, remedy)


def fault_refusal(path: Path, fault: str) -> BadInput:
    """The sentence for one file without slices."""
    return BadInput(f"{path.name} is {_FAULTS[fault][0]}.", "Give the folder of a CT series, or one of its slices.")


def nothing_readable(name: str, found: Sorted) -> BadInput:
    """The sentence where no slice can be read."""
    if found.incomplete:
        header, lack = found.incomplete[0]
        count = len(found.incomplete)
        which = f"The {count} slices state" if count > 1 else f"{header.path.name} states"
        remedy = "Export the series again from its source, with all elements of its headers."
        return BadInput(f"{which} {lack}.", remedy)
    if found.others:
        return refusal(found.others)
    if len(found.faults) == 1:
        return fault_refusal(*found.faults[0])
    if any(fault == "too large" for _, fault in found.faults):
        return BadInput(f"{name} holds files that are larger than any CT when unpacked.", "Export the series again.")
    return BadInput(f"{name} holds no DICOM slices.", REMEDY)


def left_out(found: Sorted) -> list[Remark]:
    """What a folder holds besides CT slices."""
    parts = []
    for kind, count in Counter(kind for _, kind in found.others).items():
        several = f"{count} {_PLURALS.get(kind, f'{kind} slices')}"
        parts.append(several if count > 1 else f"1 {kind if kind in _PLURALS else f'{kind} slice'}")
    for fault, count in Counter(fault for _, fault in found.faults).items():
        if fault in ("damaged", "too large"):
            parts.append(f"{count} {_FAULTS[fault][1]}" if count > 1 else f"1 file that is {_FAULTS[fault][0]}")
    if not parts:
        return []
    damaged = any(fault == "damaged" for _, fault in found.faults)
    return [Remark(f"Left out: {', '.join(parts)}.", Gravity.WARNING if damaged else Gravity.NOTE)]


def _by_location(slices: list[SliceHeader]) -> tuple[list[SliceHeader], tuple[Remark, ...]]:
    """Where no slice states a position, Slice Location may stand in: distances are known, the place is not."""
    series: dict[str, list[SliceHeader]] = {}
    for header in slices:
        series.setdefault(header.series, []).append(header)
    kept: list[SliceHeader] = []
    moved = False
    for members in series.values():
        if all(header.position is None and header.location is not None for header in members):
            placed = [_placed(header) for header in members]
            moved = moved or any(header.position is not None for header in placed)
            kept += placed
        else:
            kept += members
    if not moved:
        return kept, ()
    text = (
        "The slices state no position (ImagePositionPatient): they were laid by Slice Location and Patient Position, "
        "so head and feet, left and right may be exchanged."
    )
    return kept, (Remark(text, Gravity.GRAVE),)


def _placed(header: SliceHeader) -> SliceHeader:
    axial = _BY_POSITION.get(header.patient_position)
    cosines = header.orientation if header.orientation is not None else axial and np.array(axial, float)
    if cosines is None or header.location is None:
        return header
    normal = np.cross(cosines[:3], cosines[3:])
    upwards = normal if normal[int(np.argmax(np.abs(normal)))] > 0 else -normal
    return replace(header, position=upwards * header.location, orientation=cosines)


def _lack(header: SliceHeader) -> str:
    if header.position is None:
        return _NO_POSITION
    if header.orientation is None:
        return _NO_ORIENTATION
    return _NO_SPACING if header.spacing is None else ""


def lacks_direction(lack: str) -> bool:
    """Whether a slice lies in the stack at an unknown angle, so that leaving it out would be a guess."""
    return lack == _NO_ORIENTATION
