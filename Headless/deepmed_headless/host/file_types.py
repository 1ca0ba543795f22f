"""Which reader takes which file name."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import NamedTuple


class FileType(NamedTuple):
    """One reader: its name in Slicer, the node and storage class (empty where a logic decides), the extensions."""

    name: str
    node_class: str
    storage_class: str
    extensions: tuple[str, ...]


# The first match wins, so the longer extensions come first.
FILE_TYPES = (
    FileType("SceneFile", "", "", (".mrml", ".mrb")),
    FileType(
        "SegmentationFile", "vtkMRMLSegmentationNode", "vtkMRMLSegmentationStorageNode", (".seg.nrrd", ".seg.nhdr")
    ),
    FileType("SequenceFile", "vtkMRMLSequenceNode", "", (".seq.nrrd", ".seq.nhdr", ".seq.mrb")),
    FileType("MarkupsFile", "", "", (".mrk.json", ".fcsv")),
    FileType("TransformFile", "vtkMRMLTransformNode", "vtkMRMLTransformStorageNode", (".h5", ".tfm", ".mat", ".xfm")),
    FileType("ColorTableFile", "vtkMRMLColorTableNode", "vtkMRMLColorTableStorageNode", (".ctbl", ".cxml")),
    FileType("TableFile", "vtkMRMLTableNode", "vtkMRMLTableStorageNode", (".schema.csv", ".tsv", ".csv")),
    FileType("ModelFile", "vtkMRMLModelNode", "vtkMRMLModelStorageNode", (".vtk", ".vtp", ".stl", ".ply", ".obj")),
    FileType("TextFile", "vtkMRMLTextNode", "vtkMRMLTextStorageNode", (".txt", ".json", ".xml")),
    FileType("VolumeFile", "", "", (".nrrd", ".nhdr", ".nii.gz", ".nii", ".mha", ".mhd", ".dcm")),
)

PICTURE_EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")

_DOUBLE_EXTENSION = re.compile(r"\.(nii\.gz|seg\.nrrd|seg\.nhdr|seq\.nrrd|seq\.nhdr|mrk\.json|schema\.csv)$", re.I)


def file_type_of(file_name: str) -> str:
    """The reader's name for a file name; anything unknown is taken for a volume, as DICOM files have no extension."""
    lower = file_name.lower()
    for entry in FILE_TYPES:
        if lower.endswith(entry.extensions):
            # A sequence bundle ends in .mrb as a scene does.
            return "SequenceFile" if lower.endswith(".seq.mrb") else entry.name
    return "VolumeFile"


def entry_of(name: str) -> FileType:
    """The reader called `name`.

    Raises:
        ValueError: there is no such reader.
    """
    for entry in FILE_TYPES:
        if entry.name == name:
            return entry
    raise ValueError(f"No reader named {name} is available headless.")


def base_name_of(file_name: str) -> str:
    """The file name without folder and extension (`.nii.gz` and its kind count as one)."""
    name = PurePath(file_name).name
    shorter = _DOUBLE_EXTENSION.sub("", name)
    return shorter if shorter != name else (PurePath(name).stem or name)
