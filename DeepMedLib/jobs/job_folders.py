"""Folders of jobs: one each, private to the user, and none left behind. They hold the pixels of what is computed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from DeepMedLib.jobs.process import process_lives

SETTINGS = "job.json"
_PREFIX = "DeepMed-"
#: A worker gives a sign of life every second; after so long without one nobody works in a folder any more.
QUIET_SECONDS = 600.0


def make_job_folder(base: Path | None) -> Path:
    """A new folder that only this user can read; what dead processes left beside it is removed first.

    Raises:
        OSError: the disk refused.
    """
    if base is not None:
        base.mkdir(parents=True, exist_ok=True)
    sweep_jobs(base)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))


def sweep_jobs(base: Path | None = None) -> list[Path]:
    """Removes folders of jobs whose starter has gone and whose worker is silent; returns them.

    Other users' folders, links, and what is not a job's folder stay.
    """
    removed = []
    for folder in Path(base or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_stale(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def is_quiet(folder: Path) -> bool:
    """Whether it is this user's own folder, no link, and nothing was written in it for `QUIET_SECONDS`.

    Raises:
        OSError: it cannot be looked at.
    """
    about = folder.lstat()
    if not folder.is_dir() or folder.is_symlink() or (hasattr(os, "getuid") and about.st_uid != os.getuid()):
        return False
    newest = max([about.st_mtime, *(path.lstat().st_mtime for path in folder.rglob("*"))])
    return time.time() - newest >= QUIET_SECONDS


def _is_stale(folder: Path) -> bool:
    try:
        if not is_quiet(folder):
            return False
        if not (folder / SETTINGS).exists():  # the starter ended before it had written them
            return {path.name for path in folder.iterdir()} <= {"task"}
        starter = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))["parent"]
        return isinstance(starter, int) and starter > 0 and not process_lives(starter)
    except (OSError, ValueError, KeyError, TypeError):
        return False
