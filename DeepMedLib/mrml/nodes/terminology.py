"""Coded names of segments: Slicer's terminology tags, and loading our own lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import slicer
import vtk

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code

GENERAL_ANATOMY = "Segmentation category and type - 3D Slicer General Anatomy list"
ANATOMICAL_STRUCTURE = Code("123037004", "SCT", "Anatomical Structure")
_REGIONS = "Anatomic codes - DICOM master list"


def terminologyTag(codes: Sequence[Code], context: str = GENERAL_ANATOMY) -> str:
    """Slicer's one-line form of a terminology entry.

    Args:
        codes: category, type and, where there is one, the modifier (left, right ...).
        context: name of the terminology list that holds them.
    """
    if len(codes) not in (2, 3):
        raise ValueError("a terminology entry has a category, a type and at most one modifier")

    def part(code: Code) -> str:
        return f"{code.scheme}^{code.value}^{code.meaning}"

    category, kind = part(codes[0]), part(codes[1])
    modifier = part(codes[2]) if len(codes) == 3 else "^^"
    return "~".join([context, category, kind, modifier, _REGIONS, "^^", "^^"])


def setTerminology(segment: slicer.vtkSegment, codes: Sequence[Code], context: str = GENERAL_ANATOMY) -> None:
    """Give a segment its coded name."""
    segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminologyTag(codes, context))


def terminologyOf(segment: slicer.vtkSegment) -> tuple[Code, ...]:
    """Category, type and modifier of a segment; empty when it carries none."""
    text = vtk.reference("")
    if not segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), text):
        return ()
    codes = []
    for part in str(text).split("~")[1:4]:
        scheme, value, meaning = ([*part.split("^"), "", "", ""])[:3]
        if value:
            codes.append(Code(value, scheme, meaning))
    return tuple(codes)


def loadTerminology(path: str | Path) -> str:
    """Load a terminology list of ours (``.term.json``) so that the segment editor offers it; returns its name.

    Returns "" on hosts without the Terminologies module: the coded tags of segments do not depend on it.

    Raises:
        BadInput: the file is missing or is no terminology list.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"The terminology file {path.name} is missing.", "Install the extension again.")
    module = getattr(slicer.modules, "terminologies", None)
    if module is None:
        return ""
    name = module.logic().LoadTerminologyFromFile(str(path))
    if not name:
        raise BadInput(f"{path.name} is not a terminology list.", "Install the extension again.")
    return name
