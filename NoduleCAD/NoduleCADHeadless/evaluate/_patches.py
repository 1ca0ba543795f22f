"""Archives of the chest data, read alike by the datasets here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

MODULE = "NoduleCAD"
SHARED_PATIENTS = "The networks learned from most of these rows: only those kept aside in training judge them."


def archive(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Arrays of an .npz.

    Raises:
        BadInput: there is no such archive, or it lacks an array.
    """
    import numpy as np

    from DeepMedLib.errors import BadInput

    if not path.is_file():
        raise BadInput(f"There is no {path.name} in {path.parent}.", f"Give the folder that holds {path.name}.")
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: np.asarray(stored[name]) for name in names}
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{path.name} does not hold {', '.join(names)}.", "Give the archive as it was published."
        ) from error


def models(device: str) -> Any:
    """The shipped networks.

    Raises:
        BundleRefused: a bundle is missing or was changed.
    """
    from NoduleCADLib.classify.models import load_models

    return load_models(models_folder(MODULE), device)


def kind_shares(texture: float, kinds: tuple[float, float]) -> dict[str, float]:
    """Shares of the three types, from how far a texture score lies from the two thresholds; they sum to 1."""
    import math

    above = [1 / (1 + math.exp(-(texture - threshold) / 0.3)) for threshold in kinds]
    solid, subsolid = above[1], above[0]
    shares = {
        "p_solid": solid,
        "p_part_solid": max(subsolid - solid, 0.0),
        "p_ground_glass": 1 - max(subsolid, solid),
    }
    return {name: round(value, 4) for name, value in shares.items()}
