"""The organs that the module knows: ids of label volumes, channels of the networks, ranges in adults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from DeepMedLib.errors import BadInput


@dataclass(frozen=True)
class Organ:
    """One organ.

    Attributes:
        key: in options, files and tables.
        name: for people.
        label: id in label volumes (0 is background).
        btcv: id in the label volumes of the BTCV data; 0 where they have none.
        usual_ml: volumes between which adults lie, wide; beyond them a result is doubted. None where none is stated.
    """

    key: str
    name: str
    label: int
    btcv: int = 0
    usual_ml: tuple[float, float] | None = None


ORGANS: tuple[Organ, ...] = (
    Organ("pancreas", "Pancreas", 1, 8, (30, 150)),
    Organ("liver", "Liver", 2, 5, (700, 3500)),
    Organ("spleen", "Spleen", 3, 1, (40, 1500)),
    Organ("left_kidney", "Left kidney", 4, 3, (60, 350)),
    Organ("right_kidney", "Right kidney", 5, 2, (60, 350)),
    Organ("bladder", "Urinary bladder", 6),
    Organ("liver_lesion", "Liver lesion", 7),
    Organ("gallbladder", "Gallbladder", 8, 4, (1, 200)),
    Organ("stomach", "Stomach", 9, 6, (20, 2000)),
    Organ("aorta", "Aorta", 10, 7, (15, 500)),
)
"""Ranges are set wide by us around the thirteen training scans; they are no reference values."""

BY_KEY: dict[str, Organ] = {organ.key: organ for organ in ORGANS}
BY_LABEL: dict[int, Organ] = {organ.label: organ for organ in ORGANS}

CHANNELS: tuple[str, ...] = (
    "pancreas",
    "liver",
    "spleen",
    "left_kidney",
    "right_kidney",
    "gallbladder",
    "stomach",
    "aorta",
)
"""What the shipped networks tell apart, in the order of their channels 1, 2, ...; channel 0 is the rest."""

NO_MODEL: tuple[str, ...] = tuple(organ.key for organ in ORGANS if organ.key not in CHANNELS)
"""Organs that only a user's network can find."""


def chosen_organs(text: str) -> tuple[str, ...]:
    """Keys of organs from words such as "pancreas, kidneys" or "all"; in the order of `ORGANS`.

    Raises:
        BadInput: a word names no organ, or there is none.
    """
    words = [word.strip().lower().replace(" ", "_") for word in text.replace(";", ",").split(",") if word.strip()]
    wanted: set[str] = set()
    for word in words:
        if word == "all":
            wanted |= set(CHANNELS)
        elif word == "kidneys":
            wanted |= {"left_kidney", "right_kidney"}
        elif word in BY_KEY:
            wanted.add(word)
        else:
            known = ", ".join(("all", "kidneys", *BY_KEY))
            raise BadInput(f"There is no organ called '{word}'.", f"Choose from: {known}.")
    if not wanted:
        raise BadInput("No organ was chosen.", "Name at least one, for example pancreas.")
    return tuple(key for key in BY_KEY if key in wanted)


def check_shipped(organs: Iterable[str]) -> None:
    """Makes sure that the shipped networks find these organs.

    Raises:
        BadInput: for one of them no validated model is shipped.
    """
    missing = [BY_KEY[key].name.lower() for key in organs if key in NO_MODEL]
    if missing:
        raise BadInput(
            f"No validated model for {' and '.join(missing)} is shipped.", "Add a bundle that has one, and choose it."
        )
