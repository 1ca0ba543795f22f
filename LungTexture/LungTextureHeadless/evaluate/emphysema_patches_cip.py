"""Texture classes of the emphysema patches of the Chest Imaging Platform."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row
from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

PATCHES = "patches_31x31_hu.npz"


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, one row a patch; metrics.json where the archive holds labels.

    Each patch is seen as it lies, turned and mirrored, eight ways in all. Labels are never read for a prediction.

    Raises:
        BadInput: no archive of patches in the folder.
        BundleRefused: the shipped model is missing or was changed.
    """
    import numpy as np

    from LungTextureLib.classes import KEYS
    from LungTextureLib.patches import patch_probabilities
    from LungTextureLib.texture_model import load_texture_model

    images, labels = read_patches(run.folder / PATCHES)
    images = images[: run.limit]
    model = load_texture_model(models_folder("LungTexture"), run.device)
    with run.screen.bar("evaluate", 1) as bar:
        step = bar.start(PATCHES)
        found = patch_probabilities(model.model.network, images, model.patch_temperature, model.model.device.name, step)
        bar.done()
    rows: list[Row] = []
    for number, probabilities in enumerate(found):
        given = {f"p_{key}": float(value) for key, value in zip(KEYS, probabilities, strict=True)}
        rows.append({"n": number, "label": KEYS[int(np.argmax(probabilities))], **given, "reason": ""})
    columns = ("n", "label", *(f"p_{key}" for key in KEYS), "reason")
    metrics = None if labels is None else _metrics(found, labels[: len(images)], model.about())
    run.write(columns, rows, metrics)


def read_patches(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """(n, 31, 31) HU patches of an archive, and their labels where it holds them.

    Raises:
        BadInput: there is no such archive, or it holds no patches.
    """
    import numpy as np

    from DeepMedLib.errors import BadInput
    from LungTextureLib.classes import SIDE

    remedy = f"Give the folder that holds {PATCHES}."
    if not path.is_file():
        raise BadInput(f"There is no {path.name} in {path.parent}.", remedy)
    try:
        with np.load(path, allow_pickle=False) as stored:
            images, labels = stored["img"], stored["label"] if "label" in stored else None
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path.name} is not an archive of patches.", remedy) from error
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise BadInput(f"{path.name} holds arrays of shape {images.shape}, not patches of {SIDE} pixels.", remedy)
    return np.asarray(images), labels


def _metrics(found: np.ndarray, labels: np.ndarray, about: dict[str, str]) -> dict[str, Any]:
    import numpy as np

    from LungTextureLib.classes import KEYS
    from LungTextureLib.patches import balanced_accuracy, calibration_error

    true = np.array([KEYS.index(str(label)) if str(label) in KEYS else -1 for label in labels])
    known = true >= 0
    return {
        "dataset": "emphysema_patches_cip",
        "model": about,
        "patches": int(known.sum()),
        "balanced_accuracy": balanced_accuracy(true[known], found[known].argmax(1)),
        "calibration_error": calibration_error(true[known], found[known]),
        "note": "The shipped model was trained on the shared patches: only patches kept aside, or the figures in the "
        "model card, judge it.",
    }
