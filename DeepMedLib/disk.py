"""What a disk refuses, as an error with the remedy that fits."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from DeepMedLib.errors import DiskRefused

_ELSEWHERE = "Choose another folder."
#: What each code of the system means, and what to do; "{place}" is the file or folder.
_REASONS = {
    errno.ENOSPC: ("The disk of {place} is full.", "Free space on it, or choose a folder on another disk."),
    errno.EDQUOT: ("The disk quota for {place} is used up.", "Remove files of yours there, or choose another disk."),
    errno.EROFS: ("{place} lies on a disk that is read-only.", "Choose a folder on a disk that can be written to."),
    errno.EACCES: ("There is no permission for {place}.", "Choose a folder of your own, or ask for the permission."),
    errno.EPERM: ("There is no permission for {place}.", "Choose a folder of your own, or ask for the permission."),
    errno.EFBIG: ("The disk of {place} takes no files so large.", "Choose a folder on another disk."),
    errno.EIO: ("The disk of {place} failed.", "Check the disk and its connection, or choose another one."),
    errno.ENAMETOOLONG: ("The name {place} is too long.", "Choose a folder with a shorter path."),
}


def disk_refused(error: OSError, place: Path | str = "") -> DiskRefused | None:
    """The error of a disk that cannot be written to; None for any other reason.

    Args:
        error: what the system said.
        place: file or folder; by default the one that the error names.
    """
    found = _REASONS.get(error.errno or 0)
    if found is None:
        return None
    message, remedy = found
    return DiskRefused(message.format(place=place or error.filename or "the temporary folder"), remedy)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """A block that writes to ``place``.

    Raises:
        DiskRefused: the system refused, for whatever reason.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise disk_refused(error, place) or DiskRefused(
            f"{place} cannot be written to ({reason}).", _ELSEWHERE
        ) from error
