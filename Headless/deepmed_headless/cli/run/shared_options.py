"""Options that every command has, with the words that `--help` shows for them."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Device(str, Enum):
    """Where the network computes."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


InputsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="INPUT", help="Files, or folders whose pictures are measured.", show_default=False),
]
OutOption = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="DIR", help="Folder for the results; made when absent.", show_default=False),
]
DeviceOption = Annotated[
    Device, typer.Option("--device", help="Where to compute; 'auto' takes a CUDA graphics card when there is one.")
]
TableOption = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="CSV file with the column 'file' and a column for each option that differs from input to input.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON object a line and nothing else on standard output.", show_default=False
    ),
]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", help="Show full tracebacks and what the libraries print.", show_default=False),
]
