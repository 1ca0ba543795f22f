"""The organs that the module knows: ids of label volumes, channels of the networks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Organ:
    """One organ.

    Attributes:
        key: in options, files and tables.
        name: for people.
        label: id in label volumes (0 is background).
        btcv: id in the label volumes of the BTCV data; 0 where they have none.
    """

    key: str
    name: str
    label: int
    btcv: int = 0


ORGANS: tuple[Organ, ...] = (
    Organ("pancreas", "Pancreas", 1, 8),
    Organ("liver", "Liver", 2, 5),
    Organ("spleen", "Spleen", 3, 1),
    Organ("left_kidney", "Left kidney", 4, 3),
    Organ("right_kidney", "Right kidney", 5, 2),
    Organ("bladder", "Urinary bladder", 6),
    Organ("liver_lesion", "Liver lesion", 7),
    Organ("gallbladder", "Gallbladder", 8, 4),
    Organ("stomach", "Stomach", 9, 6),
    Organ("aorta", "Aorta", 10, 7),
)

BY_KEY: dict[str, Organ] = {organ.key: organ for organ in ORGANS}

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
