"""A declared command as a function that typer understands: its options become parameters with their help."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand
from deepmed_headless.cli.run.shared_options import DebugOption, InputsArgument, JsonOption, OutOption, TableOption
from deepmed_headless.cli.terminal.command import run_command
from deepmed_headless.cli.terminal.screen import Screen


def add_command(app: typer.Typer, command: ModuleCommand) -> None:
    """Adds a module's command to the application."""
    app.command(command.name, epilog=command.epilog, no_args_is_help=True)(_function(command))


def _function(command: ModuleCommand) -> Callable[..., NoReturn]:
    def body(
        inputs: InputsArgument = (),  # type: ignore[assignment]
        *,
        out: OutOption,
        json_lines: JsonOption = False,
        table: TableOption = None,
        debug: DebugOption = False,
        **given: Any,
    ) -> NoReturn:
        def work(screen: Screen) -> int:
            from deepmed_headless.cli.run.runner import run

            values = {option.name: _value(option, given[option.name]) for option in command.all_options}
            given_inputs = _named_input(command, values) if command.input_option else inputs
            return run(screen, command, given_inputs, out, values, table)

        run_command(work, json_lines, debug)

    # typer reads the parameters from the signature.
    own = [_parameter(option) for option in command.all_options]
    shared = [p for p in inspect.signature(body, eval_str=True).parameters.values() if p.kind is not p.VAR_KEYWORD]
    first, rest = [parameter.replace(default=inspect.Parameter.empty) for parameter in shared[:2]], shared[2:]
    if command.input_option:
        first, rest = first[1:], [parameter for parameter in rest if parameter.name != "table"]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*first, *own, *rest)]
    body.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    body.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    body.__doc__ = command.help
    return body


def _named_input(command: ModuleCommand, values: Mapping[str, Any]) -> list[Path]:
    """The first value of the option that holds a command's one input.

    Raises:
        BadInput: it was not given.
    """
    from DeepMedLib.errors import BadInput

    if not values[command.input_option]:
        raise BadInput(f"--{command.input_option} is missing.", f"See deepmed {command.name} --help.")
    return [Path(values[command.input_option][0])]


def _parameter(option: CommandOption) -> inspect.Parameter:
    if option.parse is None:
        declared = f"{option.flag}/--no-{option.flag[2:]}" if option.default else option.flag
        annotation: Any = Annotated[bool, typer.Option(declared, help=option.help)]
        default: Any = bool(option.default)
    else:
        kind: Any = str
        if option.words > 1:
            kind = tuple[(str,) * option.words]  # type: ignore[misc]
        elif option.repeated:
            kind = list[str]
        shown = option.shown or ("" if option.default is None else str(option.default))
        more: dict[str, Any] = {"autocompletion": lambda: list(option.choices)} if option.choices else {}
        annotation = Annotated[
            kind | None,
            typer.Option(
                option.flag, metavar=option.metavar or None, help=option.help, show_default=shown or False, **more
            ),
        ]
        default = None
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _value(option: CommandOption, given: Any) -> Any:
    """The value of what was typed.

    Raises:
        BadInput: it is not possible.
    """
    from DeepMedLib.errors import BadInput

    if option.parse is None:
        return given
    if not given:
        return option.default
    try:
        if option.repeated:
            return tuple(option.value_of(text) for text in given)
        return option.value_of(given if isinstance(given, str) else " ".join(given))
    except BadInput as error:
        raise BadInput(f"{option.flag}: {error.message}", error.remedy) from None
