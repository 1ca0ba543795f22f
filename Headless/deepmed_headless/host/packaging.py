"""`slicer.packaging` with the names of Slicer 5.13; it reports what is importable and never installs anything."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from deepmed_headless.host.namespace import new_module

Requirements = str | Iterable[Any]


def load_requirements(path: str | Path) -> list[str]:
    """Requirement lines of a requirements.txt, comments and options left out."""
    lines = (line.split(" #")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def load_pyproject_dependencies(path: str | Path) -> list[str]:
    """`project.dependencies` of a pyproject.toml. Needs Python 3.11 or newer, as Slicer has."""
    import tomllib

    project = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("project", {})
    return [str(line) for line in project.get("dependencies", [])]


def _missing(requirements: Requirements) -> list[str]:
    from packaging.requirements import Requirement

    lines = [requirements] if isinstance(requirements, str) else [str(entry) for entry in requirements]
    missing = []
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(line)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            missing.append(line)
    return missing


def pip_check(requirements: Requirements) -> bool:
    """True when every requirement is installed in a fitting version."""
    return not _missing(requirements)


def pip_ensure(
    requirements: Requirements,
    constraints: str | Path | None = None,
    skip_packages: list[str] | None = None,
    prompt_install: bool = True,
    prompt_restart: bool = True,
    requester: str | None = None,
    skip_in_testing: bool = True,
    show_progress: bool = True,
) -> list[str]:
    """Checks that the requirements are there.

    Returns:
        the packages it installed: always none.

    Raises:
        RuntimeError: one is missing; the sentence names it.
    """
    skipped = {_normal(name) for name in skip_packages or []}
    missing = [line for line in _missing(requirements) if _normal(re.split(r"[^\w.-]", line)[0]) not in skipped]
    if missing:
        raise RuntimeError(f"Missing Python packages: {', '.join(missing)}. The headless host installs nothing.")
    return []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pip_install(
    requirements: Requirements, *arguments: Any, completedCallback: Callable[..., Any] | None = None, **keywords: Any
) -> None:
    """Refuses: the headless host never installs.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError(f"The headless host installs nothing; install {requirements} into its environment.")


def pip_uninstall(requirements: Requirements, *arguments: Any, **keywords: Any) -> None:
    """Refuses: the headless host never uninstalls.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError(f"The headless host uninstalls nothing; {requirements} stays.")


def isPipInstallInProgress() -> bool:
    """Always False."""
    return False


def install_packaging() -> None:
    """Registers `slicer.packaging`."""
    new_module(
        "slicer.packaging",
        load_requirements=load_requirements,
        load_pyproject_dependencies=load_pyproject_dependencies,
        pip_check=pip_check,
        pip_ensure=pip_ensure,
        pip_install=pip_install,
        pip_uninstall=pip_uninstall,
        isPipInstallInProgress=isPipInstallInProgress,
    )
