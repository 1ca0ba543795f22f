"""From which errors of an organ's edge its volume's interval follows.

The error of a volume is its surface times the error of its edge. On scans that the network never saw, the edge's error
was |volume - truth| / surface for every organ; the interval is volume +- surface * edge, where the edge is the largest
of the errors seen in organs alike (split conformal prediction, Vovk et al. 2005: with n errors such an interval covers
a further organ of the same kind and source with probability n / (n + 1)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.whole_volume import Shapes

KINDS: Mapping[str, tuple[str, ...]] = {
    "pancreas": ("pancreas",),
    "liver": ("liver",),
    "spleen": ("spleen",),
    "kidneys": ("left_kidney", "right_kidney"),
    "gallbladder": ("gallbladder",),
    "stomach": ("stomach",),
    "aorta": ("aorta",),
}
"""Organs alike: each by itself, for their errors differ greatly; the kidneys together."""
HAIR = 0.02
"""Organs that miss their bar (`Organ.bar`) by no more are shown, with a sentence."""


@dataclass(frozen=True)
class Edge:
    """Errors of edges that were seen.

    Attributes:
        mm: the largest.
        seen: organs that it is the largest of.
        scans: that they come from.
    """

    mm: float
    seen: int
    scans: int

    @property
    def coverage(self) -> float:
        """Chance that a further organ lies within."""
        return self.seen / (self.seen + 1)


@dataclass(frozen=True)
class Calibration:
    """What was fixed with a network.

    Attributes:
        edges: by kind (`KINDS`); empty for a network that was never measured.
        least_sure: mean probability of an organ's voxels below which it is said to be unsure.
        dice: mean Dice of each organ on scans that the network never saw.
        shapes: by kind, complete organs, for the whole volume of one that the scan cuts; of any network.
    """

    edges: Mapping[str, Edge] = field(default_factory=dict)
    least_sure: float = 0.75
    dice: Mapping[str, float] = field(default_factory=dict)
    shapes: Mapping[str, Shapes] = field(default_factory=dict)

    def shapes_of(self, organ: str) -> Shapes | None:
        """Of an organ's kind; None where there are none."""
        return next((self.shapes.get(kind) for kind, organs in KINDS.items() if organ in organs), None)

    def edge_of(self, organ: str) -> Edge | None:
        """Of an organ; None where nothing was measured."""
        for kind, organs in KINDS.items():
            if organ in organs:
                return self.edges.get(kind)
        return None

    def alike(self, organ: str) -> float | None:
        """Mean Dice of the organs alike on scans never seen; None where nothing was measured."""
        kind = next((organs for organs in KINDS.values() if organ in organs), ())
        told = [self.dice[one] for one in kind if one in self.dice]
        return sum(told) / len(told) if told else None

    def validated(self, organ: str) -> bool:
        """Whether its outlines reached the bar on scans never seen, or missed it by a hair; True where no bar is set
        or nothing was measured."""
        bar, reached = BY_KEY[organ].bar, self.alike(organ)
        return bar is None or reached is None or reached > bar - HAIR - 1e-9

    @classmethod
    def from_json(cls, record: Mapping[str, Any], shapes: Mapping[str, Any]) -> Calibration:
        """Of ``configs/calibration.json`` and ``configs/shapes.json``."""
        edges = {kind: Edge(**edge) for kind, edge in record["edges"].items()}
        dice = {organ: float(value) for organ, value in record.get("dice", {}).items()}
        known = {kind: Shapes.from_json(of) for kind, of in shapes.items()}
        return cls(edges, float(record["least_sure"]), dice, known)


UNCALIBRATED = Calibration()
"""Of a network that a user brings."""
