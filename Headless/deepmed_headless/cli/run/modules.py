"""The headless parts that the modules bring in their folders, found by scanning; and their Logics."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.paths import module_names
from deepmed_headless.paths import repository_root

if TYPE_CHECKING:
    from deepmed_headless.cli.demo.declaration import Demo
    from deepmed_headless.cli.run.declaration import ModuleCommand


def commands() -> list[ModuleCommand]:
    """``COMMAND`` of every `<Module>Headless/command.py`, by module name; imports nothing heavy."""
    return [part.COMMAND for part in module_parts("command").values()]


def demos() -> list[Demo]:
    """``DEMO`` of every `<Module>Headless/demo.py`, by module name."""
    return [part.DEMO for part in module_parts("demo").values()]


def dataset_names() -> list[str]:
    """The datasets of `deepmed evaluate`: every file `<Module>Headless/evaluate/<dataset>.py`, sorted."""
    return sorted(_datasets())


def load_dataset(name: str) -> ModuleType:
    """The file of a dataset; it holds ``evaluate(run: Evaluation) -> None``.

    Raises:
        BadInput: there is none of that name.
    """
    from DeepMedLib.errors import BadInput

    known = _datasets()
    if name not in known:
        names = ", ".join(sorted(known))
        raise BadInput(f"There is no dataset called '{name}' in this version.", f"Choose one of {names}.")
    return importlib.import_module(f"{known[name]}.{name}")


def _datasets() -> dict[str, str]:
    """Dataset -> the package that it lies in."""
    found = {}
    for module in module_names():
        folder = repository_root() / module / f"{module}Headless" / "evaluate"
        for item in pkgutil.iter_modules([str(folder)]):
            if not item.name.startswith("_"):
                found[item.name] = f"{module}Headless.evaluate"
    return found


def module_parts(name: str) -> dict[str, ModuleType]:
    """Module -> its imported `<Module>Headless/<name>.py`, of the modules that have one, sorted."""
    root = repository_root()
    has = [module for module in module_names() if (root / module / f"{module}Headless" / f"{name}.py").is_file()]
    return {module: importlib.import_module(f"{module}Headless.{name}") for module in has}


def load_logic(module: str) -> Any:
    """The Logic of a module in the booted headless host, computing in this process so that models are loaded once."""
    from deepmed_headless import boot, load_named

    boot()
    logic = getattr(load_named(module), f"{module}Logic")()
    logic.runInProcess = True
    return logic
