"""`deepmed demo`: every module on pictures with known truth, and one page that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deepmed_headless.cli.terminal.command import DONE, INTERNAL, run_command
from deepmed_headless.cli.run.shared_options import DebugOption, Device, DeviceOption
from deepmed_headless.cli.terminal.screen import Screen

EPILOG = """
**Examples**

`deepmed demo --out demo` then open demo/index.html.

`deepmed demo --out demo --data ../shared/data` adds real pictures that no model was trained on.
"""


def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the page and its files.", show_default=False)
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Folder of real data sets, for real pictures as well."),
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="Only a few pictures.", show_default=False)] = False,
    device: DeviceOption = Device.auto,
    debug: DebugOption = False,
) -> NoReturn:
    """Run all modules on **generated phantoms** whose truth is known, and write DIR/index.html."""

    def body(screen: Screen) -> int:
        from deepmed_headless.cli.demo.declaration import DemoRun
        from deepmed_headless.cli.demo.jobs import run_demo
        from deepmed_headless.cli.demo.page import write_page
        from deepmed_headless.cli.files.folder import output_folder
        from deepmed_headless.cli.run.modules import demos
        from DeepMedLib.errors import BadInput

        if data is not None and not data.is_dir():
            raise BadInput(f"There is no folder {data}.", "Check --data.")
        with output_folder(out):
            run = DemoRun(out, data, short, device.value, screen)
            sections = [section for part in demos() for section in run_demo(part, run)]
            page = write_page(out, sections)
        failed = [shown for section in sections for shown in section.pictures if shown.failure]
        silent = [section.title for section in sections if not any(shown.measured for shown in section.pictures)]
        for shown in failed:
            screen.error(shown.failure, shown.title)
        for title in silent:
            screen.error("No picture of this section was measured; the page says why.", title)
        screen.result(f"Open {page}")
        return INTERNAL if failed or silent else DONE

    run_command(body, debug=debug)
