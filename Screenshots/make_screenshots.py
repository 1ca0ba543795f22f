"""Make the documentation's pictures anew, from generated phantoms only, on the headless host.

    .venv/bin/python Screenshots/make_screenshots.py [MODULE ...]

A module's pictures are what ``take`` in its ``<Module>Headless/screenshots.py`` puts into this folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from small_pictures import make_small

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Take the pictures of the named modules, or of all, and make them small."""
    from deepmed_headless import boot, install_qt
    from deepmed_headless.cli.run.modules import module_parts

    boot()
    install_qt()
    import slicer

    parts = module_parts("screenshots")
    if unknown := set(sys.argv[1:]) - set(parts):
        sys.exit(f"No pictures are declared by {', '.join(sorted(unknown))}; there are {', '.join(parts)}.")
    for name, part in parts.items():
        if name in (sys.argv[1:] or [name]):
            slicer.mrmlScene.Clear(0)
            part.take(HERE)
    for path in sorted(HERE.glob("*.png")):
        make_small(path)


if __name__ == "__main__":
    main()
