"""The mutations as they stand in the TOML files of this folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tomllib

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Mutation:
    """One change.

    Attributes:
        file: relative to the repository.
        before, after: a text that stands in the file once, and what takes its place.
        tests: files or folders whose tests must notice.
    """

    file: str
    before: str
    after: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The changed text of the file.

        Raises:
            ValueError: the text is not there exactly once, or the change changes nothing.
        """
        if text.count(self.before) != 1 or self.before == self.after:
            raise ValueError(f"{self.file}: {self.before!r} stands there {text.count(self.before)} times")
        return text.replace(self.before, self.after)


def areas() -> list[str]:
    """The names of the TOML files, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def mutations(wanted: Iterable[str] = ()) -> list[Mutation]:
    """Those of some areas, or all of them."""
    found = []
    for area in list(wanted) or areas():
        record = tomllib.loads((FOLDER / f"{area}.toml").read_text(encoding="utf-8"))
        for entry in record["file"]:
            tests = tuple(entry["tests"])
            found += [Mutation(entry["path"], before, after, tests) for before, after in entry["changes"]]
    return found
