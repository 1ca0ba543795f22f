"""The `deepmed` application: its commands and what `--help` teaches. Imports nothing heavy."""

from __future__ import annotations

from typing import Annotated

import typer

from deepmed_headless.cli import models
from deepmed_headless.cli.demo import command as demo_command
from deepmed_headless.cli.evaluate import command as evaluate_command
from deepmed_headless.cli.run.modules import commands
from deepmed_headless.cli.run.typer_command import add_command

OVERVIEW = """
**DeepMed** measures medical images with the modules of the 3D Slicer extension, without the desktop.

Each input gets a folder DIR/NAME/ with `result.json`, files that 3D Slicer opens (`scene.mrb`, markups, segmentations),
a picture of the result and a report. Research only: not a medical device.
"""

EPILOG = """
**First steps**

`deepmed demo --out demo` makes pictures, measures them and writes a page to look at.

`deepmed fetal head.png --out results --spacing 0.21` measures a fetal head.

`deepmed fetal *.dcm --out results --json > results.jsonl` for scripts: one JSON object a line.

`deepmed --install-completion` lets the Tab key complete commands and options.

**Exit codes**

- 0: done

- 2: bad usage or input, or a disk that cannot be written to; one sentence on standard error says what to do

- 3: read, but nothing was found or the model abstained; result.json says why

- 4: internal error

With several inputs all run, and the highest code is returned.

**Coordinates** are pixels of the given file from 0; (0, 0) is the centre of the first pixel, x = column, y = row.
"""


def _version(wanted: bool) -> None:
    if wanted:
        from DeepMedLib import __version__

        typer.echo(f"deepmed {__version__}")
        raise typer.Exit()


app = typer.Typer(
    name="deepmed",
    help=OVERVIEW,
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def deepmed(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit.", show_default=False
        ),
    ] = False,
) -> None:
    """Options that stand before a command."""


for _command in commands():
    add_command(app, _command)
app.command("evaluate", epilog=evaluate_command.EPILOG, no_args_is_help=True)(evaluate_command.evaluate)
app.command("demo", epilog=demo_command.EPILOG)(demo_command.demo)
app.command("models", epilog=models.EPILOG)(models.models)
