"""The detectors that run beside one another; another one is a function of the same form in `DETECTORS`.

As in Setio et al. (TMI 2016): solid, subsolid and large nodules each have their own, and what they find is joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from NoduleCADLib.axial_scan import AxialScan

from .blobs import Candidate, blobs, merged
from .field import Field

Detector = Callable[[Field], list[Candidate]]
_MOST = 300
"""Candidates of a scan that the network judges."""


def solid(field: Field) -> list[Candidate]:
    """Solid nodules of 3 to 12 mm."""
    return blobs(field, (-850.0, 50.0), (3.0, 4.5, 6.5, 9.0, 12.0), 6.0, 220, "solid")


def subsolid(field: Field) -> list[Candidate]:
    """Ground glass and part-solid nodules of 6 to 20 mm: a window that ends where they do."""
    return blobs(field, (-900.0, -450.0), (6.0, 9.0, 13.0, 19.0), 4.0, 80, "subsolid")


def large(field: Field) -> list[Candidate]:
    """Nodules of 14 to 36 mm, as far as the lung's closing takes them in."""
    return blobs(field, (-800.0, 50.0), (15.0, 21.0, 29.0), 8.0, 30, "large")


DETECTORS: Mapping[str, Detector] = {"solid": solid, "subsolid": subsolid, "large": large}


def find_candidates(
    scan: AxialScan, field: Field, detectors: Mapping[str, Detector] = DETECTORS, most: int = _MOST
) -> list[Candidate]:
    """What all detectors find, joined; the strongest of each detector first in turn, ``most`` in all."""
    spacing = scan.spacing
    lists = [merged(detect(field), spacing, most) for detect in detectors.values()]
    turns: list[Candidate] = []
    for rank in range(max((len(each) for each in lists), default=0)):
        turns += [each[rank] for each in lists if rank < len(each)]
    # In turn, so that a detector with weaker answers loses nothing to one with stronger ones.
    ranked = [
        Candidate(each.xyz, each.diameter_mm, float(len(turns) - place), each.detector)
        for place, each in enumerate(turns)
    ]
    strengths = {each.xyz: each.strength for each in turns}
    kept = merged(ranked, spacing, most)
    return [Candidate(each.xyz, each.diameter_mm, strengths[each.xyz], each.detector) for each in kept]
