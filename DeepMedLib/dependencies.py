"""Which Python packages are there, found without importing them, and whether they really work."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from DeepMedLib.errors import BadInput, DeepMedError, DependencyMissing
from DeepMedLib.jobs.job import run_job
from DeepMedLib.jobs.task import Progress, Task, TaskResult

# Where the name to install is not the name to import.
_IMPORT_NAMES = {
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "opencv-python-headless": "cv2",
}
_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[\w ,.-]*\])?\s*(.*)")
_CONDITION = re.compile(r"(>=|<=|==|!=|>|<)\s*([0-9][\w.+!-]*)")

#: What all modules need; a module that needs more says so in its Resources/<Module>Requirements.txt.
SHARED_REQUIREMENTS = Path(__file__).with_name("DeepMedLibRequirements.txt")

State = Literal["installed", "missing", "broken", "wrong version"]


@dataclass(frozen=True)
class Requirement:
    """One line of a requirements text: a package, and what its version must be, e.g. ((">=", "1.3"),)."""

    package: str
    conditions: tuple[tuple[str, str], ...] = ()

    @property
    def module(self) -> str:
        """What is imported."""
        return _IMPORT_NAMES.get(self.package.lower(), self.package.replace("-", "_"))

    def __str__(self) -> str:
        return self.package + ",".join(sign + version for sign, version in self.conditions)


@dataclass(frozen=True)
class PackageState:
    """What was found of a requirement. "broken": its installation or removal was not finished."""

    requirement: Requirement
    state: State
    version: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether the package can be expected to work."""
        return self.state == "installed"


def parse_requirements(text: str) -> list[Requirement]:
    """The requirements in a text like a requirements.txt: a package a line, ``>=`` and the like, # comments.

    Raises:
        BadInput: a line says something else (an option, a URL, a marker).
    """
    requirements = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if not line:
            continue
        match = _REQUIREMENT.fullmatch(line)
        parts = [part.strip() for part in match.group(2).split(",")] if match and match.group(2) else []
        conditions = [_CONDITION.fullmatch(part) for part in parts]
        if match is None or not all(conditions):
            raise BadInput(f"Line {number} of the requirements cannot be read: {line}.", "Write it as package>=1.2.")
        pairs = tuple((found.group(1), found.group(2)) for found in conditions if found)
        requirements.append(Requirement(match.group(1), pairs))
    return requirements


def package_state(requirement: Requirement) -> PackageState:
    """What is installed for a requirement; nothing is imported."""
    importlib.invalidate_caches()
    try:
        version = importlib.metadata.version(requirement.package)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    try:
        spec = importlib.util.find_spec(requirement.module)
    except (ValueError, ImportError):
        spec = None
    # A folder without __init__.py, as a failed removal leaves it, is found too, but has no loader of its own.
    importable = spec is not None and spec.origin is not None
    if not importable:
        return PackageState(requirement, "broken" if version or spec is not None else "missing", version)
    if requirement.conditions and not version:
        return PackageState(requirement, "broken")
    satisfied = all(_holds(version, sign, wanted) for sign, wanted in requirement.conditions)
    return PackageState(requirement, "installed" if satisfied else "wrong version", version)


def check_requirements(text: str) -> list[PackageState]:
    """`package_state` of each line of a requirements text.

    Raises:
        BadInput: as `parse_requirements`.
    """
    return [package_state(requirement) for requirement in parse_requirements(text)]


def require(text: str) -> None:
    """Makes sure that all requirements are met, as far as can be seen without importing them.

    Raises:
        DependencyMissing: one is not; the sentence names it.
        BadInput: as `parse_requirements`.
    """
    wanting = [state for state in check_requirements(text) if not state.is_ready]
    if wanting:
        names = ", ".join(f"{state.requirement} ({state.state})" for state in wanting)
        remedy = "Press Install packages in the module's Advanced section."
        raise DependencyMissing(f"Python packages are not ready: {names}.", remedy)


def shared_requirement(package: str) -> str:
    """The line of one package in what all modules need, e.g. ``torch>=2.6``.

    Raises:
        StopIteration: it is not among them.
    """
    shared = parse_requirements(SHARED_REQUIREMENTS.read_text(encoding="utf-8"))
    return str(next(requirement for requirement in shared if requirement.package == package))


def smoke_task(modules: Sequence[str]) -> Task:
    """A task that imports the modules; run it as a `Job`: an import that crashes takes no application with it."""
    return Task("DeepMedLib.dependencies:import_modules", options={"modules": list(modules)})


def smoke_import(modules: Sequence[str], **settings: Any) -> dict[str, str]:
    """Imports the modules in a child process and returns their versions.

    Args:
        modules: names to import.
        settings: arguments of `Job`.

    Raises:
        DependencyMissing: one is not installed, or its import fails or crashes.
    """
    try:
        return dict(run_job(smoke_task(modules), **settings).values["versions"])
    except DependencyMissing:
        raise
    except DeepMedError as error:
        raise DependencyMissing(
            f"{', '.join(modules)} cannot be used: {error.message}",
            "Press Install packages in the module's Advanced section.",
        ) from error


def import_modules(_arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """The task function of `smoke_task`: options {"modules": [names]}, values {"versions": {name: version}}."""
    versions = {}
    for number, name in enumerate(options["modules"]):
        progress(number / len(options["modules"]), f"Importing {name}")
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:
            raise
        except Exception as error:  # a half-installed package may raise anything
            raise DependencyMissing(
                f"The Python package '{name}' is installed but does not work: {error}.",
                "Press Install packages in the module's Advanced section.",
            ) from error
        versions[name] = str(getattr(module, "__version__", ""))
    return TaskResult(values={"versions": versions})


def _holds(version: str, sign: str, wanted: str) -> bool:
    left, right = _numbers(version), _numbers(wanted)
    length = max(len(left), len(right))
    left, right = left + (0,) * (length - len(left)), right + (0,) * (length - len(right))
    return {
        ">=": left >= right,
        "<=": left <= right,
        "==": left == right,
        "!=": left != right,
        ">": left > right,
        "<": left < right,
    }[sign]


def _numbers(version: str) -> tuple[int, ...]:
    """Release numbers of a version; "2.13.0+cpu" is (2, 13, 0). Pre-releases count as their release."""
    match = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in match.group(1).split(".")) if match else (0,)
