"""The `deepmed` command line: the modules of the extension, without the desktop.

The contract (exit codes, files, coordinates) stands in `deepmed --help` and in CONTRIBUTING.md.
"""

from __future__ import annotations

from deepmed_headless.cli.paths import make_importable

make_importable()  # before anything of ours, here or in a module's headless part, imports DeepMedLib


def main() -> None:
    """Entry point of the console script `deepmed`."""
    from deepmed_headless.cli.terminal.streams import open_missing

    open_missing()
    from deepmed_headless.cli.app import app

    app(prog_name="deepmed")


__all__ = ["main"]
