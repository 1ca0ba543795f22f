"""The drawn trunk as files: a scan, and its organs as a segmentation whose segments have names in Slicer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from DeepMedLib.ct.ct_phantom import ORGANS, CtPhantom
from DeepMedLib.geometry import to_sitk


def write_trunk(trunk: CtPhantom, stem: Path) -> tuple[Path, Path]:
    """Writes ``<stem>.nrrd`` and ``<stem>.seg.nrrd``; returns their paths."""
    import SimpleITK as sitk

    scan, organs = stem.with_name(f"{stem.name}.nrrd"), stem.with_name(f"{stem.name}.seg.nrrd")
    sitk.WriteImage(to_sitk(trunk.values, trunk.grid), str(scan), useCompression=True)
    labels = to_sitk(trunk.labels, trunk.grid)
    _name_segments(labels, ORGANS)
    sitk.WriteImage(labels, str(organs), useCompression=True)
    return scan, organs


def _name_segments(labels: Any, names: Mapping[int, str]) -> None:
    """Header fields with which Slicer writes segmentations, so that it reads the labels with their names."""
    extent = " ".join(f"0 {size - 1}" for size in labels.GetSize())
    labels.SetMetaData("Segmentation_ReferenceImageExtentOffset", "0 0 0")
    for index, (value, name) in enumerate(names.items()):
        fields = {"ID": name, "Name": name, "LabelValue": str(value), "Layer": "0", "Extent": extent}
        for key, text in fields.items():
            labels.SetMetaData(f"Segment{index}_{key}", text)


def drawn_states(trunk: CtPhantom) -> dict[str, str]:
    """Organ -> "absent", "cut" where it reaches a face of the volume, otherwise "complete"."""
    states = {}
    for label, name in ORGANS.items():
        mask = trunk.labels == label
        faces = [mask.take(end, axis) for axis in range(3) for end in (0, -1)]
        states[name] = "absent" if not mask.any() else "cut" if any(face.any() for face in faces) else "complete"
    return states
