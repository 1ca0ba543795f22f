"""What a module says about its part of `deepmed demo`, and what the page shows of it.

A module's folder `<Module>Headless/demo.py` holds one ``DEMO = Demo(...)``: its phantoms and, for `--data`, real inputs,
each with its truth. They go through the module's own command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.demo.numbers import Number, Numbers, measured_numbers

if TYPE_CHECKING:
    from deepmed_headless.cli.run.declaration import ModuleCommand
    from deepmed_headless.cli.terminal.screen import Screen

PHANTOM, REAL = "phantom", "real"


@dataclass(frozen=True)
class DemoRun:
    """One call of `deepmed demo`.

    Attributes:
        out: an existing folder.
        data: folder of real data sets, or None.
        short: only a few inputs.
        device: "auto", "cpu" or "cuda".
    """

    out: Path
    data: Path | None
    short: bool
    device: str
    screen: Screen

    @property
    def inputs(self) -> Path:
        """Where generated inputs lie."""
        return self.out / "inputs"


@dataclass(frozen=True)
class DemoJob:
    """One input: where it lies, its words on the page, its true numbers and the options that it goes through with.

    Attributes:
        remarks: of the record (result.json) and this job, sentences that stand first.
    """

    path: Path
    title: str
    subtitle: str
    truth: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    remarks: Callable[[Mapping[str, Any]], list[str]] = lambda record: []


@dataclass(frozen=True)
class Shown:
    """One input on the page. Paths are relative to the page.

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

    def beside_truth(self, names: Sequence[str], unit: str) -> list[Number]:
        """Those of the named numbers that are in this unit, so that a truth may stand beside them."""
        found = [self.number(name) for name in names] if self.measured else []
        return [number for number in found if number is not None and number.unit == unit]


@dataclass(frozen=True)
class Section:
    """Inputs of one module and one kind, as they went through.

    Attributes:
        kind: `PHANTOM` or `REAL`; their figures never share a table.
        columns: names of the numbers in the section's table.
        unit: of all of them; a number in another unit has no truth to stand beside.
    """

    title: str
    kind: str
    text: str
    columns: tuple[str, ...]
    pictures: list[Shown]
    unit: str = "mm"


@dataclass(frozen=True)
class DemoSection:
    """A section before it went through.

    Attributes:
        jobs: makes or finds the inputs, one by one: the short page takes no more than it shows. For a real section it
            gets `--data` and gives nothing where none is there.
        short: how many inputs the short page shows; 0 leaves the section out.
    """

    title: str
    kind: str
    text: str
    columns: tuple[str, ...]
    jobs: Callable[[DemoRun], Iterable[DemoJob]]
    unit: str = "mm"
    short: int = 1


@dataclass(frozen=True)
class Demo:
    """A module's part.

    Attributes:
        command: what each input goes through.
        numbers: what the page shows of each input.
        photographed: the four views of the host are taken, too.
    """

    command: ModuleCommand
    sections: tuple[DemoSection, ...]
    numbers: Numbers = measured_numbers
    photographed: bool = True
