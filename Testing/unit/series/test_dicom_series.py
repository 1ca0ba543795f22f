"""DICOM folders with one fault each: the volume as it was written and what is said, or a refusal with its cause."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity
from DeepMedLib.series import PADDING_HU, list_scans, read_scan
from Testing.unit.series.series_maker import (
    CORONAL,
    LOCALIZER,
    N,
    gravest,
    instance_numbers,
    places,
    said,
    stack,
    write_series,
)

UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")


def test_a_series_in_any_file_order_is_read_in_hu_with_its_geometry(tmp_path: Path) -> None:
    positions = places([5.0] * (N - 1))
    shuffled = np.random.default_rng(1).permutation(N)
    scan = read_scan(write_series(tmp_path / "s", stack()[shuffled], positions=positions[shuffled], suffix=""))
    np.testing.assert_array_equal(scan.array, stack())
    assert scan.array.dtype == np.int16 and scan.remarks == ()
    np.testing.assert_allclose(scan.grid.spacing, (4, 4, 5))
    np.testing.assert_allclose(scan.grid.ijk_points_to_ras(np.array([[0, 0, 2]]))[0], (20, 30, 10))
    assert len(scan.source.files) == len(scan.source.instance_uids) == N and scan.source.modality == "CT"


def test_missing_slices_are_counted_and_placed_and_thicken_no_other(tmp_path: Path) -> None:
    steps = [5.0] * (N - 1)
    steps[6], steps[9] = 15.0, 10.0
    scan = read_scan(write_series(tmp_path / "s", stack(), positions=places(steps)))
    np.testing.assert_array_equal(scan.array, stack())
    assert "3 slices are missing at 2 places: 2 after slice 7 (z 30 to 45 mm); 1 after slice 10" in said(scan)
    assert gravest(scan) == Gravity.GRAVE
    assert scan.grid.spacing[2] == pytest.approx(5)


def test_copies_are_read_once(tmp_path: Path) -> None:
    positions = places([5.0] * (N - 1))
    twice = np.concatenate([np.arange(N), [4, 5]])
    scan = read_scan(write_series(tmp_path / "s", stack()[twice], positions=positions[twice]))
    np.testing.assert_array_equal(scan.array, stack())
    assert said(scan) == "2 slices are copies of others; each was read once."


@pytest.mark.parametrize(
    ("traits", "label"),
    [
        ({}, "instances 1 to 12"),
        ({"AcquisitionNumber": (1, 2)}, "acquisition 1"),
        ({"TriggerTime": (300, 700)}, "trigger time 300"),
        ({"ContentTime": ("101010", "101510")}, "content time 101010"),
        ({"ConvolutionKernel": ("B30f", "B70f")}, "kernel B30f"),
        ({"ImageType": (["ORIGINAL", "PRIMARY", "AXIAL"], ["DERIVED", "PRIMARY", "AXIAL"])}, "ORIGINAL/PRIMARY/AXIAL"),
    ],
)
def test_two_phases_are_parted_named_and_chosen(tmp_path: Path, traits: dict[str, Any], label: str) -> None:
    folder = tmp_path / "s"
    for phase in (0, 1):
        header = {keyword: values[phase] for keyword, values in traits.items()}
        numbers = partial(instance_numbers, 100 * phase)
        write_series(folder, stack(shift=90 * phase), uid="1.2.3", prefix="ab"[phase], each=numbers, **header)
    first, second = list_scans(folder)
    assert label in first.name and "12 slices 5.0 mm apart" in first.name
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, stack())
    assert "There are 2 CT scans here; read was 1" in said(scan) and second.name in said(scan)
    for choice in (2, "2", second.name):
        np.testing.assert_array_equal(read_scan(folder, choice).array, stack(shift=90))
    np.testing.assert_array_equal(read_scan(folder / "b0003.dcm").array, stack(shift=90))
    with pytest.raises(BadInput, match="no scan by the choice"):
        read_scan(folder, 3)
    with pytest.raises(BadInput, match="Several scans are meant"):
        read_scan(folder, "slices")


def test_phases_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    same = lambda _: {"InstanceNumber": 1}  # noqa: E731
    for phase in (0, 1):
        write_series(tmp_path / "s", stack(shift=90 * phase), uid="1.2.3", prefix="ab"[phase], each=same)
    with pytest.raises(BadInput, match="12 slices lie where another one lies already"):
        read_scan(tmp_path / "s")


def test_interleaved_reconstructions_are_parted(tmp_path: Path) -> None:
    """Two acquisitions whose slices lie between one another's make no thinner scan."""
    for phase in (0, 1):
        z = places([5.0] * (N - 1)) + np.array([0, 0, 2.5 * phase])
        write_series(tmp_path / "s", stack(shift=90 * phase), positions=z, uid="1.2", prefix="ab"[phase],
                     AcquisitionNumber=phase + 1)  # fmt: skip
    scan = read_scan(tmp_path / "s", "acquisition 2")
    np.testing.assert_array_equal(scan.array, stack(shift=90))
    assert scan.grid.spacing[2] == pytest.approx(5)


def test_acquisitions_one_after_another_are_one_scan(tmp_path: Path) -> None:
    each = lambda k: {"AcquisitionNumber": 1 + k // 4}  # noqa: E731
    np.testing.assert_array_equal(read_scan(write_series(tmp_path / "s", stack(), each=each)).array, stack())


def test_the_larger_of_two_series_is_read_and_the_other_named(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack(20), SeriesNumber=3, SeriesDescription="thick")
    write_series(folder, stack(), prefix="b", SeriesNumber=4, SeriesDescription="thin")
    scan = read_scan(folder)
    assert len(scan.array) == 20 and "series 4 (thin): 12 slices" in said(scan)
    assert len(read_scan(folder, "thin").array) == N
    assert len(read_scan(folder / "b0003.dcm").array) == N


def test_what_is_no_ct_is_left_out_and_named(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack(), uid="1.2.3")
    write_series(folder, stack(30), prefix="pt", Modality="PT")
    write_series(folder, stack(2), uid="1.2.3", prefix="scout", ImageType=LOCALIZER, ImageOrientationPatient=CORONAL)
    write_series(folder, stack(1), prefix="dose", SamplesPerPixel=3)
    (folder / "notes.txt").write_text("not a picture")
    (folder / "empty.dcm").write_bytes(b"")
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, stack())
    assert said(scan) == "Left out: 1 color, 30 PT slices, 2 localizers."
    with pytest.raises(BadInput, match="is PT, not CT"):
        read_scan(folder / "pt0003.dcm")
    with pytest.raises(BadInput, match="localizer"):
        read_scan(folder / "scout0001.dcm")


def test_an_odd_sized_slice_is_left_out(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack(), uid="1.2.3")
    odd = np.array([[-20.0, -30, 500]])
    write_series(folder, stack(1)[:, :8, :8], uid="1.2.3", prefix="z", positions=odd)
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, stack())
    assert "1 slice of 8 x 8 pixels (z0000.dcm) left out" in said(scan)
    with pytest.raises(BadInput, match="one slice"):
        read_scan(folder / "z0000.dcm")


def test_a_series_for_each_slice_is_joined(tmp_path: Path) -> None:
    scan = read_scan(write_series(tmp_path / "s", stack(), each=lambda k: {"SeriesInstanceUID": f"1.2.{k}"}))
    np.testing.assert_array_equal(scan.array, stack())
    assert "Each of the 12 slices states a series of its own" in said(scan)


def test_slices_of_unlike_patients_are_not_joined(tmp_path: Path) -> None:
    """Studies, series and frames of reference of their own, at odd places: nothing says that they belong together."""
    own = lambda k: {keyword: f"1.{n}.{k}" for n, keyword in enumerate(UIDS)}  # noqa: E731
    with pytest.raises(BadInput, match="one slice"):
        read_scan(write_series(tmp_path / "s", stack(5), positions=places([5.0, 17, 3, 40]), each=own))
    scan = read_scan(write_series(tmp_path / "t", stack(5), positions=places([5.0] * 4), each=own))
    np.testing.assert_array_equal(scan.array, stack(5))  # anonymized: even distances tell
    assert "a series of its own" in said(scan)
    with pytest.raises(BadInput, match="one slice"):
        read_scan(write_series(tmp_path / "u", stack(2), each=lambda k: {"SeriesInstanceUID": f"1.2.{k}"}))


@pytest.mark.parametrize("cosines", [[1, 0, 0, 0, 1, -1e-9], [0.999987, 0.005, 0, -0.005001, 0.999987, 0]])
def test_directions_that_differ_by_rounding_are_one(tmp_path: Path, cosines: list[float]) -> None:
    each = lambda k: {"ImageOrientationPatient": cosines if k % 2 else [1, 0, 0, 0, 1, 0]}  # noqa: E731
    scan = read_scan(write_series(tmp_path / "s", stack(), each=each))
    np.testing.assert_array_equal(scan.array, stack())
    assert scan.remarks == ()


def test_a_scale_for_each_slice_is_applied_to_each(tmp_path: Path) -> None:
    each = lambda k: {"RescaleSlope": (1, 0.5, 0.25)[k % 3], "RescaleIntercept": (-1024, -8192, -1000)[k % 3]}  # noqa: E731
    np.testing.assert_array_equal(read_scan(write_series(tmp_path / "s", stack(), each=each)).array, stack())


def test_values_between_whole_numbers_are_kept(tmp_path: Path) -> None:
    values = stack() + 0.5
    scan = read_scan(write_series(tmp_path / "s", values, RescaleSlope=0.25))
    assert scan.array.dtype == np.float32
    np.testing.assert_array_equal(scan.array, values)


def test_a_tilted_gantry_is_shifted_back(tmp_path: Path) -> None:
    """Slices 5 mm apart along z, leaning by atan(4 / 5): whole pixels of 4 mm, so that every value is as written."""
    lean, turn = np.arctan2(4.0, 5.0), np.arctan2(4.0, 5.0)
    normal_step = 5.0 * np.cos(turn)
    down = 5.0 * np.sin(lean)
    cosines = [1, 0, 0, 0, round(np.cos(turn), 9), round(-np.sin(turn), 9)]
    scan = read_scan(
        write_series(
            tmp_path / "s",
            stack(),
            spacing=(4.0, down, 5.0),
            positions=places([5.0] * (N - 1)),
            ImageOrientationPatient=cosines,
        )
    )
    assert "gantry was tilted by 38.7 degrees" in said(scan) and gravest(scan) == Gravity.WARNING
    assert scan.grid.is_orthogonal and scan.grid.spacing[2] == pytest.approx(normal_step)
    assert scan.array.shape == (N, 10 + N - 1, 14)
    for k in range(N):  # each slice lies one row further up than the one below it
        rows = slice(N - 1 - k, N - 1 - k + 10)
        np.testing.assert_array_equal(scan.array[k, rows], stack()[k])
        world = scan.grid.ijk_points_to_ras(np.array([0.0, N - 1 - k, k]))
        np.testing.assert_allclose(world, (20, 30, 5 * k), atol=1e-3)
    assert (scan.array[0, : N - 1] == PADDING_HU).all()


def test_slices_shifted_in_their_plane_are_no_tilt(tmp_path: Path) -> None:
    positions = places([5.0] * (N - 1))
    positions[7:, 0] += 8.0
    scan = read_scan(write_series(tmp_path / "s", stack(), positions=positions))
    assert "shifted against one another in their plane, by 8.0 mm after slice 7" in said(scan)
    assert "tilt" not in said(scan) and gravest(scan) == Gravity.GRAVE
    np.testing.assert_array_equal(scan.array[:7, :, :14], stack()[:7])
    np.testing.assert_array_equal(scan.array[7:, :, 2:], stack()[7:])
    np.testing.assert_allclose(scan.grid.origin, (20, 30, 0))


def test_slices_far_aside_are_no_volume(tmp_path: Path) -> None:
    positions = places([5.0] * (N - 1))
    positions[7:, 0] += 60.0  # more than the 56 mm of a row
    with pytest.raises(BadInput, match="they are no volume"):
        read_scan(write_series(tmp_path / "s", stack(), positions=positions))


def test_uneven_distances_are_said(tmp_path: Path) -> None:
    steps = [5.0, 5, 5, 6.5, 5, 5, 5, 4, 5, 5, 5]
    scan = read_scan(write_series(tmp_path / "s", stack(), positions=places(steps)))
    assert "vary from 4.0 to 6.5 mm" in said(scan)
    even = [5.0, 5, 5, 5.4, 5, 5, 5, 4.6, 5, 5, 5]  # within a tenth
    assert read_scan(write_series(tmp_path / "t", stack(), positions=places(even))).remarks == ()


def test_blocks_far_apart_are_two_scans(tmp_path: Path) -> None:
    steps = [5.0] * (N - 1)
    steps[4] = 110.0
    folder = write_series(tmp_path / "s", stack(), positions=places(steps))
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, stack()[5:])
    assert "There are 2 CT scans here" in said(scan) and "5 slices" in said(scan)
    np.testing.assert_array_equal(read_scan(folder, 2).array, stack()[:5])
    steps[4] = 100.0  # a gap
    np.testing.assert_array_equal(
        read_scan(write_series(tmp_path / "t", stack(), positions=places(steps))).array, stack()
    )


def test_axial_slices_come_before_reformatted_ones(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", stack())
    y = np.column_stack([np.full(30, -20.0), 5.0 * np.arange(30), np.zeros(30)])
    write_series(folder, stack(30), positions=y, prefix="c", ImageOrientationPatient=CORONAL)
    scan = read_scan(folder)
    np.testing.assert_array_equal(scan.array, stack())
    assert "30 coronal slices" in said(scan)


def test_a_changing_pixel_size_is_no_one_scan(tmp_path: Path) -> None:
    each = lambda k: {"PixelSpacing": [4, 4] if k < 7 else [2, 2]}  # noqa: E731
    scan = read_scan(write_series(tmp_path / "s", stack(), each=each))
    np.testing.assert_array_equal(scan.array, stack()[:7])
    assert "pixel size changes within the series" in said(scan) and gravest(scan) == Gravity.GRAVE
