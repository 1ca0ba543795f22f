"""One idea a file: no Python file of the project reaches 400 lines."""

from __future__ import annotations

from pathlib import Path

from Testing.contract.shipped_files import ROOT

LIMIT = 400
SKIPPED = {"build", "demo", "dist", "__pycache__"}


def long_files(root: Path) -> list[str]:
    """Python files of `root` with `LIMIT` lines or more."""
    found = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if any(part.startswith(".") or part in SKIPPED for part in parts):
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines >= LIMIT:
            found.append(f"{'/'.join(parts)}: {lines} lines")
    return found


def test_files_stay_short() -> None:
    assert long_files(ROOT) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    for name, lines in (("a/long.py", LIMIT), ("a/short.py", LIMIT - 1), (".venv/long.py", LIMIT)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n" * lines, encoding="utf-8")
    assert long_files(tmp_path) == [f"a/long.py: {LIMIT} lines"]
