"""The organs that the module knows: ids of label volumes, codes, colors, usual volumes, channels of the network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code

_ANATOMY = Code("123037004", "SCT", "Anatomical Structure")
_ALTERED = Code("49755003", "SCT", "Morphologically Altered Structure")
_LEFT, _RIGHT = Code("7771000", "SCT", "Left"), Code("24028007", "SCT", "Right")


@dataclass(frozen=True)
class Organ:
    """One organ.

    Attributes:
        key: in options, files and tables.
        name: for people.
        label: id in label volumes (0 is background).
        color: red, green, blue; those of Slicer's generic anatomy.
        codes: category, type and, where there is one, the side.
        btcv: id in the label volumes of the BTCV data; 0 where they have none.
        usual_ml: volumes between which adults lie, wide; beyond them a result is doubted. None where none is stated.
    """

    key: str
    name: str
    label: int
    color: tuple[int, int, int]
    codes: tuple[Code, ...]
    btcv: int = 0
    usual_ml: tuple[float, float] | None = None


def _kind(value: str, meaning: str, side: Code | None = None) -> tuple[Code, ...]:
    return (_ANATOMY, Code(value, "SCT", meaning), *(() if side is None else (side,)))


_KIDNEY = (185, 102, 83)

ORGANS: tuple[Organ, ...] = (
    Organ("pancreas", "Pancreas", 1, (249, 180, 111), _kind("15776009", "Pancreas"), 8, (30, 150)),
    Organ("liver", "Liver", 2, (221, 130, 101), _kind("10200004", "Liver"), 5, (700, 3500)),
    Organ("spleen", "Spleen", 3, (157, 108, 162), _kind("78961009", "Spleen"), 1, (40, 1500)),
    Organ("left_kidney", "Left kidney", 4, _KIDNEY, _kind("64033007", "Kidney", _LEFT), 3, (60, 350)),
    Organ("right_kidney", "Right kidney", 5, _KIDNEY, _kind("64033007", "Kidney", _RIGHT), 2, (60, 350)),
    Organ("bladder", "Urinary bladder", 6, (222, 154, 132), _kind("89837001", "Urinary bladder")),
    Organ("liver_lesion", "Liver lesion", 7, (144, 238, 144), (_ALTERED, Code("4147007", "SCT", "Mass"))),
    Organ("gallbladder", "Gallbladder", 8, (139, 150, 98), _kind("28231008", "Gallbladder"), 4, (1, 200)),
    Organ("stomach", "Stomach", 9, (216, 132, 105), _kind("69695003", "Stomach"), 6, (20, 2000)),
    Organ("aorta", "Aorta", 10, (224, 97, 76), _kind("15825003", "Aorta"), 7, (15, 500)),
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
