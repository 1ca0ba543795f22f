"""The sub-packages of a module's Lib import one another in one direction: no circles."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBS = sorted(folder for folder in ROOT.glob("*/*Lib") if (folder / "__init__.py").is_file())


def imports_of(lib: Path) -> dict[str, set[str]]:
    """Sub-package (or file) of a Lib -> those that it imports, also for type checking and inside functions."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in lib.rglob("*.py"):
        own = path.relative_to(lib).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.ImportFrom) and node.module == lib.name:
                names = [f"{lib.name}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            found[own] |= {name.split(".")[1] for name in names if name.startswith(f"{lib.name}.")} - {own}
    return dict(found)


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """The names of one circle, in order; empty when there is none."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        for other in sorted(graph.get(name, ())):
            if circle := walk(other, [*way, name]):
                return circle
        done.add(name)
        return []

    return next((circle for name in sorted(graph) if (circle := walk(name, []))), [])


@pytest.mark.parametrize("lib", LIBS, ids=lambda lib: lib.name)
def test_no_circles(lib: Path) -> None:
    assert circle_in(imports_of(lib)) == []


def test_a_circle_is_found(tmp_path: Path) -> None:
    lib = tmp_path / "XLib"
    (lib / "a").mkdir(parents=True)
    (lib / "a" / "one.py").write_text("def f():\n    from XLib.b import g\n")
    (lib / "b.py").write_text("from XLib.c import h\n")
    (lib / "c.py").write_text("from XLib import a\n")
    assert sorted(circle_in(imports_of(lib))) == ["a", "b", "c"]
    (lib / "c.py").write_text("import json\n")
    assert circle_in(imports_of(lib)) == []
