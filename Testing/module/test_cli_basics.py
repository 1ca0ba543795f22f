"""Help, version, usage errors, completion, and what reaches the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from Testing.module.cli_helpers import deepmed

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("fetal", "evaluate", "demo", "models")


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a fresh process that finds our packages."""
    paths = os.pathsep.join(str(ROOT / name) for name in (".", "FetalBiometry", "Headless"))
    variables = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=variables, timeout=120, check=False)


def test_help_teaches() -> None:
    shown = deepmed("--help")
    assert shown.exit_code == 0
    for words in (*COMMANDS, "Exit codes", "--install-completion", "Coordinates"):
        assert words in shown.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    shown = deepmed(command, "--help")
    assert shown.exit_code == 0
    assert "Examples" in shown.stdout and f"deepmed {command}" in shown.stdout


def test_help_is_light() -> None:
    done = python(
        "import sys; sys.argv = ['deepmed', '--help']\n"
        "from deepmed_headless.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "heavy = {'torch', 'slicer', 'monai', 'vtk', 'vtkmodules', 'numpy', 'SimpleITK'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))"
    )
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr


def test_version() -> None:
    from DeepMedLib import __version__

    shown = deepmed("--version")
    assert (shown.exit_code, shown.stdout.strip()) == (0, f"deepmed {__version__}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fetal", "a.png"), "--out"),
        (("fetal", "--out", "x"), "INPUT"),
        (("fetal", "a.png", "--out", "x", "--colour"), "--colour"),
        (("fetal", "a.png", "--out", "x", "--plane", "foot"), "foot"),
        (("fetal", "a.png", "--out", "x", "--frame", "0"), "--frame"),
        (("fetal", "a.png", "--out", "x", "--spacing", "wide"), "--spacing"),
        (("fetal", "a.png", "--out", "x", "--spacing", "1", "--accept-ruler", "5"), "not both"),
        (("fetal", "a.png", "--out", "x", "--device", "abacus"), "abacus"),
        (("evaluate", "hc18"), "INPUT_DIR"),
        (("walk",), "walk"),
    ],
)
def test_usage_errors_are_code_2_on_standard_error(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = deepmed(*arguments)
    assert done.exit_code == 2
    assert words in done.stderr and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_completion_knows_the_commands() -> None:
    done = python(
        "from deepmed_headless.cli import main; main()",
        _DEEPMED_COMPLETE="complete_bash",
        COMP_WORDS="deepmed fe",
        COMP_CWORD="1",
    )
    assert done.stdout.split() == ["fetal"], done.stderr


NOISY = """
import os, sys
from deepmed_headless.cli.terminal.command import run_command
def body(screen):
    print('python noise'); os.write(1, b'compiled noise 1\\n'); os.write(2, b'compiled noise 2\\n')
    print('noise', file=sys.stderr)
    screen.record({'name': '\\u00e9'})
    screen.note('a message')
    {more}
    return 3
import typer
try: run_command(body, json_lines=True, debug={debug})
except typer.Exit as end: os.write(1, b'') ; sys.exit(end.exit_code)
"""


def test_only_results_reach_standard_output() -> None:
    done = python(NOISY.replace("{more}", "").replace("{debug}", "False"))
    assert done.returncode == 3
    assert done.stdout == '{"name": "\\u00e9"}\n'
    assert done.stderr == "a message\n"


def test_debug_shows_the_noise_on_standard_error() -> None:
    done = python(NOISY.replace("{more}", "raise ValueError('odd')").replace("{debug}", "True"))
    assert done.returncode == 4
    assert done.stdout == '{"name": "\\u00e9"}\n'
    for words in ("compiled noise 1", "compiled noise 2", "python noise", "Traceback", "ValueError: odd"):
        assert words in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_end_cleanly(name: str, tmp_path: Path) -> None:
    code = (
        "import signal, sys, time; from pathlib import Path\n"
        # What a shell starts in the background ignores Ctrl+C from its birth; a user's command line does not.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        # And what nohup starts ignores the end of its terminal.
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "from deepmed_headless.cli.terminal.command import run_command\n"
        "from deepmed_headless.cli.files.folder import output_folder, result_folder\n"
        f"out = Path({str(tmp_path / 'out')!r})\n"
        "def body(screen):\n"
        "    with output_folder(out), result_folder(out, 'a') as folder:\n"
        "        (folder / 'half').touch(); screen.note('ready'); time.sleep(60)\n"
        "import typer\n"
        "try: run_command(body)\n"
        "except typer.Exit as end: sys.exit(end.exit_code)\n"
    )
    paths = os.pathsep.join(str(ROOT / name) for name in (".", "FetalBiometry", "Headless"))
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    )
    assert process.stderr is not None and process.stderr.readline() == "ready\n"
    start = time.monotonic()
    process.send_signal(getattr(signal, name))
    rest = process.communicate(timeout=30)[1]
    assert process.returncode == 130 and time.monotonic() - start < 10
    assert "Stopped" in rest and "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []
