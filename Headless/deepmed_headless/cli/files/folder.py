"""Writing results so that nobody ever meets a half-written one."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RESULT = "result.json"
_MARKED = re.compile(r"\.([A-Za-z0-9]+)-(\d{1,9})\.(unfinished|old)$")


@contextmanager
def output_folder(out: Path) -> Iterator[Path]:
    """The folder of ``--out``, made when absent; removed again when nothing was written into it.

    What commands that were killed left half-written in it is removed, and a result that one of them was about to
    replace is put back.

    Raises:
        BadInput: it is a file.
        DiskRefused: it cannot be made or written to.
    """
    from DeepMedLib.disk import writing
    from DeepMedLib.errors import BadInput

    remedy = "Choose another folder for --out."
    missing = [folder for folder in (out, *out.absolute().parents) if not folder.exists()]
    if out.exists() and not out.is_dir():
        raise BadInput(f"--out {out} is a file, not a folder.", remedy)
    try:
        with writing(out):
            out.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=out):
                pass
        sweep(out)
        yield out
    finally:
        _remove_empty(missing)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def path_part(stem: str) -> str:
    """The stem itself, when it names a folder inside another.

    Raises:
        BadInput: it is empty, "." or "..", or leads elsewhere.
    """
    from DeepMedLib.errors import BadInput

    if not stem.strip(". ") or any(sign in stem for sign in "/\\\0") or Path(stem).name != stem:
        raise BadInput(f"{stem!r} cannot be the name of a result folder.", "Rename the input.")
    return stem


def mark(kind: str) -> str:
    """End of the name of a hidden folder that only this process uses, e.g. ".ward7-4711.unfinished"."""
    return f".{_computer()}-{os.getpid()}.{kind}"


def sweep(out: Path) -> None:
    """Removes hidden folders whose process on this computer has gone; a former result in one is put back."""
    from DeepMedLib.jobs.process import process_lives

    for path in out.glob(".*"):
        match = _MARKED.search(path.name)
        if not match or match[1] != _computer() or not path.is_dir() or path.is_symlink():
            continue
        if process_lives(int(match[2])):
            continue
        if match[3] == "old":
            for former in path.iterdir():
                if not (out / former.name).exists():
                    os.replace(former, out / former.name)
        shutil.rmtree(path, ignore_errors=True)


def _computer() -> str:
    return re.sub(r"[^A-Za-z0-9]", "", platform.node())[:40] or "here"


@contextmanager
def result_folder(out: Path, stem: str) -> Iterator[Path]:
    """A hidden folder to write one result into; it becomes ``out/stem`` when the block ends well.

    An older result there is replaced as a whole at that moment. Files in it that are not listed in its result.json were
    put there by somebody else and are kept.

    Raises:
        BadInput: ``out/stem`` is a file, or the stem is no name of a folder inside ``out``.
        DiskRefused: the disk is full, read-only or forbidden.
    """
    from DeepMedLib.disk import writing
    from DeepMedLib.errors import BadInput

    final = out / path_part(stem)
    if final.exists() and not final.is_dir():
        raise BadInput(f"{final} is a file where the result folder should be.", "Move it or choose another --out.")
    with writing(out):
        unfinished = Path(tempfile.mkdtemp(prefix=f".{stem[:40]}.", suffix=mark("unfinished"), dir=out))
    try:
        yield unfinished
        with writing(final):
            os.chmod(unfinished, 0o777 & ~_umask())  # mkdtemp makes private folders
            _take_place(unfinished, final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _take_place(new: Path, final: Path) -> None:
    if not final.exists():
        os.replace(new, final)
        return
    for name in _foreign_files(final):
        if not (new / name).exists():
            source = final / name
            shutil.copytree(source, new / name) if source.is_dir() else shutil.copy2(source, new / name)
    old = Path(tempfile.mkdtemp(prefix=f".{final.name[:40]}.", suffix=mark("old"), dir=final.parent))
    try:
        os.replace(final, old / final.name)
        try:
            os.replace(new, final)
        except OSError:
            os.replace(old / final.name, final)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _foreign_files(folder: Path) -> list[str]:
    """Names in an older result's folder that are not its own."""
    try:
        own = set(json.loads((folder / RESULT).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        own = set()
    return [path.name for path in folder.iterdir() if path.name not in own]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_result(folder: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """Writes result.json with a list of all files in the folder; returns what was written.

    Raises:
        ValueError: a number is not finite (JSON has no NaN).
    """
    files = sorted({path.name for path in folder.iterdir()} | {RESULT})
    complete = {**record, "files": files}
    text = json.dumps(complete, indent=2, ensure_ascii=False, allow_nan=False)
    # A file name that is no UTF-8 stays legible: JSON reads \\udcff as it stands.
    (folder / RESULT).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    return complete


def replace_file(path: Path, text: str) -> None:
    """Writes a text file at once: readers see the old or the new one, never a part.

    Raises:
        DiskRefused: the disk is full, read-only or forbidden.
    """
    from DeepMedLib.report.files import write_whole

    write_whole(path, text.encode("utf-8", errors="backslashreplace"))
