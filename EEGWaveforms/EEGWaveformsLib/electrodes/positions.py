"""Standard positions of scalp electrodes on a sphere, and the match of channels with electrodes by label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

HEAD_RADIUS_MM = 90.0
#: Inclination from the vertex (negative on the left) and azimuth from the right, in degrees: the 10-20 system (Jasper,
#: 1958) on a sphere in the convention of BESA.
_ANGLES = {
    "Fp1": (-92, -72), "Fpz": (92, 90), "Fp2": (92, 72), "F7": (-92, -36), "F3": (-60, -51), "Fz": (46, 90),
    "F4": (60, 51), "F8": (92, 36), "T7": (-92, 0), "C3": (-46, 0), "Cz": (0, 0), "C4": (46, 0), "T8": (92, 0),
    "P7": (-92, 36), "P3": (-60, 51), "Pz": (46, -90), "P4": (60, -51), "P8": (92, -36), "O1": (-92, 72),
    "Oz": (92, -90), "O2": (92, -72),
}  # fmt: skip
#: Former names of the same places.
_FORMER = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
_PREFIX = re.compile(r"^(EEG|SEEG|ECOG)[\s_-]+", re.IGNORECASE)
_REFERENCE = re.compile(r"[-_](REF|LE|AVG|A1|A2|M1|M2|CAR)$", re.IGNORECASE)


def _placed(inclination: float, azimuth: float) -> tuple[float, float, float]:
    theta, phi = np.radians([inclination, azimuth])
    x, y, z = np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)
    return float(HEAD_RADIUS_MM * x), float(HEAD_RADIUS_MM * y), float(HEAD_RADIUS_MM * z)


TEN_TWENTY: Mapping[str, tuple[float, float, float]] = {name: _placed(*angles) for name, angles in _ANGLES.items()}
"""Label -> RAS mm on a sphere about the origin: nobody's head, to look at and to be moved onto one."""


@dataclass(frozen=True)
class Match:
    """Channels and electrodes with one label.

    Attributes:
        pairs: channel -> electrode, as each writes it.
        channels_left, electrodes_left: those without a partner.
    """

    pairs: dict[str, str]
    channels_left: tuple[str, ...]
    electrodes_left: tuple[str, ...]

    def sentence(self) -> str:
        """Who has no partner, both ways; "" where everybody has one."""
        parts = []
        if self.channels_left:
            parts.append(f"Channels without an electrode: {_listed(self.channels_left)}.")
        if self.electrodes_left:
            parts.append(f"Electrodes without a channel: {_listed(self.electrodes_left)}.")
        return " ".join(parts)


def plain_label(label: str) -> str:
    """What two labels of one place have in common: "EEG C3-REF", "c3" and "C3." are one; T3 is T7."""
    bare = _REFERENCE.sub("", _PREFIX.sub("", label.strip()).strip())
    bare = re.sub(r"[\s._]+", "", bare).upper()
    return _FORMER.get(bare, bare)


def match(channels: Iterable[str], electrodes: Iterable[str]) -> Match:
    """Pair channels and electrodes by label; the first of several with one label is taken."""
    channels, electrodes = tuple(channels), tuple(electrodes)
    places: dict[str, str] = {}
    for name in electrodes:
        places.setdefault(plain_label(name), name)
    pairs: dict[str, str] = {}
    for name in channels:
        place = places.get(plain_label(name))
        if place is not None and place not in pairs.values():
            pairs[name] = place
    taken = set(pairs.values())
    return Match(
        pairs,
        tuple(name for name in channels if name not in pairs),
        tuple(name for name in electrodes if name not in taken),
    )


def standard_positions(channels: Iterable[str]) -> dict[str, tuple[float, float, float]]:
    """Channel -> 10-20 position, RAS mm, of the channels that have one."""
    by_plain = {plain_label(name): place for name, place in TEN_TWENTY.items()}
    return {name: by_plain[plain_label(name)] for name in channels if plain_label(name) in by_plain}


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
