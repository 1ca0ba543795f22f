"""Which files of a folder hold scans: told by what is in them, never by their names."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from DeepMedLib.dicom import looks_like_dicom
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.files import in_natural_order
from DeepMedLib.series.scan import REMEDY

DICOM, NIFTI, NRRD, META, OTHER = "DICOM", "NIfTI", "NRRD", "MetaImage", ""
VOLUME_KINDS = (NIFTI, NRRD, META)

_HEAD = 1024  # bytes that tell a kind
_NIFTI_MAGIC = {b"n+1\0": 344, b"ni1\0": 344, b"n+2\0": 4, b"ni2\0": 4}
_MOST_FILES = 200_000
_PLAIN = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and give the folder."),
    (b"\x1f\x8b", "a compressed file that holds no NIfTI volume, or is cut short", REMEDY),
    (b"\x89PNG", "a PNG picture", REMEDY),
    (b"\xff\xd8\xff", "a JPEG picture", REMEDY),
    (b"%PDF", "a PDF document", REMEDY),
)


@dataclass(frozen=True)
class FoundFiles:
    """Files of a folder and of the folders in it, in natural order.

    Attributes:
        dicom: begin as DICOM files do.
        volumes: NIfTI, NRRD and MetaImage files.
    """

    dicom: tuple[Path, ...]
    volumes: tuple[Path, ...]


def find_files(folder: Path, deep: bool = True) -> FoundFiles:
    """What a folder holds; names that begin with a dot are skipped, links are followed.

    Args:
        deep: also look into the folders in it.

    Raises:
        BadInput: it cannot be read, or holds far too many files.
    """
    kinds: dict[str, list[Path]] = {}
    for path in in_natural_order(_walk(folder, deep)):
        kinds.setdefault(kind_of_file(path), []).append(path)
    volumes = [path for path in _all(kinds, VOLUME_KINDS) if ".seg." not in path.name.lower()]
    return FoundFiles(tuple(kinds.get(DICOM, ())), tuple(in_natural_order(volumes)))


def kind_of_file(path: Path) -> str:
    """DICOM, NIFTI, NRRD, META or OTHER; OTHER too where it cannot be read."""
    try:
        head = _head(path)
    except OSError:
        return OTHER
    return _kind(head)


def check_kind(path: Path) -> str:
    """The kind of a file that was given by name.

    Raises:
        BadInput: it is missing, empty, unreadable or of no kind that holds a scan; the sentence says what it is.
    """
    try:
        head = _head(path)
    except FileNotFoundError:
        raise BadInput(f"There is no {path.name}.", "Check the path.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a valid path"
        raise BadInput(f"{path.name[:80]} cannot be read ({reason}).", "Check the path and its permissions.") from None
    if not head:
        raise BadInput(f"{path.name} is empty (0 bytes).", "Copy or export it again.")
    kind = _kind(head)
    if kind == OTHER:
        if head[:4] in (b"\x5c\x01\0\0", b"\0\0\x01\x5c"):
            if len(head) < 348:
                raise BadInput(f"{path.name} is cut short.", "Copy it again from its source.")
            raise BadInput(
                f"{path.name} is an Analyze 7.5 file, which does not state which side is right.",
                "Convert it to NIfTI from its source.",
            )
        for start, what, remedy in _PLAIN:
            if head.startswith(start):
                raise BadInput(f"{path.name} is {what}.", remedy)
        raise BadInput(f"{path.name} is no scan: neither DICOM nor NIfTI, NRRD or MetaImage.", REMEDY)
    return kind


def _walk(folder: Path, deep: bool) -> list[Path]:
    found: list[Path] = []
    seen: set[str] = set()

    def refuse(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise BadInput(f"The folder {folder.name} cannot be read ({error.strerror}).", "Check its permissions.")

    for root, folders, names in os.walk(folder, followlinks=True, onerror=refuse):
        real = os.path.realpath(root)
        if real in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if deep else []
        found += [Path(root, name) for name in names if not name.startswith(".")]
        if len(found) > _MOST_FILES:
            raise BadInput(f"The folder {folder.name} holds more than {_MOST_FILES} files.", "Give a folder in it.")
    return [path for path in found if path.is_file()]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[:2] == b"\x1f\x8b":
        try:
            plain = zlib.decompressobj(31).decompress(head, _HEAD)
        except zlib.error:
            return head
        return plain if _kind(plain) == NIFTI else head
    return head


def _kind(head: bytes) -> str:
    if any(head[at : at + 4] == magic for magic, at in _NIFTI_MAGIC.items()):
        return NIFTI
    if head.startswith(b"NRRD000"):
        return NRRD
    if looks_like_dicom(head):
        return DICOM
    if b"ElementDataFile" in head or (b"NDims" in head[:200] and b"=" in head[:200]):
        return META
    return OTHER


def _all(kinds: dict[str, list[Path]], wanted: tuple[str, ...]) -> list[Path]:
    return [path for kind in wanted for path in kinds.get(kind, ())]
