"""Which array or column holds activation, which voltage, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from DeepMedLib.errors import BadInput
from EPMappingLib.options import MS, SECONDS

LAT = "activation time"
BIPOLAR = "bipolar voltage"
_PATTERNS = {
    LAT: re.compile(
        r"(\w*[ _])?lats?([ _]*[\[(]?(ms|s)[\])]?)?|(local[ _]*)?activation([ _]*times?)?([ _(]*m?s\)?)?", re.I
    ),
    BIPOLAR: re.compile(r"bi(p(olar)?)?([ _]*volt(age)?)?([ _(]*mv\)?)?|volt(age)?s?([ _(]*mv\)?)?", re.I),
}
_OPTIONS = {LAT: "lat", BIPOLAR: "bipolar"}
_MS_PER = {MS: 1.0, SECONDS: 1000.0}


def chosen(held: Mapping[str, np.ndarray], asked: str, quantity: str) -> str:
    """The name of what holds a quantity; "" where nothing was asked for and no name tells.

    Args:
        held: name -> values.
        asked: the name that the user gave, or "".
        quantity: `LAT` or `BIPOLAR`.

    Raises:
        BadInput: what was asked for is not there, or several names fit.
    """
    listed = ", ".join(list(held)[:12]) or "none"
    if asked:
        found = [name for name in held if name == asked] or [n for n in held if n.casefold() == asked.casefold()]
        if not found:
            raise BadInput(f"There is no array or column '{asked}' for the {quantity}.", f"There is: {listed}.")
        return found[0]
    fitting = [name for name in held if _PATTERNS[quantity].fullmatch(name.strip())]
    if len(fitting) > 1:
        raise BadInput(
            f"Several arrays or columns may hold the {quantity}: {', '.join(fitting)}.",
            f"Name the one to use with the option {_OPTIONS[quantity]}.",
        )
    return fitting[0] if fitting else ""


def in_ms(values: np.ndarray, unit: str) -> np.ndarray:
    """Times in ms.

    Args:
        unit: `MS` or `SECONDS`, of the values.
    """
    return np.asarray(values, float) * _MS_PER[unit]
