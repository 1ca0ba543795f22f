"""NIfTI files, plain or compressed whatever their name, of version 1 and 2, as volumes with RAS geometry.

Header: https://nifti.nimh.nih.gov/nifti-1 and nifti-2. ITK fills what is missing in a file with zeros, takes a pixel
size of 0 for 1 and gives no number for NaN; none of this may pass in silence, so the file is read here.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.file_kinds import is_packed
from DeepMedLib.geometry import Grid
from DeepMedLib.inflation import swells_too_far
from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.series.limits import check_size

_AGAIN = "Convert the scan again from its DICOM files."
_TYPES = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}
_OTHER_TYPES = {1: "bits", 32: "complex numbers", 128: "colors", 1792: "complex numbers", 2304: "colors"}
_METERS, _MILLIMETERS, _MICRONS = 1, 2, 3
_CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class NiftiVolume:
    """One volume of a NIfTI file.

    Attributes:
        values: (k, j, i) as stored, or float64 where a scale was applied.
        grid: where it lies.
        remarks: about unit and geometry.
        volumes: how many the file holds (a fourth dimension).
    """

    values: np.ndarray
    grid: Grid
    remarks: tuple[Remark, ...]
    volumes: int


@dataclass(frozen=True)
class _Header:
    big: str  # "<" or ">"
    size: int
    single: bool
    dims: tuple[int, ...]
    kind: int
    pixdim: tuple[float, ...]
    offset: int
    slope: float
    intercept: float
    units: int
    qform: int
    sform: int
    quaternion: tuple[float, ...]
    rows: np.ndarray


def count_nifti_volumes(path: Path) -> int:
    """Volumes of a file; 1 of a plain 3D scan.

    Raises:
        BadInput: see `read_nifti`.
    """
    with _opened(path) as file:
        header = _header(file, path)
    _shape(header, path)
    return _volumes(header)


def read_nifti(path: Path, number: int = 0) -> NiftiVolume:
    """One volume of a file.

    Args:
        number: of the volume, from 0, in files with a fourth dimension.

    Raises:
        BadInput: cut short, damaged, no scalar volume, or without a pixel size.
    """
    with _opened(path) as file:
        header = _header(file, path)
        shape = _shape(header, path)
        values = _values(file, path, header, shape, number)
    matrix, remarks = _matrix(header, path)
    slope, intercept = header.slope, header.intercept
    stated = np.isfinite([slope, intercept]).all() and slope != 0.0  # by the standard 0 means: no scale
    if stated and (slope, intercept) != (1.0, 0.0):
        values = values.astype(np.float64) * slope + intercept
    return NiftiVolume(values.reshape(shape), Grid(matrix, shape), remarks, _volumes(header))


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with gzip.open(path, "rb") if is_packed(path) else path.open("rb") as file:
            yield file  # type: ignore[misc]
    except (EOFError, zlib.error, gzip.BadGzipFile, struct.error):
        raise BadInput(f"{path.name} is cut short or damaged.", "Copy it again from its source.") from None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or 'damaged'}).", "Check the file.") from None


def _header(file: IO[bytes], path: Path) -> _Header:
    head = file.read(540)
    if len(head) < 348:
        raise BadInput(f"{path.name} is cut short.", "Copy it again from its source.")
    for big in "<>":
        size = struct.unpack_from(big + "i", head)[0]
        if size == 348:
            return _first_version(head, big)
        if size == 540 and len(head) == 540:
            return _second_version(head, big)
    raise BadInput(f"{path.name} is a damaged NIfTI file.", _AGAIN)


def _first_version(head: bytes, big: str) -> _Header:
    def take(form: str, at: int) -> tuple[float, ...]:
        return struct.unpack_from(big + form, head, at)

    dims, pixdim, (offset, slope, intercept) = take("8h", 40), take("8f", 76), take("3f", 108)
    return _Header(
        big=big,
        size=348,
        single=head[344:348] == b"n+1\0",
        dims=tuple(int(value) for value in dims),
        kind=int(take("h", 70)[0]),
        pixdim=pixdim,
        offset=int(offset) if np.isfinite(offset) else 0,
        slope=slope,
        intercept=intercept,
        units=head[123],
        qform=int(take("h", 252)[0]),
        sform=int(take("h", 254)[0]),
        quaternion=take("6f", 256),
        rows=np.array(take("12f", 280)).reshape(3, 4),
    )


def _second_version(head: bytes, big: str) -> _Header:
    def take(form: str, at: int) -> tuple[float, ...]:
        return struct.unpack_from(big + form, head, at)

    slope, intercept = take("2d", 176)
    return _Header(
        big=big,
        size=540,
        single=head[4:8] == b"n+2\0",
        dims=tuple(int(value) for value in take("8q", 16)),
        kind=int(take("h", 12)[0]),
        pixdim=take("8d", 104),
        offset=int(take("q", 168)[0]),
        slope=slope,
        intercept=intercept,
        units=int(take("i", 500)[0]) & 0xFF,
        qform=int(take("i", 344)[0]),
        sform=int(take("i", 348)[0]),
        quaternion=take("6d", 352),
        rows=np.array(take("12d", 400)).reshape(3, 4),
    )


def _volumes(header: _Header) -> int:
    count = header.dims[0]
    return int(np.prod([max(1, size) for size in header.dims[4 : count + 1]], dtype=object)) if count > 3 else 1


def _shape(header: _Header, path: Path) -> tuple[int, int, int]:
    count = header.dims[0]
    if not 1 <= count <= 7 or any(size < 1 for size in header.dims[1 : count + 1]):
        raise BadInput(f"{path.name} states a size that is no volume's.", _AGAIN)
    if count < 3 or header.dims[3] == 1:
        raise BadInput(f"{path.name} holds a single picture, not a volume.", "Give a whole CT series.")
    if count > 4 and header.dims[5] > 1:
        raise BadInput(f"{path.name} holds {header.dims[5]} values in each voxel, but a CT has one.", "Give a CT.")
    if header.kind not in _TYPES:
        what = _OTHER_TYPES.get(header.kind, "numbers of an unknown type")
        raise BadInput(f"{path.name} holds {what}, but a CT has one number in each voxel.", "Give a CT.")
    shape = (header.dims[3], header.dims[2], header.dims[1])
    check_size(shape[0] * shape[1] * shape[2], max(shape[1:]), path.name)
    return shape


def _values(file: IO[bytes], path: Path, header: _Header, shape: tuple[int, int, int], number: int) -> np.ndarray:
    kind = np.dtype(header.big + _TYPES[header.kind])
    count = shape[0] * shape[1] * shape[2]
    if not header.single:
        path = path.with_name(path.name.replace(".hdr", ".img"))
        with _opened(path) as pixels:
            return _numbers(pixels, path, kind, count, header.offset + number * count * kind.itemsize, 0)
    start = max(header.offset, header.size) + number * count * kind.itemsize
    return _numbers(file, path, kind, count, start, 540)


def _numbers(file: IO[bytes], path: Path, kind: np.dtype, count: int, start: int, at: int) -> np.ndarray:
    if swells_too_far(start + count * kind.itemsize, path.stat().st_size):
        _refuse_short(path, 0, count * kind.itemsize)
    file.seek(start)
    raw = np.empty(count * kind.itemsize, np.uint8)
    done = 0
    while done < len(raw):
        try:
            part = file.read(min(_CHUNK, len(raw) - done))
        except (EOFError, zlib.error):
            part = b""
        if not part:
            _refuse_short(path, done, len(raw))
        raw[done : done + len(part)] = np.frombuffer(part, np.uint8)
        done += len(part)
    return raw.view(kind).astype(kind.newbyteorder("="), copy=False)


def _refuse_short(path: Path, there: int, wanted: int) -> None:
    share = f"only {100 * there / wanted:.0f} % of its voxels are there" if there else "its voxels are not there"
    raise BadInput(f"{path.name} is cut short: {share}.", "Copy it again from its source.")


def _matrix(header: _Header, path: Path) -> tuple[np.ndarray, tuple[Remark, ...]]:
    """4x4 voxel to RAS mm: the sform where stated, else the qform, as nibabel and the standard have it."""
    remarks = []
    size = np.abs(np.array(header.pixdim[1:4], float))
    by_rows = np.eye(4)
    by_rows[:3] = header.rows
    unstated = not (np.isfinite(size).all() and (size > 0).all())
    if header.sform > 0:
        matrix = by_rows
        if unstated:
            text = f"{path.name} states a voxel size that is none (pixdim); that of its sform was taken."
            remarks.append(Remark(text, Gravity.WARNING))
    elif unstated:
        sizes = " x ".join(f"{value:g}" for value in header.pixdim[1:4])
        raise BadInput(f"{path.name} states a voxel size of {sizes}, which is none.", "Correct the file's spacing.")
    elif header.qform > 0:
        matrix = _by_quaternion(header, size)
    else:
        matrix = np.diag([*size, 1.0])
        text = f"{path.name} states no directions (sform and qform are 0): sides and head may be exchanged."
        remarks.append(Remark(text, Gravity.GRAVE))
    edges = np.linalg.norm(matrix[:3, :3], axis=0)
    if not np.isfinite(matrix).all() or not (edges > 0).all():
        raise BadInput(f"{path.name} states no voxel size that can be used.", "Correct the file's spacing.")
    if header.sform > 0 and header.qform > 0 and not unstated:
        other = _by_quaternion(header, size)
        if np.abs(other[:3, :3] / size - matrix[:3, :3] / edges).max() > 0.02 or np.abs(size / edges - 1).max() > 0.01:
            text = f"{path.name} states two geometries that differ (sform and qform); the sform was taken."
            remarks.append(Remark(text, Gravity.GRAVE))
    unit = header.units & 7
    factor = {_METERS: 1000.0, _MICRONS: 0.001}.get(unit, 1.0)
    if factor != 1.0:
        matrix = np.diag([factor, factor, factor, 1.0]) @ matrix
        name = "meters" if unit == _METERS else "microns"
        remarks.append(Remark(f"{path.name} counts in {name}; it was turned into millimeters.", Gravity.WARNING))
    return matrix, tuple(remarks)


def _by_quaternion(header: _Header, size: np.ndarray) -> np.ndarray:
    b, c, d, x, y, z = header.quaternion
    rest = 1.0 - (b * b + c * c + d * d)
    a = float(np.sqrt(max(rest, 0.0)))
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    sign = -1.0 if header.pixdim[0] < 0 else 1.0
    matrix = np.eye(4)
    matrix[:3, :3] = turn * [size[0], size[1], size[2] * sign]
    matrix[:3, 3] = (x, y, z)
    return matrix
