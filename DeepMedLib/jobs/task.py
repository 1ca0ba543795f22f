"""A computation as plain data: which function, on which arrays, with which options.

The same task runs in this process (`run_here`) or in a child process (`DeepMedLib.jobs.job.Job`). Both see the same
values, because options and results are brought to their JSON form on either way.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from DeepMedLib.disk import disk_refused
from DeepMedLib.errors import BadInput, DeepMedError, DependencyMissing, OutOfMemory

Progress = Callable[[float, str], None]
"""Called with the fraction done (0 to 1) and what is being done now."""

_ARRAYS = "arrays.npz"
_RECORD = "record.json"
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Task:
    """What to compute.

    Attributes:
        function: ``"package.module:callable"`` with the signature
            ``run(arrays, options, progress) -> TaskResult``.
        arrays: named arrays of numbers or booleans (geometry travels beside them, in ``options``).
        options: named values that JSON can hold.
    """

    function: str
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _FUNCTION.fullmatch(self.function):
            raise BadInput(f"'{self.function}' does not name a function.", "Write it as package.module:function.")


@dataclass(frozen=True)
class TaskResult:
    """What came out: named arrays, and values that JSON can hold."""

    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


TaskFunction = Callable[[Mapping[str, np.ndarray], Mapping[str, Any], Progress], TaskResult]


def save_task(task: Task, folder: Path) -> None:
    """Writes the task into ``folder`` (created when absent), replacing what is there.

    Raises:
        BadInput: an array holds Python objects, or an option is not JSON.
    """
    _save(folder, {"function": task.function, "options": task.options}, task.arrays)


def load_task(folder: Path) -> Task:
    """Reads what `save_task` wrote.

    Raises:
        BadInput: the folder holds no readable task.
    """
    record, arrays = _load(folder)
    return Task(record["function"], arrays, record["options"])


def save_result(result: TaskResult, folder: Path) -> None:
    """Writes the result into ``folder``; the folder appears only when it is complete.

    Raises:
        BadInput: an array holds Python objects, or a value is not JSON.
    """
    unfinished = folder.with_name(folder.name + ".unfinished")
    _save(unfinished, {"values": result.values}, result.arrays)
    os.replace(unfinished, folder)


def load_result(folder: Path) -> TaskResult:
    """Reads what `save_result` wrote.

    Raises:
        BadInput: the folder holds no readable result.
    """
    record, arrays = _load(folder)
    return TaskResult(arrays, record["values"])


def resolve_function(name: str) -> TaskFunction:
    """The function that ``"package.module:callable"`` names, imported now.

    Raises:
        DeepMedError: there is no such module or function.
        ModuleNotFoundError: the module is there, but a package that it needs is not.
    """
    module_name, _, attribute = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        ours = error.name is not None and (module_name + ".").startswith(error.name + ".")
        if not ours:
            raise
        raise DeepMedError(
            f"The computation '{name}' cannot be found.", "Install the extension again; a part of it is missing."
        ) from error
    function = getattr(module, attribute, None)
    if not callable(function):
        raise DeepMedError(
            f"The computation '{name}' cannot be found.", "Install the extension again; a part of it is missing."
        )
    return cast(TaskFunction, function)


def run_here(task: Task, progress: Progress | None = None) -> TaskResult:
    """Runs the task in this process and returns what a `Job` of it would return.

    The function gets its own copies of the arrays. ``progress`` may raise to end the computation. Results equal
    those of a job bit for bit when both use the same device, engine and thread count.

    Raises:
        DeepMedError: typed as in a job; any other error of the function is the ``__cause__``.
    """
    try:
        options = json.loads(_dumps(task.options))
        arrays = {name: _own_copy(name, array) for name, array in task.arrays.items()}
        result = check_result(resolve_function(task.function)(arrays, options, progress or _silent))
        copies = {name: _own_copy(name, array) for name, array in result.arrays.items()}
        return TaskResult(copies, json.loads(_dumps(result.values)))
    except Exception as error:
        typed = typed_error(error)
        if typed is error:
            raise
        raise typed from error


def check_result(result: object) -> TaskResult:
    """The result itself, when it is one.

    Raises:
        DeepMedError: a task function returned something else.
    """
    if not isinstance(result, TaskResult):
        raise DeepMedError(
            f"The computation returned {type(result).__name__} instead of a TaskResult.", "Report this as a bug."
        )
    return result


def typed_error(error: BaseException) -> DeepMedError:
    """The error as one that a user can act on; a DeepMedError stays itself."""
    if isinstance(error, DeepMedError):
        return error
    text = str(error).strip()
    # torch is not imported here: its out-of-memory errors are known by name and by their words.
    out_of_memory = type(error).__name__ in {"OutOfMemoryError", "_ArrayMemoryError"} or (
        isinstance(error, RuntimeError)
        and any(words in text for words in ("out of memory", "not enough memory", "can't allocate memory"))
    )
    if isinstance(error, MemoryError) or out_of_memory:
        device = "graphics card" if "CUDA" in text or "MPS" in text else "computer"
        return OutOfMemory(
            f"The {device} ran out of memory.",
            "Crop the volume, close other programs, or choose the CPU as device."
            if device == "graphics card"
            else "Crop the volume, choose a coarser resolution, or close other programs.",
        )
    if isinstance(error, OSError) and (refused := disk_refused(error)):
        return refused
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or text).partition(".")[0]
        return DependencyMissing(
            f"The Python package '{name}' is not installed.", "Install it in the module's Advanced section."
        )
    return DeepMedError(
        f"An unexpected error occurred ({type(error).__name__}: {text[:300]}).",
        "Report it with the lines of the application's log.",
    )


def _silent(fraction: float, message: str) -> None:
    """Progress that nobody watches."""


def _dumps(value: Any) -> str:
    """JSON text. NumPy scalars become numbers.

    Raises:
        BadInput: the value is not JSON.
    """

    def plain(item: Any) -> Any:
        if isinstance(item, np.generic):
            return item.item()
        raise TypeError(f"{type(item).__name__} is not JSON")

    try:
        return json.dumps(dict(value), ensure_ascii=False, default=plain)
    except (TypeError, ValueError) as error:
        remedy = "Pass arrays apart, and plain values."
        raise BadInput(f"An option or value cannot be stored: {error}.", remedy) from error


def _own_copy(name: str, array: np.ndarray) -> np.ndarray:
    """A copy in the memory order that a file of it would have, so that sums come out alike here and in a child."""
    array = _checked(name, array)
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    return np.array(array, copy=True, order="F" if fortran else "C")


def _checked(name: str, array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype.hasobject:
        raise BadInput(f"The array '{name}' holds Python objects.", "Pass arrays of numbers or booleans.")
    return array


def _save(folder: Path, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    checked = {name: _checked(name, array) for name, array in arrays.items()}
    text = _dumps({**record, "arrays": list(checked)})
    folder.mkdir(parents=True, exist_ok=True)
    # Numbered entries: a name may hold any character, and np.savez reserves some names for itself.
    with open(folder / _ARRAYS, "wb") as stream:
        np.savez(stream, **{f"a{number}": array for number, array in enumerate(checked.values())})  # type: ignore[arg-type]
    (folder / _RECORD).write_text(text, encoding="utf-8")


def _load(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS, allow_pickle=False) as stored:
            arrays = {name: stored[f"a{number}"] for number, name in enumerate(record.pop("arrays"))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise BadInput(f"The folder {folder} cannot be read: {error}.", "Run the computation again.") from error
    return record, arrays
