"""Imports scripted module files and registers them, as Slicer's module factory does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from deepmed_headless.host.boot import boot, register_module
from deepmed_headless.host.module import ScriptedModule
from deepmed_headless.paths import repository_root


def load_module(path: str | Path) -> ModuleType:
    """Imports a scripted module's .py file and registers slicer.modules.<lower> and slicer.modules.<Name>Instance.

    The module's folder and its parent go on sys.path, as in practice they do in Slicer. `startupCompleted()` is
    emitted at the end, so that sample data register. Loading the same file again returns the same Python module.

    Args:
        path: the file; its stem is the module's name and the name of its module class.

    Returns:
        the imported Python module.

    Raises:
        FileNotFoundError: there is no such file.
        ImportError: another file of that name is loaded already, or the file lacks its module class.
    """
    import slicer

    application = boot()
    file = Path(path).resolve()
    if not file.is_file():
        raise FileNotFoundError(f"There is no module file {file}.")
    name = file.stem
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) and hasattr(slicer.modules, name + "Instance"):
        if Path(str(loaded.__file__)).resolve() != file:
            raise ImportError(f"A module named {name} is already loaded from {loaded.__file__}.")
        return loaded
    for folder in (str(file.parent.parent), str(file.parent)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    python_module = _import_file(name, file)
    module_class = getattr(python_module, name, None)
    if module_class is None:
        raise ImportError(f"{file} has no class {name}.")
    module = ScriptedModule(name, str(file))
    register_module(module)
    setattr(slicer.modules, name + "Instance", module_class(module))
    application.emit_startup_completed()
    return python_module


def load_named(name: str) -> ModuleType:
    """Loads a module of this repository by its name, `<root>/<name>/<name>.py`."""
    return load_module(repository_root() / name / f"{name}.py")


def _import_file(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    previous = sys.modules.get(name)  # a folder of that name may be there as a namespace package
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if previous is not None:
            sys.modules[name] = previous
        else:
            del sys.modules[name]
        raise
    return module
