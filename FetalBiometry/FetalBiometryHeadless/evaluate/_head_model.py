"""The shipped head model on plain picture files, without Slicer; the model is loaded once a process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

    from FetalBiometryLib.planes.findings import Finding

TASK = "FetalBiometryLib.inference.task:run"


def find_head(path: Path, device: str) -> tuple[Finding, dict[str, str]]:
    """The head of one picture file, and which model found it.

    Raises:
        DeepMedError: the picture cannot be used, or the model is missing or was changed.
    """
    from DeepMedLib.jobs.task import Task, run_here
    from DeepMedLib.provenance import made_with
    from FetalBiometryLib.picture.ultrasound import read_picture
    from FetalBiometryLib.planes.findings import Finding

    options = {"resources": str(models_folder("FetalBiometry")), "device": device, "plane": "head"}
    arrays = {"picture": read_picture(path).grey()}
    result = run_here(Task(TASK, arrays, options))
    return Finding.from_dict(result.values["finding"]), made_with(result.values)


def head_maps(path: Path, device: str) -> tuple[Finding, np.ndarray, dict[str, str]]:
    """As `find_head`, with the probabilities (4, H, W) of head, brain, CSP and ventricle on the file's pixels.

    Raises:
        DeepMedError: as `find_head`.
    """
    import numpy as np

    from DeepMedLib.models.loading import load_model, record_of
    from FetalBiometryLib.inference.head_network import look_at_head
    from FetalBiometryLib.inference.task import HEAD_BUNDLE, head_finding
    from FetalBiometryLib.picture.ultrasound import read_picture

    picture = read_picture(path).grey()
    model = load_model(models_folder("FetalBiometry"), HEAD_BUNDLE, device)
    looks = look_at_head(model.network, picture, model.device.name)
    finding, _ = head_finding(looks, picture, model.bundle.read_json("configs/calibration.json"))
    return finding, np.stack(list(looks.picture_maps().values())), record_of(model)
