"""Where the voxels of a volume lie on the DICOM slices that it was made of.

A volume may have been turned or reordered since, or its slices shifted in their planes to form a box. What is written
about it refers to each slice where that slice lies, so that gaps and uneven distances stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.dicom.files import open_dicom
from DeepMedLib.dicom.identity import CannotBeNamed, identity_of
from DeepMedLib.geometry import RAS_TO_LPS, Grid, Reorientation
from DeepMedLib.series.geometry import SAME_MM, axes_of
from DeepMedLib.series.headers import SliceHeader, read_headers

_AXES = 2e-3  # by which direction cosines may differ from the slices'
_PIXEL = 0.01  # pixels by which a plane may lie aside of its slice and still be called the same
_STEP = 0.1  # share of the slice distance by which a plane may lie beside its slice
_REMEDY = "Load the DICOM series again and compute anew."
_WHOLE_HEADER = "Export the series again with its whole DICOM header."


@dataclass(frozen=True, eq=False)
class PlacedSlices:
    """The slices under a volume.

    Attributes:
        turn: from the volume's grid to one whose i, j, k run along the slices' rows, columns and normal.
        headers: of the slices, one a plane of the turned grid.
        positions: (n, 3) LPS mm of each plane's first voxel.
        is_same: whether the planes have the slices' own pixels.
        patient: the first slice's UIDs, patient and study, see `DeepMedLib.dicom.identity`.
    """

    turn: Reorientation
    headers: tuple[SliceHeader, ...]
    positions: np.ndarray
    is_same: bool
    patient: Any

    @property
    def orientation(self) -> np.ndarray:
        """(6,) cosines of rows and columns, LPS."""
        return axes_of(self.headers)[:2].ravel()

    @property
    def step(self) -> float | None:
        """Distance of the slices, mm; None where it varies."""
        steps = np.diff(self.positions @ axes_of(self.headers)[2])
        mean = float(steps.mean())
        return mean if np.allclose(steps, mean, atol=SAME_MM) else None

    def references(self) -> list[Any]:
        """A data set with the UIDs of each file, the first one with patient and study, for what lists its sources."""
        from pydicom.dataset import Dataset

        found = {self.headers[0].instance_uid: self.patient}
        for header in self.headers:
            one = Dataset()
            one.SOPClassUID, one.SOPInstanceUID = header.sop_class, header.instance_uid
            one.StudyInstanceUID, one.SeriesInstanceUID = header.study, header.series
            found.setdefault(header.instance_uid, one)
        return list(found.values())


def place_on_slices(grid: Grid, slices: Sequence[tuple[Path, int]]) -> PlacedSlices:
    """Lay a volume on its slices, which are given in their order along k.

    Args:
        slices: file and frame in it (from 0), one for each k.

    Raises:
        CannotBeNamed: the slices cannot be read, lack what must be referred to, or lie elsewhere.
    """
    files = {path: read_headers(path).slices for path in dict.fromkeys(path for path, _ in slices)}
    if any(frame >= len(files[path]) for path, frame in slices):
        raise CannotBeNamed("The DICOM files behind the volume are others by now.", _REMEDY)
    headers = [files[path][frame] for path, frame in slices]
    _check(headers)
    turn = _turn(grid, headers)
    if turn.axes[2] != 2 or turn.flipped[2] or len(headers) != turn.target.shape_kji[0]:
        raise _moved()
    return _placed(turn, headers)


def place_among_files(grid: Grid, files: Sequence[Path]) -> PlacedSlices:
    """Lay a volume on the slices among files in no order: each plane takes the slice at its place.

    Raises:
        CannotBeNamed: as `place_on_slices`, or a plane has no slice, or several.
    """
    headers = [header for path in files for header in read_headers(path).slices]
    _check(headers)
    turn = _turn(grid, headers)
    normal = axes_of(headers)[2]
    along = _first_voxels(turn) @ normal
    places = np.array([header.position for header in headers]) @ normal
    apart = np.abs(along[:, None] - places[None])
    near = apart <= max(SAME_MM, _STEP * float(turn.target.spacing[2]))
    if (near.sum(axis=1) != 1).any():
        raise _moved()
    return _placed(turn, [headers[int(np.argmax(row))] for row in near])


def _moved() -> CannotBeNamed:
    return CannotBeNamed("The volume no longer lies where its DICOM slices lie.", _REMEDY)


def _check(headers: Sequence[SliceHeader]) -> None:
    """Makes sure that the slices state what must be referred to."""
    if not headers or any(header.position is None or header.spacing is None for header in headers):
        raise CannotBeNamed("The DICOM files behind the volume are others by now.", _REMEDY)
    for word, values in (
        ("Study Instance UID", {header.study for header in headers}),
        ("Frame of Reference UID", {header.frame_of_reference for header in headers}),
    ):
        if "" in values or len(values) > 1:
            lack = "state no" if "" in values else "differ in their"
            raise CannotBeNamed(f"The slices {lack} {word}.", _WHOLE_HEADER)
    if any(not header.series or not header.sop_class for header in headers):
        raise CannotBeNamed("The slices state no Series Instance UID or SOP Class UID.", _WHOLE_HEADER)
    instances = {(header.instance_uid, header.path) for header in headers}
    if "" in {uid for uid, _ in instances} or len({uid for uid, _ in instances}) < len(instances):
        raise CannotBeNamed("The slices have no SOP Instance UIDs of their own.", "Export the series again.")


def _turn(grid: Grid, headers: Sequence[SliceHeader]) -> Reorientation:
    if any(header.orientation is None for header in headers):
        raise _moved()
    shares = axes_of(headers) @ (RAS_TO_LPS[:3, :3] @ grid.directions)
    nearest = np.rint(shares)
    if np.abs(shares - nearest).max() > _AXES or not (np.abs(nearest).sum(axis=0) == 1).all():
        raise _moved()
    axes = tuple(int(axis) for axis in np.argmax(np.abs(nearest), axis=1))
    return Reorientation(grid, axes, tuple(bool(nearest[new, old] < 0) for new, old in enumerate(axes)))


def _first_voxels(turn: Reorientation) -> np.ndarray:
    """(n, 3) LPS mm of the first voxel of each plane as the turned grid has them."""
    target = turn.target
    count = target.shape_kji[0]
    ijk = np.column_stack([np.zeros((count, 2)), np.arange(count)])
    return np.asarray(ijk @ target.ijk_to_lps[:3, :3].T + target.ijk_to_lps[:3, 3])


def _placed(turn: Reorientation, headers: Sequence[SliceHeader]) -> PlacedSlices:
    target, first = turn.target, headers[0]
    assert first.spacing is not None
    pixel = np.array([first.spacing[1], first.spacing[0]])
    size = np.array([first.columns, first.rows])
    axes = axes_of(headers)
    stated = np.array([header.position for header in headers], float)
    planes = _first_voxels(turn)
    beside = (planes - stated) @ axes[2]
    if not np.allclose(target.spacing[:2], pixel, rtol=1e-3) or abs(beside[0]) > max(
        SAME_MM, _STEP * float(target.spacing[2])
    ):
        raise _moved()
    planes = planes - beside[:, None] * axes[2]
    aside = (stated - planes) @ axes[:2].T / pixel  # of each slice's first pixel in its plane
    room = np.array(target.size_ijk[:2]) - size
    if (aside < -0.5).any() or (aside > room + 0.5).any():
        raise _moved()
    is_same = not room.any() and bool(np.abs(aside).max() <= _PIXEL)
    patient = identity_of(open_dicom(first.path, with_pixels=False), first.path.name)
    return PlacedSlices(turn, tuple(headers), stated if is_same else planes, is_same, patient)
