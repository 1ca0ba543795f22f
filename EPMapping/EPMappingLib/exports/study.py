"""What an export holds, in RAS mm, with missing values as NaN."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Remark
from EPMappingLib.surface.mesh import Surface

MISSING = -10000.0
"""What CARTO writes for a value that is not there."""


def known(values: np.ndarray) -> np.ndarray:
    """The values with NaN for what is missing or not finite."""
    values = np.array(values, float)
    values[~np.isfinite(values) | (values == MISSING)] = np.nan
    return values


@dataclass(frozen=True)
class PointTable:
    """Measured points with whatever was noted of them.

    Attributes:
        positions: (N, 3) RAS mm; NaN where the file has none.
        columns: title -> (N,), NaN where not known.
        names: of each point.
    """

    positions: np.ndarray
    columns: dict[str, np.ndarray]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True)
class ChamberMap:
    """One map of a study.

    Attributes:
        name: as the mapping system has it.
        surface: the shell, RAS mm.
        arrays: name -> (V,) values at its vertices, NaN where not known.
        points: those of this map; None where the file holds none.
    """

    name: str
    surface: Surface
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    points: PointTable | None = None

    @property
    def values(self) -> int:
        """How many values of activation or voltage it holds; the map with most is taken where none is named."""
        tables = [self.arrays, {} if self.points is None else self.points.columns]
        wanted = ("lat", "bipolar")
        return sum(
            int(np.isfinite(values).sum())
            for table in tables
            for name, values in table.items()
            if name.lower() in wanted
        )


@dataclass(frozen=True)
class AblationSites:
    """Where ablation was delivered.

    Attributes:
        positions: (N, 3) RAS mm.
        names: of each.
    """

    positions: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """What a file or an export holds.

    Attributes:
        name: of the file or the study.
        maps: at least one.
        sites: ablation sites; None where the export has none.
        remarks: what a reader must know.
    """

    name: str
    maps: tuple[ChamberMap, ...]
    sites: AblationSites | None = None
    remarks: tuple[Remark, ...] = ()

    def map(self, name: str = "") -> ChamberMap:
        """The map of that name; the one with most values where none is given.

        Raises:
            BadInput: there is none of that name.
        """
        if not name:
            return max(self.maps, key=lambda each: each.values)
        for each in self.maps:
            if each.name.casefold() == name.casefold():
                return each
        raise BadInput(f"{self.name} has no map '{name}'.", f"There is: {', '.join(each.name for each in self.maps)}.")
