"""What a command takes beside the options of the module's panel: what a person may give, and may leave out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from DeepMedLib import option_words
from DeepMedLib.options import Option


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
