"""The airway tree of a reading: what was followed, branch by branch, and walls at picked places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from DeepMedLib.ct.airway import AirwayTree
from DeepMedLib.ct.airway_lines import line_length
from DeepMedLib.measurement import Measurement, decimals
from DeepMedLib.results.table import Cell, Column, Table
from LungTextureLib.airway_wall import Wall

MOST_PLACES = 50
_SOURCE = "airway growth; what could be followed, a lower bound of what is there"
_ENDS = {
    "split": "fork",
    "end": "too narrow to be seen",
    "border": "end of the scan",
    "leak": "before a leak into the lung",
}
BRANCH_COLUMNS = (
    Column("branch", "Branch"),
    Column("parent", "Parent"),
    Column("generation", "Generation"),
    Column("length_mm", "Length (mm)", 1),
    Column("ends", "Ends at"),
)
WALL_COLUMNS = (
    Column("place", "Place"),
    Column("x_mm", "R (mm)", 1),
    Column("y_mm", "A (mm)", 1),
    Column("z_mm", "S (mm)", 1),
    Column("lumen_mm", "Lumen (mm)", 2),
    Column("lumen_sd", "SD", 2),
    Column("wall_mm", "Wall (mm)", 2),
    Column("wall_sd", "SD", 2),
    Column("reason", "Withheld"),
)


@dataclass(frozen=True)
class AirwayBranch:
    """A tube between two forks.

    Attributes:
        parent: number of the branch that it comes from, counted from 1; 0 for the windpipe.
        generation: 0 windpipe, 1 main bronchi, ...
        length_mm: of its centre line, from its parent's end on.
        ends: why it was followed no farther.
    """

    parent: int
    generation: int
    length_mm: float
    ends: str


@dataclass(frozen=True)
class Airways:
    """The tree that could be followed, a lower bound of what is there.

    Attributes:
        branches: in order of discovery.
        volume_ml: of the lumen.
        told: one sentence: how far it was followed and why not farther.
        walls: at picked places, in their order.
    """

    branches: tuple[AirwayBranch, ...]
    volume_ml: float
    told: str
    walls: tuple[Wall, ...] = ()

    @property
    def length_mm(self) -> float:
        """Of all branches."""
        return sum(branch.length_mm for branch in self.branches)

    @property
    def generations(self) -> int:
        """The deepest one reached; 0 is the windpipe."""
        return max((branch.generation for branch in self.branches), default=0)

    def measurements(self) -> list[Measurement]:
        """Length, branches, generations, and lumen and wall of the picked places."""
        found = [
            Measurement("airway_length_mm", round(self.length_mm, 1), "mm", None, None, _SOURCE, "Airways, length"),
            Measurement("airway_branches", float(len(self.branches)), "", None, None, _SOURCE, "Airways, branches"),
            Measurement("airway_generations", float(self.generations), "", None, None, _SOURCE, "Airways, generations"),
        ]
        for number, wall in enumerate(self.walls, start=1):
            if wall.middle:
                name, label = f"airway_{number}_lumen_mm", f"Airway {number}, lumen's diameter"
                found.append(Measurement(name, wall.lumen_mm, "mm", wall.lumen_sd, None, "half maximum", label))
            if wall.wall_mm is not None:
                name, label = f"airway_{number}_wall_mm", f"Airway {number}, wall"
                found.append(Measurement(name, wall.wall_mm, "mm", wall.wall_sd, None, "half maximum", label))
        return found

    def tables(self) -> list[Table]:
        """Branches, and the walls where places were picked."""
        rows: list[tuple[Cell, ...]] = [
            (number, branch.parent or None, branch.generation, branch.length_mm, branch.ends)
            for number, branch in enumerate(self.branches, start=1)
        ]
        tables = [Table("airway_branches", "Airways", BRANCH_COLUMNS, tuple(rows))]
        walls: list[tuple[Cell, ...]] = []
        for number, wall in enumerate(self.walls, start=1):
            lumen = (wall.lumen_mm, wall.lumen_sd) if wall.middle else (None, None)
            walls.append((number, *wall.place, *lumen, wall.wall_mm, wall.wall_sd, wall.reason))
        if walls:
            tables.append(Table("airway_walls", "Airway walls", WALL_COLUMNS, tuple(walls)))
        return tables

    def answer(self) -> str:
        """For one line."""
        return f"airways {decimals(self.length_mm / 10, 0)} cm in {len(self.branches)} branches"

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return {
            "length_mm": round(self.length_mm, 1),
            "generations": self.generations,
            "volume_ml": self.volume_ml,
            "told": self.told,
            "branches": [asdict(branch) for branch in self.branches],
            "walls": [wall.to_dict() for wall in self.walls],
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Airways:
        """What `to_dict` described."""
        return cls(
            tuple(AirwayBranch(**branch) for branch in record["branches"]),
            float(record["volume_ml"]),
            str(record["told"]),
            tuple(Wall.from_dict(wall) for wall in record["walls"]),
        )


@dataclass(frozen=True, eq=False)
class Tube:
    """A tube between two forks.

    Attributes:
        parent: index of the tube that it comes from, -1 for the windpipe.
        generation: 0 windpipe, 1 main bronchi, ...
        line: (n, 3) RAS mm, from its parent's end on.
        stopped: as `Branch` says of its last piece.
    """

    parent: int
    generation: int
    line: np.ndarray
    stopped: str


def tubes_of(tree: AirwayTree) -> list[Tube]:
    """The tubes of a grown tree, whose growth may have needed several pieces for one tube."""
    children: dict[int, list[int]] = {}
    for index, branch in enumerate(tree.branches):
        children.setdefault(branch.parent, []).append(index)
    number: dict[int, int] = {}  # of the tube that a piece belongs to
    tubes: list[Tube] = []
    for index, branch in enumerate(tree.branches):
        if index in number:
            continue
        pieces = [index]
        while len(following := children.get(pieces[-1], [])) == 1:
            pieces += following
        number |= dict.fromkeys(pieces, len(tubes))
        lines = [tree.lines[piece] for piece in pieces]
        line = np.vstack([lines[0], *(part[1:] for part in lines[1:])])  # a piece begins with its parent's end
        tubes.append(Tube(number.get(branch.parent, -1), branch.generation, line, tree.branches[pieces[-1]].stopped))
    return tubes


def airways_of(tree: AirwayTree, walls: Sequence[Wall] = ()) -> Airways | None:
    """What a grown tree says; None without a tree."""
    if not tree.found:
        return None
    branches = tuple(
        AirwayBranch(
            tube.parent + 1, tube.generation, round(line_length(tube.line), 1), _ENDS.get(tube.stopped, tube.stopped)
        )
        for tube in tubes_of(tree)
    )
    return Airways(branches, round(tree.volume_ml, 2), tree.stopped_reason, tuple(walls))


def packed_lines(lines: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) points of all lines and (n,) the line of each, from 0."""
    if not lines:
        return np.zeros((0, 3)), np.zeros(0, int)
    return np.vstack(lines), np.repeat(np.arange(len(lines)), [len(line) for line in lines])
