"""What `deepmed` does where the terminal is not as usual: closed or full streams, other locales, limited disks."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from Testing.module.cli_helpers import files_of

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shells differ")
#: `deepmed ceph` with a network that answers nothing: every film is refused or abstained, and all of the way is run.
BATCH = """
import sys
from deepmed_headless.cli.terminal.streams import open_missing
open_missing()
from deepmed_headless.cli.app import app
app(sys.argv[1:], prog_name="deepmed")
"""


def shell(line: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of a shell in which $deepmed is the command."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    variables |= {"PYTHONPATH": str(ROOT / "Headless"), "OMP_NUM_THREADS": "1", **environment}
    script = cwd / "deepmed.py"
    script.write_text(BATCH, encoding="utf-8")
    prelude = f'deepmed() {{ "{sys.executable}" "{script}" "$@"; }}; set -o pipefail; '
    command = ["bash", "-c", prelude + line]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=variables, timeout=180, check=False)


def pictures(folder: Path, *names: str) -> None:
    """Files that no command can use: the whole way from argument to summary is run without a network."""
    for name in names:
        (folder / name).write_bytes(b"\x89PNG cut short")


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "summary.csv").open(encoding="utf-8", newline="")))


def test_a_closed_pipe_is_one_sentence_and_the_files_are_complete(tmp_path: Path) -> None:
    pictures(tmp_path, "a.png", "b.png")
    done = shell("deepmed ceph a.png b.png --out out --json | true", tmp_path)
    assert done.returncode == 2  # that of the pictures
    assert "Standard output was closed" in done.stderr and "Traceback" not in done.stderr
    assert [row["status"] for row in rows(tmp_path / "out")] == ["failed", "failed"]


def test_a_pipe_that_closes_does_not_make_a_good_command_fail(tmp_path: Path) -> None:
    done = shell("deepmed models --json | true", tmp_path)
    assert done.returncode == 0 and "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_below_standard_output_is_told(tmp_path: Path) -> None:
    done = shell("deepmed models --json > /dev/full", tmp_path)
    assert done.returncode == 2
    assert "standard output is full" in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_nothing(closed: str, tmp_path: Path) -> None:
    pictures(tmp_path, "a.png")
    assert shell(f"deepmed models --json {closed}", tmp_path).returncode == 0
    done = shell(f"deepmed ceph a.png --out out {closed}", tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert files_of(tmp_path / "out") == {"summary.csv"} and rows(tmp_path / "out")[0]["status"] == "failed"


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "C", "PYTHONUTF8": "1"}])
def test_other_letters_survive_a_plain_locale(environment: dict[str, str], tmp_path: Path) -> None:
    pictures(tmp_path, "köpf 頭.png")
    done = shell("deepmed ceph 'köpf 頭.png' --out 'eräbnis' --json", tmp_path, **environment)
    assert done.returncode == 2
    assert json.loads(done.stdout)["input"] == "köpf 頭.png" and "köpf 頭.png" in done.stderr
    assert rows(tmp_path / "eräbnis")[0]["path"] == "köpf 頭.png"


def test_a_name_that_is_no_utf8_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"k\xf6pf.png")).write_bytes(b"x")
    done = shell("deepmed ceph k*pf.png --out out --json", tmp_path, LC_ALL="C.UTF-8")
    assert done.returncode == 2 and "is not UTF-8" in done.stderr and "Traceback" not in done.stderr
    assert json.loads(done.stdout)["status"] == "failed" and rows(tmp_path / "out")[0]["reason"]


def test_a_limited_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    from PIL import Image

    from Testing.module.cephsketcher.ceph_helpers import sample

    Image.fromarray(sample().film.pixels).save(tmp_path / "film.png")
    # Files of more than 20 blocks (of 1024 bytes) are refused, as a full disk would refuse them.
    done = shell("ulimit -f 20; deepmed ceph film.png --out out --spacing 0.1", tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert files_of(tmp_path / "out") == {"summary.csv"} and rows(tmp_path / "out")[0]["status"] == "failed"
