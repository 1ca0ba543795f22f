"""DICOM series with gaps, doubled slices, tilt and strangers among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from ScanCoverageLib.series import read_series
from Testing.unit.scancoverage.series_maker import write_series

N = 12


def stack(n: int = N) -> np.ndarray:
    """(k, j, i): every slice has a value of its own."""
    array = np.full((n, 10, 14), -1000, np.int16)
    array[:, 3:7, 4:10] = np.arange(n)[:, None, None] * 10
    return array


def places(steps: list[float]) -> np.ndarray:
    z = np.concatenate([[0.0], np.cumsum(steps)])
    return np.column_stack([np.full(len(z), -20.0), np.full(len(z), -30.0), z])


def test_a_series_in_any_file_order_is_read_in_hu_with_its_geometry(tmp_path: Path) -> None:
    positions = places([5.0] * (N - 1))
    shuffled = np.random.default_rng(1).permutation(N)
    series = read_series(write_series(tmp_path / "s", stack()[shuffled], positions=positions[shuffled]))
    np.testing.assert_array_equal(series.array, stack())
    assert series.remarks == ()
    np.testing.assert_allclose(series.grid.spacing, (4, 4, 5))
    np.testing.assert_allclose(series.grid.ijk_points_to_ras(np.array([[0, 0, 2]]))[0], (20, 30, 10))


def test_one_file_stands_for_its_series(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack(), prefix="a")
    write_series(folder, stack(20), prefix="b")
    assert len(read_series(folder / "a0003.dcm").array) == N
    both = read_series(folder)
    assert len(both.array) == 20 and "2 series" in both.remarks[0]


def test_a_gap_is_said_and_does_not_thicken_the_other_slices(tmp_path: Path) -> None:
    steps = [5.0] * (N - 1)
    steps[6] = 15.0
    series = read_series(write_series(tmp_path / "s", stack(), positions=places(steps)))
    assert "2 slices are missing at 1 place" in series.remarks[0]
    assert series.grid.spacing[2] == pytest.approx(5)


def test_doubled_slices_are_left_out(tmp_path: Path) -> None:
    positions = places([5.0] * (N - 1))
    twice = np.concatenate([np.arange(N), [4, 5]])
    series = read_series(write_series(tmp_path / "s", stack()[twice], positions=positions[twice]))
    np.testing.assert_array_equal(series.array, stack())
    assert "2 slices lie where another one lies already" in series.remarks[0]


def test_uneven_distances_are_said(tmp_path: Path) -> None:
    steps = [5.0, 5, 5, 6.5, 5, 5, 5, 4, 5, 5, 5]
    (remark,) = read_series(write_series(tmp_path / "s", stack(), positions=places(steps))).remarks
    assert "vary" in remark


def test_a_tilted_gantry_is_said(tmp_path: Path) -> None:
    positions = places([5.0] * (N - 1))
    positions[:, 1] += positions[:, 2] * np.tan(np.radians(12))
    (remark,) = read_series(write_series(tmp_path / "s", stack(), positions=positions)).remarks
    assert "tilted by 12.0 degrees" in remark


def test_a_localizer_among_the_slices_does_no_harm(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack(), uid="1.2.3")
    kind, coronal = ["ORIGINAL", "PRIMARY", "LOCALIZER"], [1, 0, 0, 0, 0, -1]
    write_series(folder, stack(1), uid="1.2.3", prefix="scout", ImageType=kind, ImageOrientationPatient=coronal)
    (folder / "notes.txt").write_text("not a picture")
    np.testing.assert_array_equal(read_series(folder).array, stack())


@pytest.mark.parametrize(
    ("n", "header", "words"),
    [
        (N, {"Modality": "MR"}, "is MR, not CT"),
        (N, {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "localizer"),
        (N, {"SamplesPerPixel": 3}, "color"),
        (1, {}, "one slice"),
    ],
)
def test_what_is_no_ct_series_is_refused_in_one_sentence(
    tmp_path: Path, n: int, header: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_series(write_series(tmp_path / "s", stack(n), **header))
    assert caught.value.remedy


def test_slices_of_different_size_and_slices_at_one_place_are_refused(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack(), uid="1.2.3")
    write_series(folder, stack(1)[:, :8, :8], uid="1.2.3", prefix="z", positions=np.array([[-20.0, -30, 500]]))
    with pytest.raises(BadInput, match="do not form one volume"):
        read_series(folder)
    with pytest.raises(BadInput, match="one place"):
        read_series(write_series(tmp_path / "t", stack(3), positions=np.zeros((3, 3))))


def test_folders_without_slices_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(BadInput, match="no DICOM slices"):
        read_series(tmp_path)
    with pytest.raises(BadInput, match="no DICOM file"):
        read_series(tmp_path / "a.txt")
    write_series(tmp_path / "m", stack(1), NumberOfFrames=4)
    for file in (tmp_path / "m").iterdir():
        import pydicom

        data = pydicom.dcmread(file)
        del data.ImagePositionPatient
        data.save_as(file)
    with pytest.raises(BadInput, match="multi-frame"):
        read_series(tmp_path / "m")
