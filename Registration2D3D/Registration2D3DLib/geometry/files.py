"""Geometry and start poses from files: our JSON, Autoscoper's calibration, the header of an X-ray."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import RAS_TO_LPS
from Registration2D3DLib.geometry.c_arm import CArm
from Registration2D3DLib.geometry.pose import pose_from_dict
from Registration2D3DLib.geometry.view import View

_REMEDY = "Give geometry.json or an Autoscoper calibration (.txt)."
_ANATOMICAL = "The geometry is a first guess from the DICOM header; errors of degrees and centimeters are common."
_ISOCENTER = "The header tells neither where the isocenter lies in the CT nor how the patient lay: supine was taken."


def read_geometry(path: str | Path) -> View:
    """The geometry of a file.

    Raises:
        BadInput: there is none in it.
    """
    path = Path(path)
    text = _text(path)
    if text.lstrip().startswith("{"):
        return View.from_dict(_json(path, text))
    if "camera matrix" in text.lower():
        return autoscoper(text, path.name)
    raise BadInput(f"{path.name} holds no geometry.", _REMEDY)


def read_pose(path: str | Path) -> np.ndarray:
    """(4, 4) the start pose of an init.json.

    Raises:
        BadInput: it holds none.
    """
    path = Path(path)
    return pose_from_dict(_json(path, _text(path)))


def autoscoper(text: str, name: str = "The calibration") -> View:
    """A calibration file of Autoscoper and XMALab: image size, camera matrix, rotation, translation.

    Its camera is ``x = R X + t`` in mm with rows that run down. The calibration cube's frame is nobody's RAS; it is
    taken as the world's.

    Raises:
        BadInput: a part is missing.
    """
    parts: dict[str, list[float]] = {}
    key = ""
    for line in text.splitlines():
        words = line.strip()
        if not words:
            continue
        try:
            numbers = [float(word) for word in words.replace(";", ",").split(",") if word.strip()]
        except ValueError:
            key = words.lower()
            parts[key] = []
            continue
        parts.setdefault(key, []).extend(numbers)
    sizes = {"image size": 2, "camera matrix": 9, "rotation": 9, "translation": 3}
    for part, count in sizes.items():
        if len(parts.get(part, [])) != count:
            raise BadInput(f"{name} has no {part} of {count} numbers.", _REMEDY)
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = np.reshape(parts["rotation"], (3, 3)), parts["translation"]
    width, height = (int(value) for value in parts["image size"])
    return View.from_camera(np.reshape(parts["camera matrix"], (3, 3)), pose, (width, height))


def from_dicom(path: str | Path) -> tuple[View, tuple[str, ...]]:
    """A first guess from the header of an XA, RF, CR or DX file, and sentences that say what it rests on.

    Raises:
        BadInput: the header lacks a distance or the pixel size.
    """
    from DeepMedLib.dicom import open_dicom, quiet_pydicom

    path = Path(path)
    dataset = open_dicom(path, with_pixels=False)
    with quiet_pydicom():
        values: dict[str, Any] = {
            "sdd": dataset.get("DistanceSourceToDetector"),
            "sid": dataset.get("DistanceSourceToPatient"),
            "pixel": dataset.get("ImagerPixelSpacing") or dataset.get("DetectorElementSpacing"),
            "primary": dataset.get("PositionerPrimaryAngle"),
            "secondary": dataset.get("PositionerSecondaryAngle"),
            "columns": dataset.get("Columns"),
            "rows": dataset.get("Rows"),
        }
    names = {"sdd": "distance from source to detector", "sid": "distance from source to patient", "pixel": "pixel size"}
    for key, what in names.items():
        if not values[key]:
            raise BadInput(f"The header of {path.name} states no {what}.", "Give geometry.json.")
    notes = [_ANATOMICAL, _ISOCENTER]
    if values["primary"] is None or values["secondary"] is None:
        notes.append("The header states no angles of the C-arm: 0 was taken.")
    row_mm, column_mm = (float(value) for value in values["pixel"])
    arm = CArm(
        float(values["sdd"]), float(values["sid"]), float(values["primary"] or 0), float(values["secondary"] or 0),
        (column_mm, row_mm), int(values["columns"]), int(values["rows"]),
    )  # fmt: skip
    return arm.view(), tuple(notes)


def from_lps(projection: np.ndarray, size: tuple[int, int]) -> View:
    """From a 3x4 matrix that takes homogeneous LPS mm, as plastimatch writes it, and (width, height)."""
    return View(np.asarray(projection, float) @ RAS_TO_LPS, *size)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput(f"There is no {path.name}.", "Check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read as text.", _REMEDY) from error


def _json(path: Path, text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path.name} is no JSON: {error.msg} in line {error.lineno}.", "Write it again.") from error
    if not isinstance(record, dict):
        raise BadInput(f"{path.name} holds no object.", "Write it again.")
    return record
