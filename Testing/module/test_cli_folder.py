"""Result folders appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deepmed_headless.cli.files import folder as folder_module
from deepmed_headless.cli.files.folder import (
    mark,
    output_folder,
    path_part,
    replace_file,
    result_folder,
    sweep,
    write_result,
)
from deepmed_headless.cli.files.inputs import split_name
from DeepMedLib.errors import BadInput, DiskRefused

ROOT = Path(__file__).resolve().parents[2]


def test_appears_only_when_complete(tmp_path: Path) -> None:
    with result_folder(tmp_path, "a") as folder:
        (folder / "one.txt").write_text("1")
        assert folder.name.startswith(".") and folder.parent == tmp_path
        assert not (tmp_path / "a").exists()
        record = write_result(folder, {"status": "done"})
    assert record["files"] == ["one.txt", "result.json"]
    assert json.loads((tmp_path / "a" / "result.json").read_text()) == record
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) & stat.S_IRUSR


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_the_older_result(tmp_path: Path, error: type[BaseException]) -> None:
    with result_folder(tmp_path, "a") as folder:
        write_result(folder, {"run": 1})
    with pytest.raises(error), result_folder(tmp_path, "a") as folder:
        (folder / "half.txt").write_text("half")
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert json.loads((tmp_path / "a" / "result.json").read_text())["run"] == 1


def test_replacing_drops_our_old_files_and_keeps_foreign_ones(tmp_path: Path) -> None:
    with result_folder(tmp_path, "a") as folder:
        (folder / "HC.mrk.json").write_text("old")
        write_result(folder, {"run": 1})
    (tmp_path / "a" / "notes.txt").write_text("mine")
    (tmp_path / "a" / "more").mkdir()
    with result_folder(tmp_path, "a") as folder:
        write_result(folder, {"run": 2})
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"notes.txt", "more", "result.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(BadInput, match="is a file"), result_folder(tmp_path, "a"):
        raise AssertionError("not reached")


def test_no_nan_in_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError), result_folder(tmp_path, "a") as folder:
        write_result(folder, {"value": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_empty_output_folders_are_removed_again(tmp_path: Path) -> None:
    with output_folder(tmp_path / "x" / "y"):
        assert (tmp_path / "x" / "y").is_dir()
    assert not (tmp_path / "x").exists()
    with output_folder(tmp_path / "x" / "y") as out:
        (out / "kept").touch()
    assert (tmp_path / "x" / "y" / "kept").exists()
    (tmp_path / "own").mkdir()
    with output_folder(tmp_path / "own"):
        pass
    assert (tmp_path / "own").is_dir()  # it was there before


def test_replace_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    replace_file(path, "one")
    replace_file(path, "two")
    assert path.read_text() == "two"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("stem", ["", ".", "..", "...", " ", "a/b", "..\\b", "a\0b", "/", "a/"])
def test_a_stem_that_leads_elsewhere_is_refused(tmp_path: Path, stem: str) -> None:
    with pytest.raises(BadInput, match="cannot be the name"), result_folder(tmp_path, stem):
        raise AssertionError("not reached")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stem", ["a", ".hidden", "...a", "a b", "Größe 漢字", "a..b", "-1"])
def test_a_stem_that_is_a_name_is_kept(stem: str) -> None:
    assert path_part(stem) == stem


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("...png", ("...png", "")),
        ("..png", ("..png", "")),
        (".png", (".png", "")),
        ("....nii.gz", ("....nii.gz", "")),
        (". .png", (". .png", "")),
        ("..a.png", ("..a", ".png")),
        ("scan.nii.gz", ("scan", ".nii.gz")),
    ],
)
def test_no_extension_is_cut_off_that_leaves_dots_only(name: str, expected: tuple[str, str]) -> None:
    assert split_name(name) == expected


def test_a_picture_named_by_dots_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "mine.txt").write_text("mine")
    with output_folder(out), result_folder(out, split_name("...png")[0]) as folder:
        write_result(folder, {})
    assert [path.name for path in out.iterdir()] == ["...png"]
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_what_killed_commands_left_is_swept(tmp_path: Path) -> None:
    """A command is killed while it writes; another is killed between taking the old result away and putting the new."""
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from deepmed_headless.cli.files import folder\n"
        "out = Path(sys.argv[1])\n"
        "if sys.argv[2] == 'swap':\n"
        "    kept = os.replace\n"
        "    folder.os.replace = lambda a, b: (kept(a, b), os._exit(9))\n"
        "with folder.result_folder(out, 'a') as new:\n"
        "    folder.write_result(new, {'run': 2})\n"
        "    if sys.argv[2] == 'write': os._exit(9)\n"
    )
    paths = os.pathsep.join(str(ROOT / name) for name in (".", "Headless"))
    with result_folder(tmp_path, "a") as folder:
        write_result(folder, {"run": 1})
    for when in ("write", "swap"):
        command = [sys.executable, "-c", code, str(tmp_path), when]
        assert subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=False).returncode == 9
    assert not (tmp_path / "a").exists() and len(list(tmp_path.iterdir())) == 3
    foreign = [
        tmp_path / name for name in (f".x{mark('unfinished')}", ".x.elsewhere-1.unfinished", ".git", "b.1-1.old")
    ]
    for path in foreign:
        path.mkdir()
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a", *foreign])
    assert json.loads((tmp_path / "a" / "result.json").read_text())["run"] == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_is_told_so(tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_settings: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(folder_module.tempfile, "mkdtemp", refuse)
        with pytest.raises(DiskRefused, match=str(tmp_path)), result_folder(tmp_path, "a"):
            raise AssertionError("not reached")
        patched.setattr(folder_module.tempfile, "TemporaryFile", refuse)
        with pytest.raises(DiskRefused), output_folder(tmp_path / "new" / "out"):
            raise AssertionError("not reached")
    monkeypatch.setattr(folder_module.os, "replace", refuse)
    with pytest.raises(DiskRefused, match="a"), result_folder(tmp_path, "a") as folder:
        write_result(folder, {})
    assert list(tmp_path.iterdir()) == []
