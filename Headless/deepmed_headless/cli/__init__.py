"""The `deepmed` command line: the modules of the extension, without the desktop.

The contract (exit codes, files, coordinates) stands in `deepmed --help` and in CONTRIBUTING.md.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script `deepmed`."""
    from deepmed_headless.cli.app import app

    app(prog_name="deepmed")


__all__ = ["main"]
