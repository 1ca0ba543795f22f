"""Writing results so that nobody ever meets a half-written one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RESULT = "result.json"


@contextmanager
def output_folder(out: Path) -> Iterator[Path]:
    """The folder of ``--out``, made when absent; removed again when nothing was written into it.

    Raises:
        BadInput: it is a file, or cannot be made or written to.
    """
    from DeepMedLib.errors import BadInput

    remedy = "Choose another folder for --out."
    missing = [folder for folder in (out, *out.absolute().parents) if not folder.exists()]
    if out.exists() and not out.is_dir():
        raise BadInput(f"--out {out} is a file, not a folder.", remedy)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        _remove_empty(missing)
        reason = error.strerror or "it is not writable"
        raise BadInput(f"--out {out} cannot be written to ({reason}).", remedy) from error
    try:
        yield out
    finally:
        _remove_empty(missing)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


@contextmanager
def result_folder(out: Path, stem: str) -> Iterator[Path]:
    """A hidden folder to write one result into; it becomes ``out/stem`` when the block ends well.

    An older result there is replaced as a whole at that moment. Files in it that are not listed in its result.json were
    put there by somebody else and are kept.

    Raises:
        BadInput: ``out/stem`` is a file.
    """
    from DeepMedLib.errors import BadInput

    final = out / stem
    if final.exists() and not final.is_dir():
        raise BadInput(f"{final} is a file where the result folder should be.", "Move it or choose another --out.")
    unfinished = Path(tempfile.mkdtemp(prefix=f".{stem[:40]}.", suffix=".unfinished", dir=out))
    try:
        yield unfinished
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
    old = Path(tempfile.mkdtemp(prefix=f".{final.name[:40]}.", suffix=".old", dir=final.parent))
    try:
        os.replace(final, old / "old")
        try:
            os.replace(new, final)
        except OSError:
            os.replace(old / "old", final)
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
    (folder / RESULT).write_text(text + "\n", encoding="utf-8")
    return complete


def replace_file(path: Path, text: str) -> None:
    """Writes a text file at once: readers see the old or the new one, never a part."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
