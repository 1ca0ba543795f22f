"""What the INPUT arguments mean: files, folders, and the name of each one's result folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

#: Extensions that are cut off to get a stem, the ones of two parts first.
KNOWN_EXTENSIONS = (
    ".seg.nrrd",
    ".seg.nhdr",
    ".nii.gz",
    ".ome.tif",
    ".ome.tiff",
    ".mrk.json",
    ".png",
    ".jpg",
    ".jpeg",
    ".jfif",
    ".tif",
    ".tiff",
    ".bmp",
    ".dcm",
    ".dicom",
    ".ima",
    ".nrrd",
    ".nhdr",
    ".nii",
    ".mha",
    ".mhd",
    ".txt.xz",
    ".edf",
    ".bdf",
    ".vhdr",
    ".fif",
    ".hea",
    ".csv",
    ".tsv",
    ".txt",
    ".vtp",
    ".vtk",
    ".ply",
    ".stl",
    ".obj",
    ".mesh",
    ".zip",
)


@dataclass(frozen=True)
class Case:
    """One input to work on.

    Attributes:
        path: the file (or the folder of a series).
        stem: name of its result folder.
        values: the command's options as they hold for this input.
        parts: the inputs that it is made of, where it is several in one (an examination); they are cases of their own.
        is_part: that of a case with parts: what is not measured in it leaves the exit code to the whole.
    """

    path: Path
    stem: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    parts: tuple[Case, ...] = ()
    is_part: bool = False

    @property
    def key(self) -> tuple[Path, str]:
        """What tells it from every other case: its file, and the options as they hold for it."""
        return self.path.resolve(), repr(sorted(self.values.items()))


@dataclass(frozen=True)
class Refused:
    """An INPUT argument that could not be used; the others still run."""

    path: Path
    error: Exception


CasesOf = Callable[[Path], list[Case]]


def split_name(name: str) -> tuple[str, str]:
    """Stem and known extension of a file name; ``("scan", ".nii.gz")``. An unknown extension stays in the stem, and so
    does one before which there are only dots: ``...png`` would be the folder above."""
    lower = name.lower()
    for extension in KNOWN_EXTENSIONS:
        if lower.endswith(extension) and name[: -len(extension)].strip(". "):
            return name[: -len(extension)], name[-len(extension) :]
    return name, ""


def file_case(path: Path) -> Case:
    """A file as a case of its own."""
    return Case(path, split_name(path.name)[0])


def expand(inputs: Sequence[Path], cases_of_folder: CasesOf) -> tuple[list[Case], list[Refused]]:
    """The cases that the arguments mean, in their order, each file once, with stems that differ.

    Args:
        cases_of_folder: what a folder holds for this command; raises BadInput when that is nothing.
    """
    cases: list[Case] = []
    refused: list[Refused] = []
    for given in inputs:
        try:
            _check_name(given)
            cases += cases_of_folder(given.resolve()) if given.is_dir() else [file_case(given)]
        except Exception as error:
            refused.append(Refused(given, error))
    unique: dict[tuple[Path, str], Case] = {}
    for case in cases:
        unique.setdefault(case.key, case)
    return with_different_stems(list(unique.values())), refused


def _check_name(path: Path) -> None:
    """Raises BadInput where the libraries that read and write files could not be told the name."""
    from DeepMedLib.errors import BadInput

    try:
        str(path.absolute()).encode("utf-8")
    except UnicodeEncodeError:
        shown = path.name.encode("utf-8", "backslashreplace").decode()
        raise BadInput(
            f"The name of {shown} is not UTF-8.", "Rename it, or set a UTF-8 locale such as LC_ALL=C.UTF-8."
        ) from None


def with_different_stems(cases: Sequence[Case]) -> list[Case]:
    """Equal stems get the parent's name in front, and its parent's, as far as needed; case does not tell them apart.

    Files of one folder that differ in their extension alone keep it: ``head_png`` and ``head_jpg``.
    """
    found = list(cases)
    # What has parts (an examination) is told apart by its own folder's name.
    parents = [list((case.path if case.parts else case.path.parent).resolve().parts[1:]) for case in cases]
    while clashes := _clashes(found):
        if not any(parents[i] for i in clashes):
            break
        for i in clashes:
            if parents[i]:
                found[i] = replace(found[i], stem=f"{parents[i].pop()}_{found[i].stem}")
        if _same_folder(found, clashes):
            break
    for i in _clashes(found):
        extension = split_name(found[i].path.name)[1].replace(".", "_")
        found[i] = replace(found[i], stem=f"{found[i].stem}{extension}")
    for i in _clashes(found):
        found[i] = replace(found[i], stem=f"{found[i].stem}_{i + 1}")
    return found


def _clashes(cases: Sequence[Case]) -> list[int]:
    counts = Counter(case.stem.casefold() for case in cases)
    return [i for i, case in enumerate(cases) if counts[case.stem.casefold()] > 1]


def _same_folder(cases: Sequence[Case], clashes: Sequence[int]) -> bool:
    """Whether all that still clash with one another lie in one folder, so that no parent's name can part them."""
    still = [i for i in _clashes(cases) if i in clashes]
    folders: dict[str, set[Path]] = {}
    for i in still:
        folders.setdefault(cases[i].stem.casefold(), set()).add(cases[i].path.resolve().parent)
    return bool(still) and all(len(where) == 1 for where in folders.values())
