"""Files appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from DeepMedLib.disk import writing


def write_whole(path: str | Path, content: bytes) -> Path:
    """Write a file through a temporary neighbor, so that a failure leaves no half-written one behind.

    Raises:
        DiskRefused: the disk is full, read-only or forbidden, or there is no such folder.
    """
    path = Path(path)
    with writing(path):
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(temporary, 0o666 & ~umask)  # mkstemp makes files that only their owner may read
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return path
