"""Folders of jobs hold pixels: none is left behind, and none of others is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from DeepMedLib.jobs.job_folders import QUIET_SECONDS, make_job_folder, sweep_jobs
from DeepMedLib.jobs.process import process_lives


@pytest.fixture(scope="module")
def dead() -> int:
    """The id of a process that has gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def planted(base: Path, name: str, starter: object, age: float = QUIET_SECONDS + 60) -> Path:
    folder = base / name
    (folder / "task").mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps({"parent": starter}), encoding="utf-8")
    (folder / "output.txt").write_text("")
    then = time.time() - age
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (then, then))
    return folder


def test_process_lives(dead: int) -> None:
    assert process_lives(os.getpid()) and not process_lives(dead)


def test_what_a_dead_process_left_is_removed_with_the_next_job(tmp_path: Path, dead: int) -> None:
    stale = planted(tmp_path, "DeepMed-a", dead)
    mine = make_job_folder(tmp_path)
    assert not stale.exists() and list(tmp_path.iterdir()) == [mine]


def test_a_folder_whose_settings_were_never_written_is_removed(tmp_path: Path, dead: int) -> None:
    stale = planted(tmp_path, "DeepMed-a", dead)
    for name in ("job.json", "output.txt"):
        (stale / name).unlink()
    old = time.time() - QUIET_SECONDS - 1
    os.utime(stale, (old, old))
    assert sweep_jobs(tmp_path) == [stale]


def test_what_may_be_in_use_or_is_not_ours_stays(tmp_path: Path, dead: int) -> None:
    kept = [
        planted(tmp_path, "DeepMed-living", os.getpid()),
        planted(tmp_path, "DeepMed-quiet-for-less", dead, QUIET_SECONDS - 60),
        planted(tmp_path, "Other-a", dead),
        planted(tmp_path, "DeepMed-zero", 0),
        planted(tmp_path, "DeepMed-text", "1"),
        planted(tmp_path, "DeepMed-yes", True),
    ]
    foreign = tmp_path / "DeepMed-pages"
    foreign.mkdir()
    (foreign / "page.html").write_text("x")
    target = planted(tmp_path, "elsewhere", dead)
    (tmp_path / "DeepMed-link").symlink_to(target)
    for path in (foreign / "page.html", foreign):
        os.utime(path, (1, 1))
    assert sweep_jobs(tmp_path) == []
    assert all((folder / "job.json").exists() for folder in (*kept, target)) and (foreign / "page.html").exists()
