"""Every command and snippet of README.md, of Documentation and of the commands' help runs as it is written.

Files that they name are made of phantoms, the networks answer with the phantoms' truth; all else is as for a user.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deepmed_headless.cli.run.modules import commands
from Testing.module.cli_helpers import deepmed
from Testing.module.documented_inputs import Documented

ROOT = Path(__file__).resolve().parents[2]
TEXTS = (ROOT / "README.md", *sorted((ROOT / "Documentation").glob("*.md")))


def blocks(language: str) -> list[tuple[str, str]]:
    """(name of the text, fenced block) of a language."""
    found = []
    for path in TEXTS:
        for text in re.findall(
            rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        ):
            found.append((path.stem, text))
    return found


def command_lines() -> list[str]:
    """Every line of the shell blocks and every example of the modules' help, once each."""
    lines = [line for _, text in blocks("bash") for line in text.splitlines() if line.strip()]
    lines += [f"deepmed {words}" for c in commands() for words in re.findall(r"`deepmed ([^`]+)`", c.epilog)]
    return list(dict.fromkeys(" ".join(shlex.quote(w) for w in shlex.split(line, comments=True)) for line in lines))


LINES = command_lines()


@pytest.fixture
def documented(slicerScene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Documented:
    monkeypatch.chdir(tmp_path)
    return Documented(tmp_path, monkeypatch)


def test_there_are_commands_and_snippets_of_every_module() -> None:
    assert {line.split()[0] for line in LINES} == {"make", "deepmed"}
    assert {command.name for command in commands()} <= {line.split()[1] for line in LINES}
    assert {name for name, _ in blocks("python")} == {path.stem for path in TEXTS}


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("deepmed")])
def test_a_documented_command_runs(line: str, documented: Documented) -> None:
    words = documented.provide(shlex.split(line)[1:])
    done = deepmed(*words)
    assert done.exit_code == 0, done.output + done.stderr
    if "--out" in words:
        written = documented.folder / words[words.index("--out") + 1]
        assert (written / ("per_case.csv" if words[0] == "evaluate" else "summary.csv")).is_file()


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("make")])
def test_a_documented_target_exists(line: str) -> None:
    """`make test` runs this test, so that only its plan is asked for here; .ci/run runs both for real."""
    command = [*shlex.split(line), "--dry-run", "MAKEFLAGS="]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Headless/environment.sh" in done.stdout, done.stderr


@pytest.mark.parametrize(("name", "text"), blocks("python"), ids=lambda value: value if "\n" not in value else "")
def test_a_documented_snippet_runs(name: str, text: str, documented: Documented) -> None:
    import slicer

    from deepmed_headless import load_named

    for module in (command.module for command in commands() if f'"{command.module}"' in text):
        load_named(module)
        slicer.util.getModuleLogic(module).runInProcess = True
    exec(compile(documented.provide_text(text), name, "exec"), {"slicer": slicer})
    if "/data/report" in text:
        assert {"report.html", "report.pdf"} <= {path.name for path in (documented.folder / "report").iterdir()}
