"""Carrying the uncertainty of measurements into what is computed from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

#: Taken from one outline, so that their errors go the same way.
HEAD = ("BPD", "OFD", "HC")


def propagate(
    function: Callable[[dict[str, float]], float],
    values: Mapping[str, float],
    sds: Mapping[str, float | None] | None,
) -> float | None:
    """Standard uncertainty of ``function(values)`` from those of its arguments (first order, central differences).

    The head's measures (`HEAD`) come from one ellipse: their errors are taken as wholly correlated, all others as
    independent (Guide to the Expression of Uncertainty in Measurement, JCGM 100:2008, 5.1 and 5.2).

    Args:
        function: takes the values by name.
        values: arguments, any unit.
        sds: standard uncertainty of each argument in the same unit.

    Returns:
        None when any uncertainty is missing: an unknown uncertainty is not zero.
    """
    if sds is None or any(sds.get(name) is None for name in values):
        return None
    head, rest = 0.0, 0.0
    for name, value in values.items():
        sd = float(sds[name] or 0.0)
        if not math.isfinite(sd) or sd < 0:
            return None
        step = 1e-4 * max(abs(value), 1e-3)
        up = function({**values, name: value + step})
        down = function({**values, name: value - step})
        share = (up - down) / (2 * step) * sd
        if name in HEAD:
            head += share
        else:
            rest += share**2
    return math.sqrt(head**2 + rest)


def propagate_shared(
    function: Callable[[dict[str, float]], float], values: Mapping[str, float], shares: Mapping[str, float]
) -> float:
    """Standard uncertainty of ``function(values)`` from a relative error that all its arguments share.

    One wrong pixel size makes every length of an examination too long by the same share: such errors add up, and they
    cancel in a ratio of two lengths.

    Args:
        shares: relative standard uncertainty of each argument; an argument without one does not move.
    """
    step = 1e-4

    def moved(sign: int) -> float:
        return function({name: value * (1 + sign * step * shares.get(name, 0.0)) for name, value in values.items()})

    return abs(moved(1) - moved(-1)) / (2 * step)
