"""DICOM files as scans: sorted, grouped to stacks, one of them chosen, and its pixels laid onto one grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.series.geometry import StackGeometry, stack_geometry
from DeepMedLib.series.grouping import Stack, stacks_of
from DeepMedLib.series.headers import SliceHeader, read_headers
from DeepMedLib.series.limits import check_size
from DeepMedLib.series.naming import choice_remark, choices_of, choose, in_order
from DeepMedLib.series.pixels import UnreadableFile, read_pixels
from DeepMedLib.series.scan import PADDING_HU, Scan, ScanChoice, Source
from DeepMedLib.series.sorting import (
    Sorted,
    fault_refusal,
    lacks_direction,
    left_out,
    nothing_readable,
    refusal,
    sort_files,
)

_REMEDY = "Give the slices of one CT series."


@dataclass(frozen=True, eq=False)
class DicomScans:
    """The CT stacks among some DICOM files, the one that is read when nobody chooses first."""

    name: str
    found: Sorted
    stacks: tuple[Stack, ...]
    choices: tuple[ScanChoice, ...]

    def of_file(self, file: Path) -> DicomScans:
        """The scans of a file's series only, the file's own first.

        Raises:
            BadInput: the file is part of none.
        """
        own = [stack for stack in self.stacks if file in stack.paths]
        if not own:
            raise self._refusal_of(file)
        series = {header.series for header in own[0].slices}
        others = [stack for stack in self.stacks if stack not in own and stack.slices[0].series in series]
        stacks = (*own, *(stack for stack in others if len(stack.slices) > 1))
        # What else its folder holds is no matter of the file's.
        return replace(self, stacks=stacks, choices=choices_of(stacks), found=replace(self.found, others=(), faults=()))

    def read(self, choice: str | int | None = None) -> Scan:
        """One of the scans.

        Args:
            choice: number or name; None takes the first.

        Raises:
            BadInput: there is no such scan, or it cannot be read as one volume.
        """
        choices = self.choices
        at = 0 if choice is None else choose(choices, choice)
        stack = self.stacks[at]
        self._check(stack)
        scan = read_stack(stack)
        remarks = [*scan.remarks, *self.found.remarks, *self._left_out(stack)]
        remarks += choice_remark(choices, at, choice is not None)
        remarks += left_out(self.found)
        source = replace(scan.source, name=choices[at].name)
        return replace(scan, remarks=gravest_first(remarks), source=source)

    def told(self) -> tuple[Remark, ...]:
        """What reading the first scan would tell, from the headers alone: nothing that only pixels show.

        Raises:
            BadInput: it cannot be read as one volume.
        """
        stack = self.stacks[0]
        self._check(stack)
        remarks = [*stack.remarks, *stack_geometry(list(stack.slices)).remarks, *unscaled_remark(stack.slices)]
        remarks += [*self.found.remarks, *self._left_out(stack), *choice_remark(self.choices, 0, False)]
        return gravest_first([*remarks, *left_out(self.found)])

    def _check(self, stack: Stack) -> None:
        if stack.fault:
            raise BadInput(stack.fault, _REMEDY)
        if len(stack.slices) < 2:
            raise BadInput("The series has one slice.", _REMEDY)
        series = {header.series for header in stack.slices}
        for header, lack in self.found.incomplete:
            if header.series in series and lacks_direction(lack):
                raise BadInput(f"{header.path.name} states {lack}.", "Export it again, or leave it out of the folder.")

    def _refusal_of(self, file: Path) -> BadInput:
        """What a file that belongs to no stack is."""
        for header, kind in self.found.others:
            if header.path == file:
                return refusal([(header, kind)])
        for header, lack in self.found.incomplete:
            if header.path == file:
                return BadInput(f"{file.name} states {lack}.", "Export it again, or give another slice of the series.")
        for path, fault in self.found.faults:
            if path == file:
                return fault_refusal(path, fault)
        return BadInput(f"{file.name} belongs to no CT series of two or more slices.", _REMEDY)

    def _left_out(self, stack: Stack) -> list[Remark]:
        """Slices of the same series that are not part of the stack."""
        remarks = []
        series = {header.series for header in stack.slices}
        lacking = [(header, lack) for header, lack in self.found.incomplete if header.series in series]
        if lacking:
            header, lack = lacking[0]
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            text = f"{header.path.name}{more} states {lack}; it was left out, so slices may be missing."
            remarks.append(Remark(text, Gravity.GRAVE))
        others = [other for other in self.stacks if other is not stack and other.slices[0].series in series]
        spacing, size = stack.slices[0].spacing, (stack.slices[0].columns, stack.slices[0].rows)
        for other in others:
            first = other.slices[0]
            count = f"{len(other.slices)} slice{'s' if len(other.slices) > 1 else ''}"
            if (first.columns, first.rows) != size:
                where = f" ({first.path.name})" if len(other.slices) == 1 else ""
                pixels = f"{first.columns} x {first.rows} pixels{where}"
                text = f"{count} of {pixels} left out: the others have {size[0]} x {size[1]}."
                remarks.append(Remark(text, Gravity.WARNING))
            elif not np.allclose(first.spacing, spacing, rtol=1e-3):  # type: ignore[arg-type]
                text = (
                    f"The pixel size changes within the series: {len(stack.slices)} slices of {_mm(stack)} were read, "
                    f"{count} of {_mm(other)} left out."
                )
                remarks.append(Remark(text, Gravity.GRAVE))
        return remarks


def _mm(stack: Stack) -> str:
    rows, columns = stack.slices[0].spacing or (0.0, 0.0)
    return f"{columns:g} x {rows:g} mm"


def scans_of(files: Sequence[Path], name: str) -> DicomScans:
    """The CT scans among DICOM files.

    Args:
        name: of the folder or file, for sentences.

    Raises:
        BadInput: there is no CT slice.
    """
    found = sort_files(files)
    stacks = in_order(stacks_of(found.slices))
    if not stacks:
        raise nothing_readable(name, found)
    volumes = [stack for stack in stacks if len(stack.slices) > 1]
    single = [stack for stack in stacks if len(stack.slices) == 1]
    return DicomScans(name, found, (*volumes, *single), choices_of(volumes or single))


def is_directory(file: Path) -> bool:
    """Whether a DICOM file is a DICOMDIR, which stands for its folder."""
    return read_headers(file).fault == "directory"


def read_stack(stack: Stack) -> Scan:
    """The volume of a stack; files that cannot be decoded are left out, and that is said.

    Raises:
        BadInput: fewer than two slices can be read, or they are no volume.
    """
    slices, remarks = list(stack.slices), list(stack.remarks)
    failed: list[UnreadableFile] = []
    while True:
        geometry = stack_geometry(slices)
        side = max(geometry.grid.shape_kji[1:])
        check_size(int(np.prod(geometry.grid.shape_kji, dtype=object)), side, "The series")
        array, bad = read_pixels(slices)
        if not bad:
            break
        failed += bad
        paths = {error.path for error in bad}
        slices = [header for header in slices if header.path not in paths]
        if len(slices) < 2:
            raise BadInput(f"{bad[0].path.name} is {bad[0].why}.", "Copy or export the series again.")
    if failed:
        remarks.append(_failed_remark(failed))
    remarks += unscaled_remark(slices)
    array = _laid(array, geometry)
    files = tuple(dict.fromkeys(header.path for header in slices))
    source = Source(
        name="",
        modality="CT",
        files=files,
        study_uid=slices[0].study,
        series_uid=slices[0].series,
        instance_uids=tuple(dict.fromkeys(header.instance_uid for header in slices)),
        slices=tuple((header.path, header.frame) for header in slices),
    )
    return Scan(array, geometry.grid, (*remarks, *geometry.remarks), source)


def unscaled_remark(slices: Sequence[SliceHeader]) -> list[Remark]:
    """That no scale to HU is stated, where that is so."""
    if all(header.slope is not None or header.intercept is not None for header in slices):
        return []
    text = "The slices state no Rescale Slope and Intercept: their values were taken for Hounsfield units."
    return [Remark(text, Gravity.WARNING)]


def _failed_remark(failed: list[UnreadableFile]) -> Remark:
    first = failed[0]
    if len(failed) == 1:
        return Remark(f"{first.path.name} is {first.why}; it was left out.", Gravity.GRAVE)
    whys = ", ".join(Counter(error.why for error in failed))
    text = f"{len(failed)} slices ({first.path.name} ...) are {whys}; they were left out."
    return Remark(text, Gravity.GRAVE)


def _laid(array: np.ndarray, geometry: StackGeometry) -> np.ndarray:
    """Slices shifted in their planes to where they lie; whole pixels exactly, parts of them linearly."""
    if geometry.shifts is None:
        return array
    laid = np.full(geometry.grid.shape_kji, PADDING_HU, array.dtype)
    rows, columns = array.shape[1:]
    for plane, out, (right, down) in zip(array, laid, geometry.shifts, strict=True):
        moved, (i, j) = plane, (int(np.floor(right + 1e-3)), int(np.floor(down + 1e-3)))
        for axis, part in ((1, right - i), (0, down - j)):
            if part > 1e-3:
                moved = _between(moved, part, axis)
        out[j : j + moved.shape[0], i : i + moved.shape[1]] = (
            np.rint(moved) if array.dtype == np.int16 and moved.dtype != np.int16 else moved
        )
    assert laid.shape[1] >= rows and laid.shape[2] >= columns
    return laid


def _between(plane: np.ndarray, part: float, axis: int) -> np.ndarray:
    """A plane moved by a part of a pixel, one pixel longer; its outermost ones stay as they are."""
    edge = [(0, 0), (0, 0)]
    edge[axis] = (1, 1)
    wide = np.pad(plane.astype(np.float32), edge, mode="edge")
    before, after = np.delete(wide, -1, axis), np.delete(wide, 0, axis)
    return np.asarray(before * part + after * (1 - part))
