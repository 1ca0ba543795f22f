"""Finding the modules of the repository and their models, without importing them."""

from __future__ import annotations

import sys
from pathlib import Path

from deepmed_headless.paths import repository_root


def module_names() -> list[str]:
    """The scripted modules of this repository: folders `<Name>` with a `<Name>Lib` in them, sorted."""
    root = repository_root()
    return sorted(folder.name for folder in root.iterdir() if (folder / f"{folder.name}Lib").is_dir())


def models_folder(module: str) -> Path:
    """Where the module's shipped model bundles lie."""
    return repository_root() / module / "Resources" / f"{module}Models"


def make_importable() -> None:
    """Lets `import DeepMedLib` and `import <Module>Lib` work from a source tree that is not installed."""
    root = repository_root()
    for folder in (root, *(root / name for name in module_names())):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
