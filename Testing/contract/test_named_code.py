"""Code that is named in text, where no import shows it: functions of tasks, networks of bundles."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from Testing.contract.import_graph import SHARED, SourceTree
from Testing.contract.shipped_files import ROOT

TASK = re.compile(r"([A-Za-z]\w*(?:\.\w+)+):(\w+)")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every string in a Python file, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def defines(path: Path | None, name: str) -> bool:
    """Whether a file defines a function or class at file scope."""
    if path is None:
        return False
    body = ast.parse(path.read_text(encoding="utf-8"), str(path)).body
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name for node in body)


def task_problems(root: Path) -> list[str]:
    """Tasks whose function is not there, or is not that of the module itself or of DeepMedLib."""
    tree = SourceTree(root)
    files = [(owner, path) for package, owner in tree.owners.items() for path in tree.files_of(package)]
    files += [(name, path) for name, path in tree.modules.items()]
    files += [(package, path) for package in (SHARED, "deepmed_headless") for path in tree.files_of(package)]
    problems = []
    for owner, path in files:
        for line, text in texts(path):
            named = TASK.fullmatch(text)
            if not named or named[1].partition(".")[0] not in tree.packages:
                continue
            top = named[1].partition(".")[0]
            where = f"{tree.relative(path)} line {line}: {text}"
            if not defines(tree.file_of(named[1]), named[2]):
                problems.append(f"{where}: no such function")
            if owner != "deepmed_headless" and top != SHARED and top != f"{owner}Lib":
                problems.append(f"{where}: not a function of {owner}Lib or {SHARED}")
    return problems


def network_problems(root: Path) -> list[str]:
    """Networks that a module's manifest names, but that its own Lib does not define."""
    tree = SourceTree(root)
    problems = []
    for manifest in sorted(root.glob("*/Resources/*Models/manifest.json")):
        module = manifest.relative_to(root).parts[0]
        for bundle, record in json.loads(manifest.read_text(encoding="utf-8")).items():
            for network in record.get("networks", ()):
                package, _, name = network.rpartition(".")
                if not package.startswith(f"{module}Lib") or not defines(tree.file_of(package), name):
                    problems.append(f"{tree.relative(manifest)}: {bundle} names {network}, which {module}Lib has not")
    return problems


def test_every_named_task_is_there() -> None:
    assert task_problems(ROOT) == []


def test_every_named_network_is_there() -> None:
    assert network_problems(ROOT) == []


def plant(root: Path, text: str, network: str = "AlphaLib.net.Net") -> Path:
    files = {
        "Alpha/Alpha.py": "",
        "Alpha/AlphaLib/__init__.py": "",
        "Alpha/AlphaLib/task.py": "def run():\n    def inner():\n        pass\n",
        "Alpha/AlphaLib/net.py": "class Net:\n    pass\n",
        "Alpha/AlphaMrml/__init__.py": f"TASK = {text!r}\n",
        "Beta/Beta.py": "",
        "Beta/BetaLib/__init__.py": "",
        "Beta/BetaLib/task.py": "def run():\n    pass\n",
        "DeepMedLib/__init__.py": "",
        "DeepMedLib/jobs/probe.py": "def probe():\n    pass\n",
        "Alpha/Resources/AlphaModels/manifest.json": json.dumps({"a": {"networks": [network]}, "b": {}}),
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "text", ["AlphaLib.task:run", "DeepMedLib.jobs.probe:probe", "12:30", "other.thing:x", "a sentence"]
)
def test_a_sound_name_passes(tmp_path: Path, text: str) -> None:
    assert task_problems(plant(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("AlphaLib.task:gone", ["no such function"]),
        ("AlphaLib.task:inner", ["no such function"]),
        ("AlphaLib.gone:run", ["no such function"]),
        ("BetaLib.task:run", ["not a function of AlphaLib"]),
        ("BetaLib.task:gone", ["no such function", "not a function of AlphaLib"]),
    ],
)
def test_a_wrong_name_is_found(tmp_path: Path, text: str, problems: list[str]) -> None:
    found = task_problems(plant(tmp_path, text))
    assert len(found) == len(problems)
    assert all(part in problem for part, problem in zip(problems, found, strict=True))


@pytest.mark.parametrize("network", ["AlphaLib.net.Gone", "AlphaLib.gone.Net", "BetaLib.task.run", "torch.nn.Linear"])
def test_a_wrong_network_is_found(tmp_path: Path, network: str) -> None:
    assert network_problems(plant(tmp_path, "")) == []
    assert len(network_problems(plant(tmp_path, "", network))) == 1
