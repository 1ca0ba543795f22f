"""What a cephalometric measure is: its formula, the points it needs and the convention its sign follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

#: Points by symbol, (..., 2) each, in the face's frame (x forward, y up), pixels or mm.
Points = Mapping[str, np.ndarray]
Formula = Callable[[Points], np.ndarray]

DEGREE, MILLIMETER, PERCENT = "deg", "mm", "%"


@dataclass(frozen=True)
class MeasureDefinition:
    """One measure.

    Attributes:
        name: short name, unique, as in tables ("SNA", "U1-NA mm").
        title: for people.
        unit: "deg", "%" or "mm"; mm measures need a scale.
        uses: symbols of the points in the formula.
        formula: points in the face's frame to the value, broadcasting over leading axes.
        convention: what is measured and which sign it has, one sentence.
        approximation: where the formula stands in for the original definition, how; "" where it is the original.
    """

    name: str
    title: str
    unit: str
    uses: tuple[str, ...]
    formula: Formula
    convention: str
    approximation: str = ""
