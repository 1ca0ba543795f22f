"""What `make` installs is pinned, complete and has one torch; what Slicer's users install is loose."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import tomllib
from packaging.version import Version

from DeepMedLib.dependencies import SHARED_REQUIREMENTS, parse_requirements
from Testing.contract.import_graph import SourceTree
from Testing.contract.shipped_files import ROOT

SECOND_TORCH = re.compile(r"nvidia|triton|torchvision|torchaudio|pytorch")


def locked(text: str) -> dict[str, str]:
    """Package -> exact version of a lock file's text.

    Raises:
        ValueError: a line is no exact pin, or a package stands there twice.
    """
    pins: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"([a-z0-9-]+)==([\w.]+)", line)
        if not match or match[1] in pins:
            raise ValueError(line)
        pins[match[1]] = match[2]
    return pins


def lock() -> dict[str, str]:
    """The project's own pins."""
    return locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))


def name_of(requirement: str) -> str:
    """Normalized package name of a requirement such as ``PySide6_Essentials>=6.6``."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]).lower()


def loose_problems(text: str) -> list[str]:
    """Lines of a requirements text for Slicer that pin too hard, or bring what could replace the user's torch."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    loose = re.compile(r"[\w.-]+(>=[\d.]+)?")
    return [line for line in lines if line and (not loose.fullmatch(line) or SECOND_TORCH.search(name_of(line)))]


def test_lock_is_exact_and_torch_comes_first() -> None:
    pins = lock()
    assert next(iter(pins)) == "torch"
    assert [name for name in pins if SECOND_TORCH.search(name)] == []


@pytest.mark.parametrize("line", ["numpy>=1.26", "numpy", "numpy==2.4.6\nnumpy==2.4.6", "torch==2.13.0+cpu"])
def test_an_inexact_lock_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line.splitlines()[-1])):
        locked(f"# a comment\nscipy==1.17.1\n{line}\n")


def test_this_environment_is_the_locked_one() -> None:
    installed = {name: version(name).partition("+")[0] for name in lock()}
    assert installed == lock()


def test_locked_packages_fit_together() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_everything_the_project_names_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert [name for name in map(name_of, named) if name not in lock()] == []


def test_every_package_of_ours_is_installed_from_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("setuptools.setup", given.update)
    runpy.run_path(str(ROOT / "setup.py"))
    ours = {name: folder.relative_to(ROOT).as_posix() for name, folder in SourceTree(ROOT).packages.items()}
    del ours["Training"]  # not installed: it runs from the repository
    assert given["package_dir"] == ours
    assert set(given["packages"]) >= {*ours, "DeepMedLib.mrml", "FetalBiometryLib.planes", "deepmed_headless.cli"}


def test_no_list_of_modules_is_kept_beside_the_tree() -> None:
    """A new module needs a line in the top CMakeLists.txt, which Slicer asks for, and none in what only we read."""
    modules = SourceTree(ROOT).modules
    for name in ("pyproject.toml", "setup.py", "Makefile", ".ci/run", "Headless/environment.sh"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [module for module in modules if module.lower() in text.lower()] == [], name


def test_what_all_modules_need_is_said_once() -> None:
    shared = parse_requirements(SHARED_REQUIREMENTS.read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {name_of(line): line for line in project["dependencies"]}
    for requirement in shared:  # loose numbers may differ in their zeros: >=4 and >=4.0
        (low,) = requirement.conditions
        mine = ours[requirement.package].removeprefix(f"{requirement.package}>=")
        assert low[0] == ">=" and Version(low[1]) == Version(mine), requirement
    for path in ROOT.glob("*/Resources/*Requirements.txt"):
        own = {requirement.package for requirement in parse_requirements(path.read_text(encoding="utf-8"))}
        assert not own & {requirement.package for requirement in shared}, f"{path.name} repeats the shared ones"


def test_requirements_for_slicer_are_loose() -> None:
    files = [SHARED_REQUIREMENTS, *sorted(ROOT.glob("*/Resources/*Requirements.txt"))]
    assert {path.name: loose_problems(path.read_text(encoding="utf-8")) for path in files} == {
        p.name: [] for p in files
    }


@pytest.mark.parametrize(
    "line", ["monai==1.3", "monai>=1.3,<2", "torch==2.13.0", "torchvision", "monai @ https://x.org/y"]
)
def test_a_hard_requirement_for_slicer_is_found(line: str) -> None:
    assert loose_problems("# fine\nnumpy>=1.26\nmonai>=1.3 # fine\n") == []
    assert loose_problems(f"numpy>=1.26\n{line}\n") == [line]


def test_makefile_offers_the_two_commands() -> None:
    # `make test` runs this test: what make tells its children must not reach the make that is asked here.
    environment = {
        k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
    }
    for target, last in (("test", "pytest -q Testing/module/test_*.py"), ("demo", "deepmed demo --out demo")):
        command = ["make", "-n", "--no-print-directory", target]
        plan = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=environment).stdout
        lines = [line.strip() for line in plan.splitlines() if line.strip()]
        assert lines[0] == "bash Headless/environment.sh"
        assert lines[-1].endswith(last)


def test_missing_system_libraries_are_named() -> None:
    script = ROOT / "Headless" / "system_libraries.py"
    code = (
        "import sys, runpy, ctypes\n"
        "real = ctypes.CDLL\n"
        "def load(name, *a, **k):\n"
        "    if name == 'libxkbcommon.so.0': raise OSError(name)\n"
        "    return real(name, *a, **k)\n"
        "ctypes.CDLL = load\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')\n"
    )
    if not sys.platform.startswith("linux"):
        pytest.skip("Windows and macOS need no system packages")
    whole = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True).stdout.split()
    lacking = subprocess.run(
        [sys.executable, "-c", code, str(script)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert whole == []
    assert lacking == ["libxkbcommon0"]


def test_ci_runs_both_commands() -> None:
    path = Path(ROOT / ".ci" / "run")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#!")
    assert re.search(r"^make test$", text, re.MULTILINE)
    assert re.search(r"^make demo SHORT=1", text, re.MULTILINE)
