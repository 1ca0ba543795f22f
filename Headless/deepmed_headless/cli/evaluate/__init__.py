"""`deepmed evaluate`: every dataset is one file of this folder.

A dataset file `<name>.py` holds ``evaluate(run: Evaluation) -> None``; its name is what users type, and the docstring
of that function says what is written. It imports heavy packages inside functions.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def dataset_names() -> list[str]:
    """The datasets that exist, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load_dataset(name: str) -> ModuleType:
    """The module of a dataset.

    Raises:
        BadInput: there is none of that name.
    """
    from DeepMedLib.errors import BadInput

    known = dataset_names()
    if name not in known:
        raise BadInput(f"There is no dataset called '{name}' in this version.", f"Choose one of {', '.join(known)}.")
    return importlib.import_module(f"{__name__}.{name}")
