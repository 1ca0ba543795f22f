"""Which file a volume came from. Paths may hold names of patients or machines: they are never saved with the scene."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

import slicer

TOKEN_ATTRIBUTE = "DeepMed.SourceToken"

INSTANCES_ATTRIBUTE = "DICOM.instanceUIDs"
"""Slicer's own attribute, by which exporters find what a volume was made of."""

#: Token on the node -> file, for this session.
_paths: dict[str, Path] = {}
#: Token on the node -> file and frame of every slice, for this session.
_slices: dict[str, tuple[tuple[Path, int], ...]] = {}


def rememberFile(volumeNode: slicer.vtkMRMLVolumeNode, path: str | Path) -> None:
    """Note the file that we read a volume from."""
    token = uuid.uuid4().hex
    volumeNode.SetAttribute(TOKEN_ATTRIBUTE, token)
    _paths[token] = Path(path).resolve()


def rememberSlices(volumeNode: slicer.vtkMRMLVolumeNode, slices: Sequence[tuple[Path, int]]) -> None:
    """Note the DICOM file of each slice of a volume that we read, and the frame in it."""
    token = uuid.uuid4().hex
    volumeNode.SetAttribute(TOKEN_ATTRIBUTE, token)
    _paths[token] = slices[0][0].resolve()
    _slices[token] = tuple((path.resolve(), frame) for path, frame in slices)


def slicesInOrder(volumeNode: slicer.vtkMRMLVolumeNode) -> tuple[tuple[Path, int], ...]:
    """DICOM file and frame of each slice along k of a volume that we read in this session; nothing for others."""
    return _slices.get(volumeNode.GetAttribute(TOKEN_ATTRIBUTE) or "", ())


def filesInDatabase(volumeNode: slicer.vtkMRMLVolumeNode) -> tuple[Path, ...]:
    """The files of a volume's DICOM instances that Slicer's database holds, in no order that means anything."""
    database = getattr(slicer, "dicomDatabase", None)
    uids = (volumeNode.GetAttribute(INSTANCES_ATTRIBUTE) or "").split()
    found = [database.fileForInstance(uid) for uid in uids] if database is not None else []
    return tuple(Path(file) for file in dict.fromkeys(found) if file and Path(file).is_file())


def sourceFile(volumeNode: slicer.vtkMRMLVolumeNode) -> Path | None:
    """The file a volume came from: loaded by us in this session, the storage node's, or one in Slicer's database."""
    ours = _paths.get(volumeNode.GetAttribute(TOKEN_ATTRIBUTE) or "")
    candidates = [ours] if ours else []
    storage = volumeNode.GetStorageNode()
    if storage is not None and storage.GetFileName():
        candidates.append(storage.GetFileName())
    uids = volumeNode.GetAttribute(INSTANCES_ATTRIBUTE)
    database = getattr(slicer, "dicomDatabase", None)
    if uids and database is not None:
        candidates.append(database.fileForInstance(uids.split()[0]))
    return next((Path(c) for c in candidates if c and Path(c).is_file()), None)
