"""Import a package of MONAI without what only its plots and filters need: a second less to wait for each result."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

#: MONAI takes these where they are there; no network of ours uses what they serve.
_EXTRAS = ("matplotlib", "scipy.signal")


def lean_import(name: str) -> ModuleType:
    """A module by its full name. While a part of MONAI is imported for the first time, the extras seem to be missing.

    They are there again for everybody afterwards; what was imported before stays as it was.

    Raises:
        ImportError: it is not installed.
    """
    if name.partition(".")[0] != "monai" or "monai" in sys.modules:
        return importlib.import_module(name)
    hidden = [extra for extra in _EXTRAS if extra not in sys.modules]
    # None in sys.modules is Python's own way to say that a module cannot be imported.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        return importlib.import_module(name)
    finally:
        for extra in hidden:
            sys.modules.pop(extra, None)
