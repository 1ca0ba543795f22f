"""What a computation found, as plain data that a scene, a file and a person can take."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from DeepMedLib.measurement import Measurement
from DeepMedLib.provenance import Provenance
from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.results.table import Cell, Table

DONE, ABSTAINED = "done", "abstained"

AnyResult = TypeVar("AnyResult", bound="Result")


class Result(ABC):
    """Base of the modules' results, which are frozen dataclasses of plain values.

    A module's result gives what is abstract here and overrides what it has: measurements, tables, a summary. Scene,
    files and command line ask it for nothing else; its report is a function of the Lib beside it, so that the report
    may know the result and the result knows no report.

    Attributes:
        provenance: how it was made, as the fields of `DeepMedLib.provenance.Provenance`.
    """

    provenance: Mapping[str, str]

    @property
    @abstractmethod
    def remarks(self) -> tuple[Remark, ...]:
        """Everything that a reader must know, the gravest first (`DeepMedLib.remark.gravest_first`)."""

    @abstractmethod
    def status(self) -> str:
        """`DONE`, or `ABSTAINED` where the model says that it does not know."""

    @abstractmethod
    def answer(self) -> str:
        """What was found in one line, or why nothing was: a clause without a full stop."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json`` but for the list of files; `from_json` reads it back."""

    @classmethod
    @abstractmethod
    def from_json(cls: type[AnyResult], record: dict[str, Any]) -> AnyResult:
        """Read `to_json`."""

    @property
    def abstained(self) -> bool:
        """Whether the model says that it does not know."""
        return self.status() == ABSTAINED

    def headline(self) -> str:
        """The printed line: what makes the numbers wrong comes before the numbers."""
        grave = [remark.text for remark in self.remarks if remark.gravity is Gravity.GRAVE]
        return " ".join([*grave[:1], self.answer()])

    def warnings(self) -> list[str]:
        """The remarks' sentences, the gravest first."""
        return [remark.text for remark in self.remarks]

    def measurements(self) -> list[Measurement]:
        """Every number, with its unit and what it rests on."""
        return []

    def tables(self) -> list[Table]:
        """The tables of scene, report and CSV files."""
        return []

    def summary(self) -> dict[str, Cell]:
        """The main numbers of the input's row in ``summary.csv``, by column."""
        return {item.name: item.value for item in self.measurements()}

    def table(self, name: str) -> Table:
        """One of `tables`.

        Raises:
            KeyError: there is none of that name.
        """
        for table in self.tables():
            if table.name == name:
                return table
        raise KeyError(name)


def remarks_to_json(remarks: tuple[Remark, ...]) -> dict[str, Any]:
    """``warnings``, the sentences, and ``gravities``, how much each matters; `remarks_from_json` reads them back."""
    return {
        "warnings": [remark.text for remark in remarks],
        "gravities": [remark.gravity.name.lower() for remark in remarks],
    }


def remarks_from_json(record: Mapping[str, Any]) -> tuple[Remark, ...]:
    """What `remarks_to_json` wrote into a result's JSON."""
    pairs = zip(record["warnings"], record["gravities"], strict=True)
    return tuple(Remark(text, Gravity[gravity.upper()]) for text, gravity in pairs)


def provenance_of(values: Mapping[str, Any]) -> dict[str, str]:
    """A result's provenance from the values that its task returned."""
    return asdict(Provenance.from_values(values))
