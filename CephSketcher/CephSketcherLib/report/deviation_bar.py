"""How far a measure is from its norm, as a line of text that any table can show."""

from __future__ import annotations

import math

REACH = 3.0  # SD at either end
CELLS = 13  # odd: the middle one is the norm
_NOWHERE, _NORM, _HERE, _UNCERTAIN, _LEFT, _RIGHT = "·", "|", "●", "━", "◀", "▶"


def number(value: float | None, digits: int = 1) -> str:
    """A number for people, with a true minus; "" where there is none."""
    if value is None or not math.isfinite(value):
        return ""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def deviation_bar(deviation: float, interval: tuple[float, float] | None = None) -> str:
    """A dot on a line from -3 to +3 SD of the norm, with its 95 % interval as a bar.

    Args:
        deviation: (value - norm) / SD of the norm.
        interval: its 95 % interval, likewise.
    """

    def cell(value: float) -> int:
        return min(max(round((value + REACH) / (2 * REACH) * (CELLS - 1)), 0), CELLS - 1)

    cells = [_NOWHERE] * CELLS
    if interval is not None:
        for index in range(cell(interval[0]), cell(interval[1]) + 1):
            cells[index] = _UNCERTAIN
    cells[CELLS // 2] = _NORM
    at = cell(deviation)
    cells[at] = _LEFT if deviation < -REACH else _RIGHT if deviation > REACH else _HERE
    return "".join(cells)
