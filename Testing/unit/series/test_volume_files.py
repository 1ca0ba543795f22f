"""Volume files under any name: read as written, or refused for what they are; no scale, value or side is made up."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, to_sitk
from DeepMedLib.remark import Gravity
from DeepMedLib.series import PADDING_HU, list_scans, read_scan

VALUES = np.random.default_rng(5).integers(-1000, 1500, (7, 9, 11)).astype(np.int16)
TURN = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
GRID = Grid.from_parts([3.0, 2.5, 4.0], [10.0, -20, 30], TURN, VALUES.shape)


def nifti(big: str = "<", second: bool = False, **change: object) -> bytes:
    """A NIfTI file as the standard lays it out; `change` are header fields by name."""
    field = {
        "dim": (3, 11, 9, 7, 1, 1, 1, 1),
        "kind": 4,
        "pixdim": (1.0, 3.0, 2.5, 4.0, 0, 0, 0, 0),
        "scale": (0.0, 0.0),
        "units": 2,
        "forms": (0, 1),
        "quaternion": (0.0,) * 6,
        "sform": tuple(GRID.ijk_to_ras[:3].ravel()),
        "data": VALUES.astype(big + "i2").tobytes(),
    } | change
    head = bytearray(540 if second else 348)

    def put(form: str, at: int, *values: object) -> None:
        struct.pack_into(big + form, head, at, *values)

    put("i", 0, len(head))
    if second:
        head[4:12] = b"n+2\0\r\n\x1a\n"
        put("h", 12, field["kind"])
        put("8q", 16, *field["dim"])  # type: ignore[misc]
        put("8d", 104, *field["pixdim"])  # type: ignore[misc]
        put("q", 168, 544)
        put("2d", 176, *field["scale"])  # type: ignore[misc]
        put("2i", 344, *field["forms"])  # type: ignore[misc]
        put("6d", 352, *field["quaternion"])  # type: ignore[misc]
        put("12d", 400, *field["sform"])  # type: ignore[misc]
        put("i", 500, field["units"])
    else:
        put("8h", 40, *field["dim"])  # type: ignore[misc]
        put("h", 70, field["kind"])
        put("8f", 76, *field["pixdim"])  # type: ignore[misc]
        put("f", 108, 352.0)
        put("2f", 112, *field["scale"])  # type: ignore[misc]
        put("B", 123, field["units"])
        put("2h", 252, *field["forms"])  # type: ignore[misc]
        put("6f", 256, *field["quaternion"])  # type: ignore[misc]
        put("12f", 280, *field["sform"])  # type: ignore[misc]
        head[344:348] = b"n+1\0"
    return bytes(head) + b"\0" * 4 + field["data"]  # type: ignore[operator]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("big", ["<", ">"])
@pytest.mark.parametrize(("name", "packed"), [("a.nii", False), ("a.nii", True), ("a.nii.gz", False), ("scan", True)])
def test_every_nifti_is_read_by_its_content(tmp_path: Path, second: bool, big: str, name: str, packed: bool) -> None:
    content = nifti(big, second)
    scan = read_scan(written(tmp_path / name, gzip.compress(content) if packed else content))
    np.testing.assert_array_equal(scan.array, VALUES)
    assert scan.array.dtype == np.int16 and scan.grid.same_as(GRID) and scan.remarks == ()


def test_the_geometry_is_that_of_itk(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    sitk.WriteImage(to_sitk(VALUES, GRID), str(path))
    assert read_scan(path).grid.same_as(GRID)
    content = bytearray(path.read_bytes())
    content[254:256] = b"\0\0"  # the qform alone
    assert read_scan(written(path, bytes(content))).grid.same_as(GRID)


@pytest.mark.parametrize("scale", [(0.0, 5.0), (1.0, 0.0), (float("nan"), 0.0)])
def test_a_slope_of_0_means_no_scale(tmp_path: Path, scale: tuple[float, float]) -> None:
    np.testing.assert_array_equal(read_scan(written(tmp_path / "a.nii", nifti(scale=scale))).array, VALUES)


def test_a_scale_is_applied(tmp_path: Path) -> None:
    scan = read_scan(written(tmp_path / "a.nii", nifti(scale=(2.0, -1024.0))))
    np.testing.assert_array_equal(scan.array, VALUES * 2 - 1024)
    half = read_scan(written(tmp_path / "b.nii", nifti(scale=(0.5, 0.25))))
    assert half.array.dtype == np.float32
    np.testing.assert_array_equal(half.array, VALUES * np.float32(0.5) + np.float32(0.25))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_short_is_refused(tmp_path: Path, share: float, packed: bool) -> None:
    content = gzip.compress(nifti()) if packed else nifti()
    with pytest.raises(BadInput, match="cut short"):
        read_scan(written(tmp_path / "a.nii.gz", content[: int(share * len(content))]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pixdim": (1.0, 0, 0, 0, 0, 0, 0, 0), "forms": (1, 0)}, "voxel size of 0 x 0 x 0"),
        ({"pixdim": (1.0, 3, 3, float("nan"), 0, 0, 0, 0), "forms": (0, 0)}, "voxel size of 3 x 3 x nan"),
        ({"sform": (0.0,) * 12}, "no voxel size"),
        ({"dim": (2, 11, 9, 1, 1, 1, 1, 1)}, "single picture"),
        ({"dim": (5, 11, 9, 7, 1, 3, 1, 1)}, "3 values in each voxel"),
        ({"dim": (3, 11, -9, 7, 1, 1, 1, 1)}, "no volume"),
        ({"kind": 128}, "colors"),
        ({"dim": (3, 4000, 4000, 4000, 1, 1, 1, 1)}, "64.0 thousand million voxels"),
        ({"sform": tuple(GRID.ijk_to_ras[:3].ravel() / 1000)}, "may be meters"),
    ],
)
def test_what_is_no_ct_volume_is_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_scan(written(tmp_path / "a.nii", nifti(**change)))
    assert caught.value.remedy


def test_stated_meters_become_millimeters_and_that_is_said(tmp_path: Path) -> None:
    meters = tuple(GRID.ijk_to_ras[:3].ravel() / 1000)
    scan = read_scan(written(tmp_path / "a.nii", nifti(sform=meters, units=1)))
    assert scan.grid.same_as(GRID) and "meters" in scan.remarks[0].text


def test_doubtful_geometry_is_said(tmp_path: Path) -> None:
    zero = read_scan(written(tmp_path / "a.nii", nifti(pixdim=(1.0, 0, 0, 0, 0, 0, 0, 0))))
    assert zero.grid.same_as(GRID) and "that of its sform was taken" in zero.remarks[0].text
    none = read_scan(written(tmp_path / "b.nii", nifti(forms=(0, 0))))
    assert "no directions" in none.remarks[0].text and none.remarks[0].gravity == Gravity.GRAVE
    two = read_scan(written(tmp_path / "c.nii", nifti(forms=(1, 1))))
    assert "two geometries that differ" in two.remarks[0].text and two.grid.same_as(GRID)


def test_values_that_are_no_numbers_are_refused_in_every_format(tmp_path: Path) -> None:
    values = VALUES.astype(np.float32)
    values[3, 4, 5] = np.nan
    written(tmp_path / "a.nii", nifti(kind=16, data=values.tobytes()))
    sitk.WriteImage(to_sitk(values, GRID), str(tmp_path / "a.nrrd"))
    for name in ("a.nii", "a.nrrd"):
        with pytest.raises(BadInput, match="1 voxel holds no number"):
            read_scan(tmp_path / name)


def test_the_lowest_number_there_is_is_padding(tmp_path: Path) -> None:
    values = VALUES.astype(np.float32)
    values[0] = np.finfo(np.float32).min
    scan = read_scan(written(tmp_path / "a.nii", nifti(kind=16, data=values.tobytes())))
    assert (scan.array[0] == PADDING_HU).all() and scan.array.dtype == np.int16
    np.testing.assert_array_equal(scan.array[1:], VALUES[1:])
    assert scan.remarks[0].text == "14.3 % of the voxels hold -3.4e+38: taken as padding."


def test_a_fourth_dimension_is_a_choice(tmp_path: Path) -> None:
    data = VALUES.tobytes() + (VALUES + 7).tobytes()
    path = written(tmp_path / "a.nii.gz", gzip.compress(nifti(dim=(4, 11, 9, 7, 2, 1, 1, 1), data=data)))
    sitk.WriteImage(sitk.JoinSeries([to_sitk(VALUES, GRID), to_sitk(VALUES + 7, GRID)]), str(tmp_path / "a.nrrd"))
    for file in (path, tmp_path / "a.nrrd"):
        assert [choice.name for choice in list_scans(file)] == [f"{file.name}, volume {n} of 2" for n in (1, 2)]
        scan = read_scan(file)
        np.testing.assert_array_equal(scan.array, VALUES)
        assert "There are 2 CT scans here" in scan.remarks[0].text and scan.grid.same_as(GRID)
        np.testing.assert_array_equal(read_scan(file, 2).array, VALUES + 7)
    one = read_scan(written(tmp_path / "b.nii", nifti(dim=(4, 11, 9, 7, 1, 1, 1, 1))))
    assert one.remarks == () and one.grid.same_as(GRID)


@pytest.mark.parametrize("suffix", ["nrrd", "nhdr", "mha", "mhd"])
def test_nrrd_and_metaimage_are_read_by_their_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    sitk.WriteImage(to_sitk(VALUES, GRID), str(path))
    other = path.rename(tmp_path / "scan.dcm")
    scan = read_scan(other)
    np.testing.assert_array_equal(scan.array, VALUES)
    assert scan.grid.same_as(GRID) and scan.remarks == ()


@pytest.mark.parametrize("suffix", ["nrrd", "mha"])
@pytest.mark.parametrize("compressed", [False, True])
def test_nrrd_and_metaimage_cut_short_are_refused(tmp_path: Path, suffix: str, compressed: bool) -> None:
    path = tmp_path / f"a.{suffix}"
    sitk.WriteImage(to_sitk(VALUES, GRID), str(path), compressed)
    with pytest.raises(BadInput, match="cut short"):
        read_scan(written(path, path.read_bytes()[:-300]))


@pytest.mark.parametrize(("suffix", "line"), [("nrrd", b"space directions"), ("mha", b"ElementSpacing")])
def test_no_spacing_is_no_millimeter(tmp_path: Path, suffix: str, line: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    sitk.WriteImage(to_sitk(VALUES, GRID), str(path), False)
    lines = path.read_bytes().split(b"\n")
    with pytest.raises(BadInput, match="states no voxel size"):
        read_scan(written(path, b"\n".join(text for text in lines if not text.startswith(line))))


NRRD_HEAD = b"NRRD0004\ntype: int16\ndimension: 3\nsizes: 11 9 7\nencoding: raw\nendian: little\n"
LPS = b"space: left-posterior-superior\nspace directions: "


@pytest.mark.parametrize(
    ("sizes", "given"),
    [
        (LPS + b"(4,0,0) (0,4,0) (0,0,5)", True),
        (LPS + b"(4,0,0) none (0,0,5)", False),
        (LPS + b"(4,0,0) (0,nan,0) (0,0,5)", False),
        (b"spacings: 4 4 5", True),
        (b"spacings: 4 NaN 5", False),
    ],
)
def test_an_axis_without_a_size_is_no_millimeter(tmp_path: Path, sizes: bytes, given: bool) -> None:
    path = written(tmp_path / "a.nrrd", NRRD_HEAD + sizes + b"\n\n" + VALUES.astype("<i2").tobytes())
    if given:
        assert read_scan(path).grid.spacing == pytest.approx([4, 4, 5])
        return
    with pytest.raises(BadInput, match=r"no voxel size for one of its axes|damaged"):
        read_scan(path)


@pytest.mark.parametrize(
    ("where", "known"),
    [
        (LPS + b"(4,0,0) (0,4,0) (0,0,5)", True),
        (b"space: scanner-xyz\nspace directions: (4,0,0) (0,4,0) (0,0,5)", False),
        (b"spacings: 4 4 5", False),
    ],
)
def test_axes_that_point_nowhere_are_said(tmp_path: Path, where: bytes, known: bool) -> None:
    path = written(tmp_path / "a.nrrd", NRRD_HEAD + where + b"\n\n" + VALUES.astype("<i2").tobytes())
    told = [remark.text for remark in read_scan(path).remarks]
    assert told == ([] if known else ["a.nrrd states no directions: sides and head may be exchanged."])


def test_a_metaimage_without_directions_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.mha"
    sitk.WriteImage(to_sitk(VALUES, GRID), str(path), False)
    lines = path.read_bytes().split(b"\n")
    bare = b"\n".join(text for text in lines if not text.startswith(b"TransformMatrix"))
    (remark,) = read_scan(written(path, bare)).remarks
    assert "states no directions" in remark.text


@pytest.mark.parametrize(("unit", "factor"), [("m", 1000.0), ("cm", 10.0), ("mm", 1.0)])
def test_units_of_nrrd_are_kept_to(tmp_path: Path, unit: str, factor: float) -> None:
    path = tmp_path / "a.nrrd"
    small = Grid(np.diag([1 / factor, 1 / factor, 1 / factor, 1.0]) @ GRID.ijk_to_ras, GRID.shape_kji)
    sitk.WriteImage(to_sitk(VALUES, small), str(path), False)
    head, data = path.read_bytes().split(b"\n\n", 1)
    units = f'space units: "{unit}" "{unit}" "{unit}"'.encode()
    scan = read_scan(written(path, head + b"\n" + units + b"\n\n" + data))
    assert scan.grid.same_as(GRID, 0.01) and bool(scan.remarks) == (unit != "mm")
    with pytest.raises(BadInput, match="counts in parsec"):
        read_scan(written(path, head + b"\n" + units.replace(f'"{unit}"'.encode(), b'"parsec"') + b"\n\n" + data))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"hello", "is no scan"),
        (b"PK\x03\x04 and so on", "zip archive"),
        (gzip.compress(b"hello"), "compressed file that holds no NIfTI"),
        (b"\x89PNG\r\n", "PNG picture"),
        (struct.pack("<i", 348) + b"\0" * 344, "Analyze 7.5"),
        (struct.pack("<i", 348) + b"\0" * 100, "cut short"),
        (b"NRRD0004\ntype: sho", "damaged NRRD"),
        (b"ObjectType = Image\nNDims = 3\nElementDataFile = LOCAL\n", "damaged MetaImage|voxel size"),
    ],
)
def test_other_files_are_refused_for_what_they_are(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_scan(written(tmp_path / "a.nii.gz", content))


def test_a_folder_of_volume_files_is_a_choice(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        written(tmp_path / f"{number}.nii", nifti(data=(VALUES + number).tobytes()))
    written(tmp_path / "organs.seg.nrrd", b"NRRD0004\n")
    assert [choice.name for choice in list_scans(tmp_path)] == ["1.nii", "2.nii", "10.nii"]
    scan = read_scan(tmp_path)
    np.testing.assert_array_equal(scan.array, VALUES + 1)
    assert "There are 3 CT scans here" in scan.remarks[0].text
    np.testing.assert_array_equal(read_scan(tmp_path, "10.nii").array, VALUES + 10)
