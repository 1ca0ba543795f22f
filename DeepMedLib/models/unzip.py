"""Unpacks a zip file from an unknown source: nothing lands outside the folder, and it cannot fill the disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from DeepMedLib.disk import disk_refused
from DeepMedLib.errors import BundleRefused

MOST_BYTES = 4 * 1024**3
MOST_FILES = 5000

_REMEDY = "Do not use this file; fetch it again from its origin."


def unzip(source: Path, folder: Path, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> None:
    """Unpacks ``source`` into the existing, empty ``folder``.

    Raises:
        DiskRefused: the disk is full, read-only or forbidden.
        BundleRefused: not a zip file, damaged, encrypted, too large, or with an entry that leads elsewhere (all
            entries are looked at before the first is written).
    """
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            if len(entries) > most_files:
                raise BundleRefused(f"{source.name} holds {len(entries)} files.", _REMEDY)
            if sum(entry.file_size for entry in entries) > most_bytes:
                raise BundleRefused(f"{source.name} is too large when unpacked.", _REMEDY)
            places = [(entry, _place(entry, source.name)) for entry in entries if not entry.is_dir()]
            left = most_bytes
            for entry, place in places:
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as packed, open(target, "xb") as unpacked:
                    while block := packed.read(1 << 20):
                        left -= len(block)
                        if left < 0:  # an entry may lie about its size
                            raise BundleRefused(f"{source.name} is too large when unpacked.", _REMEDY)
                        unpacked.write(block)
    except OSError as error:
        refused = disk_refused(error, folder)
        raise refused or BundleRefused(f"{source.name} cannot be unpacked: {error}.", _REMEDY) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise BundleRefused(f"{source.name} cannot be unpacked: {error}.", _REMEDY) from error


def _place(entry: zipfile.ZipInfo, archive: str) -> PurePosixPath:
    name = entry.orig_filename
    place = PurePosixPath(name)
    # Windows reads "\" and "C:" as parts of a path; POSIX links are stored as a file mode.
    elsewhere = place.is_absolute() or ".." in place.parts or any(sign in name for sign in "\\:\0")
    if elsewhere or not place.parts or stat.S_ISLNK(entry.external_attr >> 16):
        raise BundleRefused(f"{archive} holds a file that would be written elsewhere: {name[:80]!r}.", _REMEDY)
    return place
