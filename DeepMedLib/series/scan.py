"""What reading a scan gives: an array with its geometry, what is to be said about it, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from DeepMedLib.geometry import Grid
from DeepMedLib.remark import Remark

PADDING_HU = -2048
"""Value of voxels that a scan does not hold: outside of the field of view, or beside a slice that was shifted."""

REMEDY = "Give a CT as NIfTI, NRRD or MetaImage file, or a folder with the DICOM slices of one series."


@dataclass(frozen=True)
class Source:
    """Where a scan came from. File names may hold names of patients: they are never saved with a scene.

    Attributes:
        name: of the series or file, for people.
        modality: DICOM Modality, "CT" for volume files too.
        files: that were read, in the order of the slices.
        study_uid, series_uid: of DICOM; empty otherwise.
        instance_uids: SOP instances in the order of the slices; empty for volume files.
        slices: file and frame in it of each slice, in their order; empty for volume files.
    """

    name: str
    modality: str
    files: tuple[Path, ...]
    study_uid: str = ""
    series_uid: str = ""
    instance_uids: tuple[str, ...] = ()
    slices: tuple[tuple[Path, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Scan:
    """One CT as a volume.

    Attributes:
        array: (k, j, i) int16 or float32, HU; `PADDING_HU` where the scan holds nothing.
        grid: where it lies, axes at right angles for DICOM.
        remarks: what is to be said about it, the gravest first.
        source: where it came from.
    """

    array: np.ndarray
    grid: Grid
    remarks: tuple[Remark, ...]
    source: Source


@dataclass(frozen=True)
class ScanChoice:
    """A scan that a folder or file holds.

    Attributes:
        number: from 1; 1 is read when nobody chooses.
        name: for people, e.g. "series 2 (Thorax), acquisition 1: 56 slices".
        files: that it is made of.
        study_uid: of DICOM; empty otherwise.
        keys: further words that it can be chosen by: series UID, description, file name.
    """

    number: int
    name: str
    files: tuple[Path, ...] = ()
    study_uid: str = ""
    keys: tuple[str, ...] = field(default=(), repr=False)
