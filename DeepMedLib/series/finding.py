"""Which files of a folder hold scans, and why a file holds none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from DeepMedLib.errors import BadInput
from DeepMedLib.file_kinds import (
    ANALYZE,
    DICOM,
    PACKED,
    VOLUME_KINDS,
    head_of_file,
    in_natural_order,
    kind_of_file,
    kind_of_head,
)
from DeepMedLib.series.scan import REMEDY

_MOST_FILES = 200_000
_PLAIN = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and give the folder."),
    (PACKED, "a compressed file that holds no NIfTI volume, or is cut short", REMEDY),
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


def check_kind(path: Path) -> str:
    """The kind of a file that was given by name.

    Raises:
        BadInput: it is missing, empty, unreadable or of no kind that holds a scan; the sentence says what it is.
    """
    head = head_of_file(path)
    kind = kind_of_head(head)
    if kind == ANALYZE:
        if len(head) < 348:
            raise BadInput(f"{path.name} is cut short.", "Copy it again from its source.")
        raise BadInput(
            f"{path.name} is an Analyze 7.5 file, which does not state which side is right.",
            "Convert it to NIfTI from its source.",
        )
    if kind not in (DICOM, *VOLUME_KINDS):
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


def _all(kinds: dict[str, list[Path]], wanted: tuple[str, ...]) -> list[Path]:
    return [path for kind in wanted for path in kinds.get(kind, ())]
