"""What a module says about its command: its options, its inputs, and how one input goes through the module's Logic.

A module's folder `<Module>Headless/command.py` holds one ``COMMAND = ModuleCommand(...)``. Everything else (options of
every command, batches, folders, summary, scene, exit codes) is the runner's. This file imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case
from DeepMedLib.command_options import CommandOption, one_of
from DeepMedLib.options import Option

__all__ = ["CommandOption", "ModuleCommand", "Progress", "Values", "one_of", "unchanged"]

Progress = Callable[[float, str], None]
"""Called with the fraction of the current input that is done (0 to 1) and what is being done now."""

Computed = dict[tuple[Path, str], Any]
"""`Case.key` of a part -> its TaskResult, or the DeepMedError that it ended with."""

Values = Mapping[str, Any]
"""Option name -> value; None where the option was not given and has no default."""


def unchanged(values: Values) -> Values:
    """Options that need no check before the first input."""
    return values


@dataclass(frozen=True)
class ModuleCommand:
    """The command of a module.

    Attributes:
        name: what is typed after ``deepmed``.
        module: whose Logic does the work.
        help: one sentence and what the command takes, Markdown.
        epilog: examples and files, Markdown.
        options: those of the module's Logic, as its Lib declares them.
        more: options of the command line alone.
        cases_of_folder: what a folder holds, with the options given; raises BadInput when that is nothing.
        load: (logic, case) -> what the Logic's prepare takes, the volume first; ``case.values`` has the options.
        asked: options of prepare that the command line words otherwise than the panel; made of its own.
        check: takes the options before any input is opened and returns them checked; raises BadInput.
        extra: (logic, case, nodes, folder) writes what only this command writes; returns what it adds to the record.
        input_option: name of the repeated option whose first value is the one input, where the command takes no INPUT.
        summary: columns of summary.csv after those of every command.
    """

    name: str
    module: str
    help: str
    epilog: str
    options: tuple[Option, ...]
    cases_of_folder: Callable[[Path, Values], list[Case]]
    load: Callable[[Any, Case], tuple[Any, ...]]
    more: tuple[CommandOption, ...] = ()
    asked: Callable[[Values], Values] = lambda values: {}
    check: Callable[[Values], Values] = unchanged
    extra: Callable[[Any, Case, Any, Path], Mapping[str, Any]] | None = None
    input_option: str = ""
    summary: tuple[str, ...] = ()

    @property
    def all_options(self) -> tuple[CommandOption, ...]:
        """Those of the command line alone, then the module's."""
        return (*self.more, *(CommandOption.of(option) for option in self.options))

    def nodes(self, logic: Any, case: Case, progress: Progress, computed: Computed) -> Any:
        """Loads one input and processes it; of a case with parts only what was computed of each is combined.

        Args:
            computed: of parts, kept from case to case; the whole takes its own out again.

        Raises:
            DeepMedError: what the module's Logic says.
        """
        if case.parts:
            return self._whole(logic, case, computed)
        preparation = logic.prepare(*self.load(logic, case), **self._asked(case))
        found = logic.compute(preparation, progress)
        if case.is_part:
            computed[case.key] = found
        return logic.finish(preparation, found)

    def _whole(self, logic: Any, case: Case, computed: Computed) -> Any:
        from DeepMedLib.errors import DeepMedError

        measured, skipped = [], []
        for part in case.parts:
            found = computed.pop(part.key, None)  # None of what was given by itself, too, or belongs to two wholes
            try:
                if isinstance(found, DeepMedError):
                    raise found
                prepared = logic.prepare(*self.load(logic, part), **self._asked(part))
                measured.append(logic.finish(prepared, found or logic.compute(prepared)))
            except DeepMedError as error:
                skipped.append((part.path.name, str(error)))
        return logic.combineAsked(measured, case.path.name, skipped, self._asked(case))

    def _asked(self, case: Case) -> dict[str, Any]:
        return {**{option.name: case.values[option.name] for option in self.options}, **self.asked(case.values)}

    def values(self, **given: Any) -> dict[str, Any]:
        """The options with their defaults, those given in place of them; `check` has not seen them yet."""
        unknown = set(given) - {option.name for option in self.all_options}
        if unknown:
            raise TypeError(f"deepmed {self.name} has no option {', '.join(sorted(unknown))}")
        return {option.name: option.default for option in self.all_options} | given
