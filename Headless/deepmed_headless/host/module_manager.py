"""`slicer.app.moduleManager()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class ModuleManager:
    """Stands in for qSlicerModuleManager over what is registered in slicer.modules."""

    def modulesNames(self) -> list[str]:
        """Names of all modules."""
        import slicer

        return sorted(vars(slicer.moduleNames)["__all__"])

    loadedModuleNames = modulesNames

    def factoryManager(self) -> ModuleManager:
        """The factory manager; here the same object."""
        return self

    def module(self, name: str) -> Any | None:
        """The module called `name`, or None."""
        import slicer

        return getattr(slicer.modules, name.lower(), None)

    def connect(self, signature: str, slot: Callable[..., Any]) -> bool:
        """Modules are never unloaded here, so the slot is never called."""
        return True

    disconnect = connect
