"""Which file a volume came from. Paths may hold names of patients or machines: they are never saved with the scene."""

from __future__ import annotations

import uuid
from pathlib import Path

import slicer

TOKEN_ATTRIBUTE = "DeepMed.SourceToken"

#: Token on the node -> file, for this session.
_paths: dict[str, Path] = {}


def rememberFile(volumeNode: slicer.vtkMRMLVolumeNode, path: str | Path) -> None:
    """Note the file that we read a volume from."""
    token = uuid.uuid4().hex
    volumeNode.SetAttribute(TOKEN_ATTRIBUTE, token)
    _paths[token] = Path(path).resolve()


def sourceFile(volumeNode: slicer.vtkMRMLVolumeNode) -> Path | None:
    """The file a volume came from: loaded by us in this session, the storage node's, or one in Slicer's database."""
    ours = _paths.get(volumeNode.GetAttribute(TOKEN_ATTRIBUTE) or "")
    candidates = [ours] if ours else []
    storage = volumeNode.GetStorageNode()
    if storage is not None and storage.GetFileName():
        candidates.append(storage.GetFileName())
    uids = volumeNode.GetAttribute("DICOM.instanceUIDs")
    database = getattr(slicer, "dicomDatabase", None)
    if uids and database is not None:
        candidates.append(database.fileForInstance(uids.split()[0]))
    return next((Path(c) for c in candidates if c and Path(c).is_file()), None)
