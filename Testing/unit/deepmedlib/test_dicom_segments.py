"""Segments as DICOM: every voxel comes back where it was, on the right slices, and the validator finds no error."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from DeepMedLib.dicom.segments import ARTIFICIAL_INTELLIGENCE, DicomSegment, Writer, write_segments
from DeepMedLib.dicom.source_slices import PlacedSlices, place_among_files, place_on_slices
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, Reorientation
from DeepMedLib.measurement import Code, Measurement
from DeepMedLib.series import Scan, read_scan
from Testing.unit.series.series_maker import CORONAL, N, places, stack, write_series
from Testing.unit.series.test_enhanced_ct import write_enhanced

pytest.importorskip("highdicom")
UIDS = {"FrameOfReferenceUID": "1.2.3.4", "StudyInstanceUID": "1.2.3.5"}
WRITER = Writer("TestModule", ARTIFICIAL_INTELLIGENCE, "0", "ORGANS", ("ORGANS", "Organs in CT"))
LIVER = (Code("123037004", "SCT", "Anatomical Structure"), Code("10200004", "SCT", "Liver"))
LUNG = (LIVER[0], Code("39607008", "SCT", "Lung"), Code("24028007", "SCT", "Right"))


def segments() -> list[DicomSegment]:
    volume = Measurement("liver_ml", 1200.5, "ml", 31.25, Code("118565006", "SCT", "Volume"))
    return [
        DicomSegment("Liver", LIVER, (0.8, 0.3, 0.2), (volume,), True, ("The scan ends in the liver.",)),
        DicomSegment("Right lung", LUNG, (0.4, 0.6, 0.9), (), False),
    ]


def masks_on(scan: Scan, seed: int = 5) -> list[np.ndarray]:
    """Two that overlap; the first and last slices hold nothing."""
    random = np.random.default_rng(seed)
    made = [random.random(scan.array.shape) > share for share in (0.7, 0.9)]
    for mask in made:
        mask[0] = mask[-1] = False
    return made


def write(folder: Path, scan: Scan, masks: list[np.ndarray], grid: Grid | None = None) -> list[Path]:
    placed = place_on_slices(grid or scan.grid, scan.source.slices)
    return write_segments(folder, masks, segments(), placed, WRITER, ("Three slices are missing.",))


def voxels_of(path: Path) -> dict[int, set[tuple[float, ...]]]:
    """RAS mm of every voxel of each segment, by the file's own geometry alone."""
    made = pydicom.dcmread(path)
    frames = np.asarray(made.pixel_array).reshape(-1, made.Rows, made.Columns)
    shared = made.SharedFunctionalGroupsSequence[0]
    cosines = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    rows, columns = (float(value) for value in shared.PixelMeasuresSequence[0].PixelSpacing)
    found: dict[int, set[tuple[float, ...]]] = {}
    assert frames.any(axis=(1, 2)).all(), "an empty frame"
    for plane, group in zip(frames, made.PerFrameFunctionalGroupsSequence, strict=True):
        first = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
        j, i = np.nonzero(plane)
        lps = first + i[:, None] * columns * cosines[0] + j[:, None] * rows * cosines[1]
        number = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        found.setdefault(number, set()).update(map(tuple, np.round(lps * [-1, -1, 1], 2) + 0.0))
    return found


def truth_of(mask: np.ndarray, grid: Grid) -> set[tuple[float, ...]]:
    ras = grid.ijk_points_to_ras(np.argwhere(mask)[:, ::-1].astype(float))
    return set(map(tuple, np.round(ras, 2) + 0.0))


def contents(parent: Any) -> Iterator[Any]:
    for child in parent.get("ContentSequence", ()):
        yield child
        yield from contents(child)


def check_sources(path: Path, folder: Path) -> None:
    """Each frame refers to the slice at its place, and the file lists every slice of the series once."""
    made = pydicom.dcmread(path)
    sources = {one.SOPInstanceUID: one for one in map(pydicom.dcmread, sorted(folder.iterdir()))}
    listed = [ref.ReferencedSOPInstanceUID for ref in made.SourceImageSequence]
    assert len(listed) == len(set(listed)) and set(listed) <= set(sources)
    assert {one.SeriesInstanceUID for one in made.ReferencedSeriesSequence} == {
        sources[uid].SeriesInstanceUID for uid in listed
    }
    for group in made.PerFrameFunctionalGroupsSequence:
        source = sources[group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID]
        cosines = np.array(source.ImageOrientationPatient, float).reshape(2, 3)
        apart = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float) - np.array(
            source.ImagePositionPatient, float
        )
        assert abs(apart @ np.cross(*cosines)) < 1e-3
    assert made.FrameOfReferenceUID == UIDS["FrameOfReferenceUID"]


def series(folder: Path, **more: Any) -> Path:
    return write_series(folder, stack(), **{**UIDS, **more})


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"positions": places([5.0] * (N - 1))[::-1]},  # files in the order of falling z
        {"ImageOrientationPatient": CORONAL, "positions": places([5.0] * (N - 1))[:, [0, 2, 1]]},
        {"ImageOrientationPatient": [0.8, 0.6, 0, -0.6, 0.8, 0]},
        {"positions": places([5.0] * 4 + [10.0] + [5.0] * (N - 6))},  # a slice is missing
        {"positions": places([4.0, 5.0, 5.5, 5.0] + [5.0] * (N - 5))},  # uneven
    ],
    ids=["axial", "falling", "coronal", "oblique", "gap", "uneven"],
)
def test_voxels_come_back_on_their_slices(more: dict[str, Any], tmp_path: Path) -> None:
    folder = series(tmp_path / "series", **more)
    scan = read_scan(folder)
    masks = masks_on(scan)
    seg, report = write(tmp_path, scan, masks)
    check_sources(seg, folder)
    found = voxels_of(seg)
    if "positions" not in more or len({round(d, 3) for d in np.diff(more["positions"], axis=0).max(axis=1)}) == 1:
        assert [found[1], found[2]] == [truth_of(mask, scan.grid) for mask in masks]
    else:  # the volume has even steps, its slices have not: what is written lies on the slices
        z = sorted(more["positions"][:, 2])
        for number, mask in enumerate(masks, 1):
            k = np.argwhere(mask)[:, 0]
            assert sorted(voxel[2] for voxel in found[number]) == sorted(round(z[one], 2) for one in k)
    assert pydicom.dcmread(report).ContentTemplateSequence[0].TemplateIdentifier == "1500"


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
def test_a_turned_volume_finds_its_slices(axes: tuple[int, int, int], tmp_path: Path) -> None:
    """In whatever order and direction a volume holds its voxels, they are written where they lie."""
    folder = series(tmp_path / "series")
    scan = read_scan(folder)
    masks = masks_on(scan)
    for flipped in itertools.product((False, True), repeat=3):
        turn = Reorientation(scan.grid, axes, flipped)
        placed = place_among_files(turn.target, sorted(folder.iterdir()))
        seg, _ = write_segments(tmp_path, [turn.forward(m) for m in masks], segments(), placed, WRITER)
        found = voxels_of(seg)
        assert [found[1], found[2]] == [truth_of(mask, scan.grid) for mask in masks]
        check_sources(seg, folder)


def test_slices_shifted_to_a_box_keep_their_sources(tmp_path: Path) -> None:
    leaning = places([5.0] * (N - 1))
    leaning[:, 1] += 1.5 * np.arange(N)
    folder = series(tmp_path / "series", positions=leaning)
    scan = read_scan(folder)
    masks = masks_on(scan)
    seg, _ = write(tmp_path, scan, masks)
    found = voxels_of(seg)
    assert [found[1], found[2]] == [truth_of(mask, scan.grid) for mask in masks]
    check_sources(seg, folder)
    frame = pydicom.dcmread(seg).PerFrameFunctionalGroupsSequence[0]
    assert frame.DerivationImageSequence[0].SourceImageSequence[0].SpatialLocationsPreserved == "NO"


def test_a_series_uid_for_each_slice_is_kept(tmp_path: Path) -> None:
    folder = series(tmp_path / "series", each=lambda k: {"SeriesInstanceUID": f"1.2.3.{100 + k}"})
    scan = read_scan(folder)
    seg, _ = write(tmp_path, scan, masks_on(scan))
    assert len(pydicom.dcmread(seg).ReferencedSeriesSequence) == N
    check_sources(seg, folder)


def test_numbers_units_and_lower_bounds_come_back(tmp_path: Path) -> None:
    import highdicom

    folder = series(tmp_path / "series", PatientID="17", PatientName="Case^A")
    scan = read_scan(folder)
    seg, path = write(tmp_path, scan, masks_on(scan))
    report: Any = highdicom.sr.srread(str(path))
    (group,) = report.content.get_volumetric_roi_measurement_groups()
    (number,) = group.get_measurements()
    assert (number.value, number.unit.value, number.name.value) == (1200.5, "mL", "118565006")
    items = list(contents(report))
    (spread,) = [
        item for item in items if item.ValueType == "NUM" and item.ConceptNameCodeSequence[0].CodeValue == "386136009"
    ]
    stated = spread.MeasuredValueSequence[0]
    assert (float(stated.NumericValue), stated.MeasurementUnitsCodeSequence[0].CodeValue) == (31.25, "mL")
    meanings = {evaluation.value.meaning for evaluation in group.get_qualitative_evaluations()}
    assert "Cut by the edge of the scan: sizes are lower bounds" in meanings
    assert group.reference_type.meaning == "Referenced Segment"
    told = [item.TextValue for item in items if item.ValueType == "TEXT"]
    assert {"The scan ends in the liver.", "Three slices are missing."} <= set(told)
    made = pydicom.dcmread(seg)
    assert (made.PatientID, report.PatientID, str(made.PatientName)) == ("17", "17", "Case^A")
    assert {one.SegmentLabel for one in made.SegmentSequence} == {"Liver", "Right lung"}
    modifier = made.SegmentSequence[1].SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence[0]
    assert modifier.CodeMeaning == "Right"
    evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    named = {ref.ReferencedSOPInstanceUID for one in evidence for ref in one.ReferencedSOPSequence}
    assert named == {made.SOPInstanceUID, *(ref.ReferencedSOPInstanceUID for ref in made.SourceImageSequence)}


def test_empty_segments_are_left_out(tmp_path: Path) -> None:
    scan = read_scan(series(tmp_path / "series"))
    masks = masks_on(scan)
    masks[0][:] = False
    (seg,) = write(tmp_path, scan, masks)  # nothing was measured on the other
    assert [one.SegmentLabel for one in pydicom.dcmread(seg).SegmentSequence] == ["Right lung"]
    masks[1][:] = False
    assert write(tmp_path / "none", scan, masks) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"FrameOfReferenceUID": None}, "no Frame of Reference UID"),
        ({"each": lambda k: {"FrameOfReferenceUID": f"1.2.{k // 6}"}}, "differ in their Frame of Reference"),
        ({"StudyInstanceUID": None}, "no Study Instance UID"),
        ({"SOPInstanceUID": "1.2.3"}, "SOP Instance UIDs of their own"),
    ],
)
def test_what_cannot_be_referred_to_is_refused(more: dict[str, Any], told: str, tmp_path: Path) -> None:
    header = {key: value for key, value in {**UIDS, **more}.items() if value is not None}
    if "each" in more:
        header.pop("FrameOfReferenceUID")
    folder = write_series(tmp_path / "series", stack(), **header)
    grid = Grid.from_parts([4, 4, 5], [100, 100, 50], np.diag([-1, -1, 1]), stack().shape)
    with pytest.raises(BadInput, match=told):
        place_on_slices(grid, [(path, 0) for path in sorted(folder.iterdir())])


def test_a_volume_that_was_moved_is_refused(tmp_path: Path) -> None:
    folder = series(tmp_path / "series")
    scan = read_scan(folder)
    for change in (lambda m: m @ np.diag([1.1, 1.1, 1, 1]), lambda m: m + np.eye(4, k=3) * 9):
        moved = Grid(change(scan.grid.ijk_to_ras.copy()), scan.grid.shape_kji)
        with pytest.raises(BadInput, match="no longer lies"):
            place_on_slices(moved, scan.source.slices)
        with pytest.raises(BadInput, match="no longer lies"):
            place_among_files(moved, sorted(folder.iterdir()))


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy of dicom3tools is not installed")
@pytest.mark.parametrize(("overlap", "lean"), [(True, 0.0), (False, 0.0), (True, 1.5)])
def test_the_validator_finds_no_error(overlap: bool, lean: float, tmp_path: Path) -> None:
    leaning = places([5.0] * (N - 1))
    leaning[:, 1] += lean * np.arange(N)  # slices that were shifted to form a box have other pixels than their sources
    scan = read_scan(series(tmp_path / "series", positions=leaning, PatientID="17"))
    masks = masks_on(scan)
    if not overlap:
        masks[1] &= ~masks[0]
    for path in write(tmp_path, scan, masks):
        told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        assert told.returncode == 0 and "Error" not in told.stdout + told.stderr, told.stderr


def test_planes_of_slices_are_those_of_the_scan(tmp_path: Path) -> None:
    scan = read_scan(series(tmp_path / "series"))
    placed: PlacedSlices = place_on_slices(scan.grid, scan.source.slices)
    assert placed.is_same and placed.step == pytest.approx(5.0)
    assert [header.path for header in placed.headers] == [path for path, _ in scan.source.slices]


def test_frames_of_an_enhanced_file_are_named(tmp_path: Path) -> None:
    """Of a file with two phases, the frames of the one that was read."""
    path = write_enhanced(tmp_path / "enhanced", phases=2)
    file = pydicom.dcmread(path)
    file.FrameOfReferenceUID, file.StudyInstanceUID = UIDS["FrameOfReferenceUID"], UIDS["StudyInstanceUID"]
    file.save_as(path)
    for choice, first in ((1, 0), (2, N)):
        scan = read_scan(path, choice)
        masks = masks_on(scan)
        seg, _ = write(tmp_path, scan, masks)
        found = voxels_of(seg)
        assert [found[1], found[2]] == [truth_of(mask, scan.grid) for mask in masks]
        for group in pydicom.dcmread(seg).PerFrameFunctionalGroupsSequence:
            source = group.DerivationImageSequence[0].SourceImageSequence[0]
            z = float(group.PlanePositionSequence[0].ImagePositionPatient[2])
            assert source.ReferencedSOPInstanceUID == file.SOPInstanceUID
            assert source.ReferencedFrameNumber == first + N - round(z / 5)
