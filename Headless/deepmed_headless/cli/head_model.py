"""The shipped head model on plain picture files, without Slicer; the model is loaded once a process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

    from FetalBiometryLib.planes.head import HeadFinding

TASK = "FetalBiometryLib.inference.head_task:run"


def find_head(path: Path, device: str) -> tuple[HeadFinding, dict[str, str]]:
    """The head of one picture file, and which model found it.

    Raises:
        DeepMedError: the picture cannot be used, or the model is missing or was changed.
    """
    from DeepMedLib.provenance import made_with
    from DeepMedLib.task import Task, run_here
    from FetalBiometryLib.picture.files import read_picture
    from FetalBiometryLib.planes.head import HeadFinding

    arrays = {"picture": read_picture(path).grey()}
    result = run_here(Task(TASK, arrays, {"resources": str(models_folder("FetalBiometry")), "device": device}))
    return HeadFinding.from_dict(result.values["finding"]), made_with(result.values)


def head_maps(path: Path, device: str) -> tuple[HeadFinding, np.ndarray, dict[str, str]]:
    """As `find_head`, with the probabilities (4, H, W) of head, brain, CSP and ventricle on the file's pixels.

    Raises:
        DeepMedError: as `find_head`.
    """
    import numpy as np

    from DeepMedLib.models.loading import record_of
    from FetalBiometryLib.inference.head_network import look_at
    from FetalBiometryLib.inference.head_task import finding_of, load
    from FetalBiometryLib.picture.files import read_picture
    from FetalBiometryLib.planes.head import Calibration

    picture = read_picture(path).grey()
    model = load(models_folder("FetalBiometry"), device)
    looks = look_at(model.network, picture, model.device.name)
    finding = finding_of(looks, picture, Calibration.from_dict(model.bundle.read_json("configs/calibration.json")))
    return finding, np.asarray(looks.picture_maps()), record_of(model)
