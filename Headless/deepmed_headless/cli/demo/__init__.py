"""`deepmed demo`: every module is one file of this folder.

A file `<module>.py` holds ``run(run: DemoRun) -> list[Section]``: it makes its phantoms, measures them through the same
code as the module's command, and returns what the page shows.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepmed_headless.cli.screen import Screen


@dataclass(frozen=True)
class DemoRun:
    """One call of `deepmed demo`.

    Attributes:
        out: an existing folder.
        data: folder of real data sets, or None.
        short: only a few pictures.
        device: "auto", "cpu" or "cuda".
    """

    out: Path
    data: Path | None
    short: bool
    device: str
    screen: Screen


@dataclass(frozen=True)
class Number:
    """One measured number beside its truth, in the unit."""

    name: str
    label: str
    unit: str
    value: float | None
    sd: float | None
    truth: float | None

    @property
    def error(self) -> float | None:
        """Measured minus true."""
        return None if self.value is None or self.truth is None else self.value - self.truth

    @property
    def covered(self) -> bool | None:
        """Whether the 95 % interval holds the truth; None when one of them is unknown."""
        if self.error is None or self.sd is None:
            return None
        return abs(self.error) <= 1.96 * self.sd


@dataclass(frozen=True)
class Shown:
    """One picture on the page. Paths are relative to the page.

    Attributes:
        failure: why it could not be measured at all; empty when it could.
        status: "done", "abstained" or "failed".
        files: (label, path) of what can be opened.
    """

    title: str
    subtitle: str
    status: str
    numbers: list[Number] = field(default_factory=list)
    overlay: str = ""
    views: str = ""
    files: list[tuple[str, str]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    failure: str = ""
    seconds: float | None = None

    @property
    def measured(self) -> bool:
        """Whether it has numbers."""
        return self.status == "done"

    def number(self, name: str) -> Number | None:
        """The number of that name."""
        return next((item for item in self.numbers if item.name == name), None)


@dataclass(frozen=True)
class Section:
    """Pictures of one module and one kind.

    Attributes:
        kind: "phantom" or "real"; their figures never share a table.
        columns: names of the numbers in the section's table.
        unit: of all of them; a number in another unit has no truth to stand beside.
    """

    title: str
    kind: str
    text: str
    columns: tuple[str, ...]
    pictures: list[Shown]
    unit: str = "mm"


def demo_modules() -> list[ModuleType]:
    """The demo files of all modules, in the order of their names."""
    return [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
