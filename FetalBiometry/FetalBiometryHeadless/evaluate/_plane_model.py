"""The shipped planes model on plain pictures, without Slicer; the models are loaded once a process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

TASK = "FetalBiometryLib.inference.task:run"


def grey_picture(path: Path) -> np.ndarray:
    """(H, W) uint8 of a picture file.

    Raises:
        BadInput: the picture cannot be used.
    """
    from FetalBiometryLib.picture.ultrasound import read_picture

    return read_picture(path).grey()


def look_at_picture(picture: np.ndarray, plane: str, device: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What the task says about one picture (plane, guess, finding, abstained, reason), and which model said so.

    Args:
        picture: (H, W) uint8.
        plane: "auto" or the plane it shows.
        device: "auto", "cpu" or "cuda".

    Raises:
        DeepMedError: a model is missing or was changed.
    """
    from DeepMedLib.jobs.task import Task, run_here
    from DeepMedLib.provenance import made_with

    options = {"resources": str(models_folder("FetalBiometry")), "device": device, "plane": plane}
    values: dict[str, Any] = dict(run_here(Task(TASK, {"picture": picture}, options)).values)
    return values, made_with(values)
