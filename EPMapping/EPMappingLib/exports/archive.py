"""The files of an export: a folder, or a zip file as users get it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from DeepMedLib.errors import BadInput

MOST_BYTES = 2 * 1024**3
"""Of one file of an export when unpacked."""
_LOCAL_HEADER = 30  # bytes before the name of an entry

Files = Mapping[PurePosixPath, Callable[[], bytes]]
"""Path within the export -> what reads the file."""


def files_of_folder(folder: Path) -> Files:
    """The files below a folder."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes for path in found}


def files_of_zip(path: Path) -> Files:
    """The files of a zip file, found by its central directory, and unpacked only when read.

    An entry's own header is not needed, so that an archive whose headers were damaged is still read; every file is
    checked against its checksum.

    Raises:
        BadInput: it is no zip file, or encrypted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(f"{path.name} cannot be opened as a zip file: {error}.", "Export the study again.") from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(f"{path.name} is encrypted.", "Unpack it and give the folder.")
    return {PurePosixPath(entry.filename): _reader(path, entry) for entry in entries}


def _reader(path: Path, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        if entry.file_size > MOST_BYTES:
            raise BadInput(f"{entry.filename} is too large when unpacked.", "Unpack it and give the folder.")
        damaged = BadInput(f"{entry.filename} in {path.name} is damaged.", "Export the study again.")
        with path.open("rb") as stream:
            stream.seek(entry.header_offset)
            header = stream.read(_LOCAL_HEADER)
            if len(header) < _LOCAL_HEADER:
                raise damaged
            stream.seek(sum(struct.unpack("<HH", header[26:30])), 1)
            packed = stream.read(entry.compress_size)
        try:
            content = packed if entry.compress_type == zipfile.ZIP_STORED else _inflated(packed, entry.file_size)
        except zlib.error as error:
            raise damaged from error
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise damaged
        return content

    return read


def _inflated(packed: bytes, size: int) -> bytes:
    """The unpacked bytes, never more than one beyond the size that the directory tells."""
    return zlib.decompressobj(-15).decompress(packed, size + 1)
