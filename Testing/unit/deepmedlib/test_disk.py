"""A disk that cannot be written to: its own error, with the remedy that fits."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from DeepMedLib.disk import disk_refused, writing
from DeepMedLib.errors import DiskRefused, error_from_dict
from DeepMedLib.jobs.task import typed_error


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        (errno.ENOSPC, "is full", "Free space"),
        (errno.EDQUOT, "quota", "Remove files"),
        (errno.EROFS, "read-only", "can be written"),
        (errno.EACCES, "no permission", "your own"),
        (errno.EPERM, "no permission", "your own"),
        (errno.EIO, "failed", "Check the disk"),
        (errno.ENAMETOOLONG, "too long", "shorter"),
    ],
)
def test_each_reason_has_its_remedy(code: int, words: str, remedy: str, tmp_path: Path) -> None:
    raised = OSError(code, "as the system says", str(tmp_path))
    with pytest.raises(DiskRefused, match=words) as caught, writing(tmp_path):
        raise raised
    assert str(tmp_path) in caught.value.message and remedy in caught.value.remedy
    assert caught.value.exit_code == 2 and caught.value.code == "disk"
    # The same for an error that nobody expected, also on its way from the worker.
    assert type(typed_error(raised)) is DiskRefused
    again = error_from_dict(typed_error(raised).to_dict())
    assert type(again) is DiskRefused and str(again) == str(typed_error(raised))


def test_another_reason_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(DiskRefused, match=r"cannot be written to \(No such file") as caught, writing(tmp_path / "a"):
        (tmp_path / "a" / "b").write_text("x")
    assert caught.value.remedy == "Choose another folder."
    assert disk_refused(OSError(errno.ENOENT, "gone")) is None
    assert disk_refused(OSError("no code")) is None


def test_an_error_without_a_place_names_the_temporary_folder() -> None:
    refused = disk_refused(OSError(errno.ENOSPC, "full"))
    assert refused is not None and "temporary folder" in refused.message
