"""Enhanced multi-frame CT: position, direction, scale and phase of each frame, and what it shares with the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from DeepMedLib.errors import BadInput
from DeepMedLib.series import list_scans, read_scan
from Testing.unit.series.series_maker import N, said, stack, write_series

ENHANCED = "1.2.840.10008.5.1.4.1.1.2.1"


def item(**elements: Any) -> pydicom.Sequence:
    holder = Dataset()
    for keyword, value in elements.items():
        setattr(holder, keyword, value)
    return pydicom.Sequence([holder])


def write_enhanced(folder: Path, phases: int = 1, shared_scale: bool = True, lacking: str = "") -> Path:
    """One file with `phases` of `stack()`, frame by frame in falling order, 5 mm apart; phase p is 90 HU brighter."""
    write_series(folder, stack(1), prefix="only")
    path = folder / "only0000.dcm"
    file = pydicom.dcmread(path)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope",
                    "RescaleIntercept", "SliceThickness"):  # fmt: skip
        delattr(file, keyword)
    file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID = ENHANCED
    shared, frames, pixels = Dataset(), [], []
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    shared.PixelMeasuresSequence = item(PixelSpacing=[4, 4], SliceThickness=5)
    if shared_scale:
        shared.PixelValueTransformationSequence = item(RescaleSlope=1, RescaleIntercept=-1024)
    if lacking:
        delattr(shared, lacking)
    for phase in range(phases):
        for k in reversed(range(N)):
            frame = Dataset()
            frame.PlanePositionSequence = item(ImagePositionPatient=[-20, -30, 5 * k])
            frame.FrameContentSequence = item(FrameAcquisitionNumber=phase + 1)
            intercept = -1024 if shared_scale else -1024 - k
            if not shared_scale:
                frame.PixelValueTransformationSequence = item(RescaleSlope=1, RescaleIntercept=intercept)
            frames.append(frame)
            pixels.append((stack(shift=90 * phase)[k] - intercept).astype(np.uint16))
    file.SharedFunctionalGroupsSequence = pydicom.Sequence([shared])
    file.PerFrameFunctionalGroupsSequence = pydicom.Sequence(frames)
    file.NumberOfFrames = len(frames)
    file.PixelData = np.array(pixels).tobytes()
    file.save_as(path)
    return path


@pytest.mark.parametrize("shared_scale", [True, False])
def test_frames_become_the_slices_of_a_volume(tmp_path: Path, shared_scale: bool) -> None:
    path = write_enhanced(tmp_path / "s", shared_scale=shared_scale)
    for given in (path, path.parent):
        scan = read_scan(given)
        np.testing.assert_array_equal(scan.array, stack())
        assert scan.remarks == () and scan.source.files == (path,)
        np.testing.assert_allclose(scan.grid.spacing, (4, 4, 5))
        np.testing.assert_allclose(scan.grid.origin, (20, 30, 0))


def test_phases_of_one_file_are_told_apart(tmp_path: Path) -> None:
    path = write_enhanced(tmp_path / "s", phases=2)
    assert [choice.name.split(", ")[1] for choice in list_scans(path)] == [
        "acquisition 1: 12 slices 5.0 mm apart",
        "acquisition 2: 12 slices 5.0 mm apart",
    ]
    scan = read_scan(path)
    np.testing.assert_array_equal(scan.array, stack())
    assert "There are 2 CT scans here" in said(scan)
    np.testing.assert_array_equal(read_scan(path, "acquisition 2").array, stack(shift=90))


@pytest.mark.parametrize(
    ("lacking", "words"),
    [("PixelMeasuresSequence", "no PixelSpacing"), ("PlaneOrientationSequence", "no ImageOrientationPatient")],
)
def test_a_file_without_scale_or_direction_is_refused(tmp_path: Path, lacking: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_scan(write_enhanced(tmp_path / "s", lacking=lacking))


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_enhanced(tmp_path / "s")
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(BadInput, match="cut short"):
        read_scan(path)
