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
        color: red, green, blue; far from one another, for those of Slicer's generic anatomy are nearly all one red.
        codes: category, type and, where there is one, the side.
        btcv: id in the label volumes of the BTCV data; 0 where they have none.
        usual_ml: volumes between which adults lie, wide; beyond them a result is doubted. None where none is stated.
        bar: mean Dice on scans never seen from which a shipped network counts as validated; None where none is set.
    """

    key: str
    name: str
    label: int
    color: tuple[int, int, int]
    codes: tuple[Code, ...]
    btcv: int = 0
    usual_ml: tuple[float, float] | None = None
    bar: float | None = None


def _kind(value: str, meaning: str, side: Code | None = None) -> tuple[Code, ...]:
    return (_ANATOMY, Code(value, "SCT", meaning), *(() if side is None else (side,)))


ORGANS: tuple[Organ, ...] = (
    Organ("pancreas", "Pancreas", 1, (255, 215, 60), _kind("15776009", "Pancreas"), 8, (30, 150), 0.70),
    Organ("liver", "Liver", 2, (190, 95, 60), _kind("10200004", "Liver"), 5, (700, 3500), 0.94),
    Organ("spleen", "Spleen", 3, (165, 95, 210), _kind("78961009", "Spleen"), 1, (40, 1500), 0.88),
    Organ("left_kidney", "Left kidney", 4, (70, 150, 255), _kind("64033007", "Kidney", _LEFT), 3, (60, 350), 0.87),
    Organ("right_kidney", "Right kidney", 5, (40, 215, 235), _kind("64033007", "Kidney", _RIGHT), 2, (60, 350), 0.87),
    Organ("bladder", "Urinary bladder", 6, (245, 235, 170), _kind("89837001", "Urinary bladder")),
    Organ("liver_lesion", "Liver lesion", 7, (160, 255, 160), (_ALTERED, Code("4147007", "SCT", "Mass"))),
    Organ("gallbladder", "Gallbladder", 8, (60, 175, 70), _kind("28231008", "Gallbladder"), 4, (1, 200)),
    Organ("stomach", "Stomach", 9, (250, 145, 205), _kind("69695003", "Stomach"), 6, (20, 2000), 0.70),
    Organ("aorta", "Aorta", 10, (235, 30, 40), _kind("15825003", "Aorta"), 7, (15, 500), 0.82),
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
    """Makes sure that the shipped networks have these organs at all.

    Raises:
        BadInput: for one of them no model is shipped.
    """
    missing = [BY_KEY[key].name.lower() for key in organs if key in NO_MODEL]
    if missing:
        raise BadInput(
            f"No validated model for {' and '.join(missing)} is shipped.", "Add a bundle that has one, and choose it."
        )


def is_all(text: str) -> bool:
    """Whether "all" is among the words of `chosen_organs`."""
    return "all" in [word.strip().lower() for word in text.replace(";", ",").split(",")]
