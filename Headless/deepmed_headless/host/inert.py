"""`qt` and `ctk` for a process without widgets: importing them works, using them fails with the missing name."""

from __future__ import annotations

import sys
from types import ModuleType


class InertModule(ModuleType):
    """A module whose every public name is missing, and says how to get it."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"{self.__name__}.{name} is not available headless; "
            "call deepmed_headless.install_qt() before loading modules."
        )


def install_inert(names: tuple[str, ...] = ("qt", "ctk")) -> None:
    """Puts an inert module in place of each name that is not yet imported."""
    for name in names:
        sys.modules.setdefault(name, InertModule(name))


def is_inert(name: str) -> bool:
    """True when `name` is one of the inert modules."""
    return isinstance(sys.modules.get(name), InertModule)
