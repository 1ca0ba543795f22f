"""What a module says about its command: its options, its inputs, and how one input goes through the module's Logic.

A module's folder `<Module>Headless/command.py` holds one ``COMMAND = ModuleCommand(...)``. Everything else (options of
every command, batches, folders, summary, scene, exit codes) is the runner's. This file imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case
from DeepMedLib import option_words
from DeepMedLib.options import Option

Progress = Callable[[float, str], None]
"""Called with the fraction of the current input that is done (0 to 1) and what is being done now."""

Values = Mapping[str, Any]
"""Option name -> value; None where the option was not given and has no default."""


@dataclass(frozen=True)
class CommandOption:
    """One option of a command.

    Attributes:
        name: of the value; with hyphens it is the option, ``ga_weeks`` gives ``--ga-weeks``.
        help: one sentence.
        parse: the value of what people write, on the command line and in a table alike; raises BadInput. None makes a
            switch, ``--lungs/--no-lungs``.
        default: the value where the option is not given.
        metavar: what stands for the value in the help.
        choices: known words, for the help and for the Tab key.
        columns: further names of the column in a table.
        by_input: may differ from input to input, so that a table may give it.
        of_one_input: what belongs to one input, so that with several only a table may give it.
        words: how many words the option takes.
        repeated: may be given several times; the value is then a tuple.
        shown: what the help says of the default.
    """

    name: str
    help: str
    parse: Callable[[str], Any] | None = str
    default: Any = None
    metavar: str = ""
    choices: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    by_input: bool = True
    of_one_input: bool = False
    words: int = 1
    repeated: bool = False
    shown: str = ""

    @property
    def flag(self) -> str:
        """As it is typed."""
        return "--" + self.name.replace("_", "-")

    @classmethod
    def of(cls, option: Option) -> CommandOption:
        """The option that a module declares for its panel and its Lib, too."""

        def parse(text: str) -> Any:
            return option.given(_reader(option)(text))

        words = "[" + "|".join(option.choices) + "]" if option.choices else option.unit.upper()
        return cls(
            option.name,
            option.help,
            None if option.kind is bool else parse,
            option.default,
            option.metavar or words or _METAVARS[option.kind],
            option.choices,
            option.columns,
            by_input=option.name != "device",
            shown=option.unknown,
        )

    def value_of(self, text: str) -> Any:
        """The value of one text.

        Raises:
            BadInput: it is not possible.
        """
        return option_words.switch(text) if self.parse is None else self.parse(text)


def one_of(name: str, choices: tuple[str, ...], help: str, **more: Any) -> CommandOption:
    """An option with a fixed set of words; the first is the default unless another is given."""
    settings = {"default": choices[0], "metavar": "[" + "|".join(choices) + "]", **more}
    return CommandOption(name, help, partial(option_words.choice, known=choices), choices=choices, **settings)


_METAVARS = {bool: "", int: "N", float: "NUMBER", str: "TEXT"}


def _reader(option: Option) -> Callable[[str], Any]:
    """How the text of a declared option is read: itself, its choices, its unit or its type say."""
    if option.read is not None:
        return option.read
    if option.choices:
        return partial(option_words.choice, known=option.choices)
    by_unit = {"weeks": option_words.weeks, "years": option_words.years}
    if option.unit in by_unit:
        return by_unit[option.unit]
    return {int: option_words.count, float: option_words.number}.get(option.kind, str)


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
        load: (logic, case) -> what the Logic's process takes, the volume first; ``case.values`` has the options.
        measure: (logic, case, progress) -> the Logic's ResultNodes, where the way is another than load and process.
        check: takes the options before any input is opened and returns them checked; raises BadInput.
        extra: (logic, case, nodes, folder) writes what only this command writes; returns what it adds to the record.
        summary: columns of summary.csv after those of every command.
    """

    name: str
    module: str
    help: str
    epilog: str
    options: tuple[Option, ...]
    cases_of_folder: Callable[[Path, Values], list[Case]]
    more: tuple[CommandOption, ...] = ()
    load: Callable[[Any, Case], tuple[Any, ...]] | None = None
    measure: Callable[[Any, Case, Progress], Any] | None = None
    check: Callable[[Values], Values] = unchanged
    extra: Callable[[Any, Case, Any, Path], Mapping[str, Any]] | None = None
    summary: tuple[str, ...] = ()

    @property
    def all_options(self) -> tuple[CommandOption, ...]:
        """Those of the command line alone, then the module's."""
        return (*self.more, *(CommandOption.of(option) for option in self.options))

    def nodes(self, logic: Any, case: Case, progress: Progress) -> Any:
        """Loads one input and processes it.

        Raises:
            DeepMedError: what the module's Logic says.
        """
        if self.load is None:
            assert self.measure is not None
            return self.measure(logic, case, progress)
        asked = {option.name: case.values[option.name] for option in self.options}
        return logic.process(*self.load(logic, case), onProgress=progress, **asked)

    def values(self, **given: Any) -> dict[str, Any]:
        """The options with their defaults, those given in place of them; `check` has not seen them yet."""
        unknown = set(given) - {option.name for option in self.all_options}
        if unknown:
            raise TypeError(f"deepmed {self.name} has no option {', '.join(sorted(unknown))}")
        return {option.name: option.default for option in self.all_options} | given
