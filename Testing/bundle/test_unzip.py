"""Zip files from unknown sources: nothing lands outside the folder, and none fills the disk."""

from __future__ import annotations

import errno
import stat
import zipfile
from pathlib import Path

import pytest

from DeepMedLib.errors import BundleRefused, DiskRefused
from DeepMedLib.models.unzip import unzip


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "link.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        entry = zipfile.ZipInfo("models")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        stream.writestr(entry, "/tmp")
    (tmp_path / "out").mkdir()
    with pytest.raises(BundleRefused, match="written elsewhere"):
        unzip(archive, tmp_path / "out")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
        for number in range(5):
            stream.writestr(f"{number}.bin", bytes(1_000_000))
    for limits in ({"most_bytes": 4_999_999}, {"most_files": 4}):
        (tmp_path / "out").mkdir(exist_ok=True)
        with pytest.raises(BundleRefused, match=r"too large|5 files"):
            unzip(archive, tmp_path / "out", **limits)
        assert list((tmp_path / "out").iterdir()) == []
    unzip(archive, tmp_path / "out", most_bytes=5_000_000, most_files=5)
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "lie.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
        stream.writestr("a.bin", bytes(3_000_000))
    data = archive.read_bytes().replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    archive.write_bytes(data)
    (tmp_path / "out").mkdir()
    with pytest.raises(BundleRefused):
        unzip(archive, tmp_path / "out", most_bytes=1000)
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 1000


def test_a_full_disk_is_not_the_files_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("a.bin", b"a")
    (tmp_path / "out").mkdir()

    def refuse(*_arguments: object, **_settings: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DiskRefused, match="is full"):
        unzip(archive, tmp_path / "out")
