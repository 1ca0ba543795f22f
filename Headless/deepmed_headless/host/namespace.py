"""Registers a Python module object under a dotted name, the way `slicer.i18n` and its kind are reached."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def new_module(name: str, **members: Any) -> ModuleType:
    """Creates module `name` with `members`, in sys.modules and, for a dotted name, as attribute of its parent.

    Args:
        name: dotted name such as "slicer.i18n"; its parent must be imported already.
        members: names the module offers; they also become its `__all__`.
    """
    module = ModuleType(name)
    module.__dict__.update(members)
    module.__dict__["__all__"] = [key for key in members if not key.startswith("_")]
    sys.modules[name] = module
    parent, _, leaf = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], leaf, module)
    return module
