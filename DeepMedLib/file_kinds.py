"""What a file is: told by its first bytes, never by its name; and files in the order in which people count."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from pathlib import Path

from DeepMedLib.dicom import looks_like_dicom
from DeepMedLib.errors import BadInput

DICOM, IMAGE, OTHER = "DICOM", "image", ""
NIFTI, NRRD, META, ANALYZE = "NIfTI", "NRRD", "MetaImage", "Analyze 7.5"
VOLUME_KINDS = (NIFTI, NRRD, META)
PACKED = b"\x1f\x8b"
"""What gzip begins with; a packed NIfTI file is one, too."""

_HEAD_BYTES = 1024
_NIFTI_MAGIC = {b"n+1\0": 344, b"ni1\0": 344, b"n+2\0": 4, b"ni2\0": 4}
_ANALYZE_SIZES = (b"\x5c\x01\0\0", b"\0\0\x01\x5c")
_IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BITMAP_SIZES = (12, 40, 52, 56, 64, 108, 124)  # of the second header of a BMP file; "BM" alone is only two letters


def kind_of_file(path: Path) -> str:
    """`DICOM`, `IMAGE`, one of `VOLUME_KINDS`, `ANALYZE` or `OTHER`; OTHER too where it cannot be read."""
    try:
        with path.open("rb") as file:
            return kind_of_head(file.read(_HEAD_BYTES))
    except (OSError, ValueError):
        return OTHER


def head_of_file(path: Path) -> bytes:
    """The first bytes of a file that was given by name, enough for `kind_of_head`.

    Raises:
        BadInput: it is missing, a folder, empty or unreadable.
    """
    try:
        if path.is_dir():
            raise BadInput(f"{path.name} is a folder.", "Give one of its files.")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        raise BadInput(f"There is no file {path.name}.", "Check the path.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a valid path"
        raise BadInput(f"{path.name[:80]} cannot be read ({reason}).", "Check the path and its permissions.") from None
    if not head:
        raise BadInput(f"{path.name} is empty (0 bytes).", "Copy or export it again.")
    return head


def kind_of_head(head: bytes) -> str:
    """The kind of a file that begins so; see `kind_of_file`."""
    if head.startswith(PACKED):
        return NIFTI if _is_nifti(_unpacked(head)) else OTHER
    if _is_nifti(head):
        return NIFTI
    if head.startswith(b"NRRD00"):
        return NRRD
    if looks_like_dicom(head):
        return DICOM
    if head.startswith(_IMAGE_STARTS) or (head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BITMAP_SIZES):
        return IMAGE
    if b"ElementDataFile" in head or re.search(rb"^(ObjectType|NDims)\s*=", head[:200], re.MULTILINE):
        return META
    return ANALYZE if head.startswith(_ANALYZE_SIZES) else OTHER


def is_packed(path: Path) -> bool:
    """Whether gzip has packed it.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(len(PACKED)) == PACKED


def in_natural_order(paths: Iterable[Path]) -> list[Path]:
    """Sorted so that 2 comes before 10."""
    return sorted(paths, key=lambda p: [int(t) if t.isdigit() else t.lower() for t in re.split(r"(\d+)", str(p))])


def _is_nifti(head: bytes) -> bool:
    return any(head[at : at + 4] == magic for magic, at in _NIFTI_MAGIC.items())


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, _HEAD_BYTES)
    except zlib.error:
        return b""
