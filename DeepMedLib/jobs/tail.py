"""Follows a text file that another process is writing."""

from __future__ import annotations

from pathlib import Path

#: A line longer than this has no end; more than that at once nobody sends who keeps to the protocol.
LONGEST_LINE, MOST_AT_ONCE = 1 << 20, 1 << 24


class LineTooLong(ValueError):
    """A line does not end, or there is more text than anybody should read."""


class Tail:
    """Reads what was added to a file since the last look; the file may not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self._partial = b""

    def new_lines(self) -> list[str]:
        """Whole lines added since the last call. An unfinished last line is kept until its end has come.

        Raises:
            LineTooLong: a line has more than `LONGEST_LINE` bytes, or more than `MOST_AT_ONCE` came at once.
        """
        data = self._partial + self._read(self._position, MOST_AT_ONCE + 1)
        if len(data) > MOST_AT_ONCE + len(self._partial):
            raise LineTooLong(f"more than {MOST_AT_ONCE} bytes at once")
        self._position += len(data) - len(self._partial)
        *lines, self._partial = data.split(b"\n")
        if max(len(line) for line in (*lines, self._partial)) > LONGEST_LINE:
            raise LineTooLong(f"a line of more than {LONGEST_LINE} bytes")
        return [line.decode("utf-8", errors="replace").rstrip("\r") for line in lines]

    def text(self, characters: int) -> str:
        """The end of the file, at most about ``characters`` long and beginning with a whole line."""
        try:
            size = self._path.stat().st_size
        except OSError:
            return ""
        start = max(0, size - characters)
        data = self._read(start, characters)
        if start:
            data = data.partition(b"\n")[2] or data
        return data.decode("utf-8", errors="replace").replace("\r\n", "\n")

    def _read(self, position: int, most: int) -> bytes:
        try:
            with open(self._path, "rb") as stream:
                stream.seek(position)
                return stream.read(most)
        except OSError:
            return b""
