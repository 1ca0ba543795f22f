"""Result folders appear whole or not at all."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from deepmed_headless.cli.folder import output_folder, replace_file, result_folder, write_result
from DeepMedLib.errors import BadInput


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
