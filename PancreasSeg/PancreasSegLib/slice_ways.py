"""How slice pictures lie: indices into `PancreasSegLib.windowed.WAYS`, and what the names of public sets tell of it."""

from __future__ import annotations

import re

UPRIGHT, COUNTERCLOCKWISE, HALF_TURN, CLOCKWISE, TOP_AND_BOTTOM = 0, 1, 2, 3, 6


def msd_lies(stem: str) -> int | None:
    """Slices of the MSD liver set lie on their side, which one their name tells."""
    kinds = {"flipped": CLOCKWISE, "mirrored": COUNTERCLOCKWISE}
    found = re.match(r"(flipped|mirrored)_", stem)
    return kinds[found[1]] if found else None
