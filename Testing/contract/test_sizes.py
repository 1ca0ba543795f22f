"""What a clone weighs, and one idea a file.

The extensions index refuses a repository whose clone, ``.git`` included, has more than 100 MiB, so every tracked byte
counts twice: in the work tree, and packed in ``.git``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from Testing.contract.shipped_files import ROOT

MEBIBYTE = 1 << 20
TRACKED, WEIGHTS, LARGEST, PICTURE = 44 * MEBIBYTE, 30 * MEBIBYTE, 8 * MEBIBYTE, 150_000

LINES = 400
#: The module that a new one is copied from, and what its own folders cost.
EXAMPLE, EXAMPLE_LINES = "ScanCoverage", 1540
#: Modules whose command line and demo are declarations, and the lines of both together.
DECLARED, COMMAND_AND_DEMO_LINES = ("CephSketcher", "FetalBiometry", "ScanCoverage"), 120
SKIPPED = {"build", "demo", "dist", "__pycache__"}


def tracked_sizes(root: Path) -> dict[str, int]:
    """Bytes of every file that a clone holds, by path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    return {name: (root / name).stat().st_size for name in listed.split("\0") if name and (root / name).is_file()}


def is_weights(name: str) -> bool:
    """Whether a file is the weights of a shipped bundle: Resources/<Module>Models/<bundle>/models/..."""
    parts = Path(name).parts
    return len(parts) > 4 and parts[1] == "Resources" and parts[2].endswith("Models") and parts[4] == "models"


def size_problems(sizes: Mapping[str, int]) -> list[str]:
    """Which of the four limits are passed."""
    problems = [f"{name}: {size} bytes" for name, size in sizes.items() if size > LARGEST]
    problems += [
        f"{name}: {size} bytes; run Screenshots/small_pictures.py"
        for name, size in sizes.items()
        if name.startswith("Screenshots/") and size > PICTURE
    ]
    weights = sum(size for name, size in sizes.items() if is_weights(name))
    totals = (("tracked files", sum(sizes.values()), TRACKED), ("weights", weights, WEIGHTS))
    return problems + [f"all {what}: {size} bytes, at most {most}" for what, size, most in totals if size > most]


def test_a_clone_stays_small() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout, so nothing tells which files a clone holds")
    sizes = tracked_sizes(ROOT)
    assert any(is_weights(name) for name in sizes)
    assert size_problems(sizes) == []


MODEL = "A/Resources/AModels/b/models/model.npz"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"a": LARGEST}, []),
        ({"a": LARGEST + 1}, [f"a: {LARGEST + 1} bytes"]),
        ({"Screenshots/a.png": PICTURE}, []),
        ({"Screenshots/a.png": PICTURE + 1}, [f"Screenshots/a.png: {PICTURE + 1} bytes; run"]),
        ({f"{n}": LARGEST for n in range(5)} | {"x": 4 * MEBIBYTE}, []),
        ({f"{n}": LARGEST for n in range(5)} | {"x": 4 * MEBIBYTE + 1}, [f"all tracked files: {TRACKED + 1} bytes"]),
        ({f"{MODEL}{n}": LARGEST for n in range(3)} | {MODEL: 6 * MEBIBYTE}, []),
        ({f"{MODEL}{n}": LARGEST for n in range(3)} | {MODEL: 6 * MEBIBYTE + 1}, [f"all weights: {WEIGHTS + 1} bytes"]),
        ({f"A/Resources/AModels/b/docs/{n}": LARGEST for n in range(4)}, []),
    ],
)
def test_each_limit_is_held_on_both_sides(sizes: dict[str, int], expected: list[str]) -> None:
    problems = size_problems(sizes)
    assert len(problems) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(problems, expected, strict=True))


def long_files(root: Path) -> list[str]:
    """Python files of `root` with `LINES` lines or more."""
    found = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if any(part.startswith(".") or part in SKIPPED for part in parts):
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines >= LINES:
            found.append(f"{'/'.join(parts)}: {lines} lines")
    return found


def test_files_stay_short() -> None:
    assert long_files(ROOT) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    for name, lines in (("a/long.py", LINES), ("a/short.py", LINES - 1), (".venv/long.py", LINES)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n" * lines, encoding="utf-8")
    assert long_files(tmp_path) == [f"a/long.py: {LINES} lines"]


def lines_of(paths: Iterable[Path]) -> int:
    """Lines of all the files."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def own_files(module: Path) -> list[Path]:
    """The Python and designer files of a module's own folders."""
    found = (path for path in module.rglob("*") if path.suffix in (".py", ".ui"))
    return sorted(path for path in found if not SKIPPED.intersection(path.relative_to(module).parts))


def test_the_example_module_stays_small() -> None:
    files = own_files(ROOT / EXAMPLE)
    assert ROOT / EXAMPLE / f"{EXAMPLE}.py" in files
    assert lines_of(files) <= EXAMPLE_LINES


@pytest.mark.parametrize("module", DECLARED)
def test_command_line_and_demo_are_declarations(module: str) -> None:
    folder = ROOT / module / f"{module}Headless"
    assert lines_of([folder / "command.py", folder / "demo.py"]) <= COMMAND_AND_DEMO_LINES


def test_own_files_are_code_and_panels_not_lists_and_builds(tmp_path: Path) -> None:
    for name in ("A.py", "ALib/b.py", "Resources/UI/A.ui", "CMakeLists.txt", "build/c.py", "__pycache__/d.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n2\n", encoding="utf-8")
    names = [path.relative_to(tmp_path).as_posix() for path in own_files(tmp_path)]
    assert names == ["A.py", "ALib/b.py", "Resources/UI/A.ui"] and lines_of(own_files(tmp_path)) == 6
