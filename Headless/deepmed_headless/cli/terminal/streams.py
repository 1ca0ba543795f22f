"""Who may write to the terminal: results on standard output, messages on standard error, library noise in a log."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO


@dataclass
class Streams:
    """The terminal while `own_streams` is active.

    Attributes:
        out: for results.
        err: for messages and progress bars.
        log: file with what the libraries printed; None with ``debug``, when it goes to standard error.
        keep_log: set to True to keep the log; else it is removed at the end.
    """

    out: TextIO
    err: TextIO
    log: Path | None
    keep_log: bool = False


def _is_descriptor(stream: TextIO, number: int) -> bool:
    """Whether this Python stream writes to the process's own descriptor (test runners put others in place)."""
    try:
        return stream.fileno() == number
    except (OSError, ValueError, AttributeError):
        return False


def open_missing() -> None:
    """Gives a process that was started without standard streams empty ones.

    Otherwise the next file that is opened gets descriptor 1 or 2, and what libraries print goes into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free descriptor: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


@contextmanager
def own_streams(debug: bool = False) -> Iterator[Streams]:
    """Takes standard output and error for ourselves.

    Compiled libraries (VTK, ITK, torch) print past Python, so the descriptors 1 and 2 themselves are turned to a log
    file, or to standard error with ``debug``; the streams that are yielded still reach the terminal.
    """
    before_out, before_err = sys.stdout, sys.stderr
    before_out.flush()
    before_err.flush()
    saved: dict[int, int] = {}
    opened: list[TextIO] = []

    def keep(stream: TextIO, number: int) -> TextIO:
        if not _is_descriptor(stream, number):
            return stream
        saved[number] = os.dup(number)
        kept = open(os.dup(number), "w", encoding=stream.encoding or "utf-8", errors="backslashreplace", buffering=1)
        opened.append(kept)
        return kept

    out, err = keep(before_out, 1), keep(before_err, 2)
    log: Path | None = None
    if debug:
        noise: TextIO = err
        target = saved.get(2)
    else:
        descriptor, name = tempfile.mkstemp(prefix="deepmed-", suffix=".log")
        log = Path(name)
        noise = open(descriptor, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
        opened.append(noise)
        target = descriptor
    streams = Streams(out, err, log)
    try:
        if target is not None:
            for number in saved:
                os.dup2(target, number)
        sys.stdout = sys.stderr = noise
        yield streams
    finally:
        sys.stdout, sys.stderr = before_out, before_err
        for stream in (out, err, noise):
            with suppress(OSError):  # `Screen` has said that nobody reads, or that the disk is full
                stream.flush()
        for number, duplicate in saved.items():
            os.dup2(duplicate, number)
            os.close(duplicate)
        for stream in opened:
            with suppress(OSError):
                stream.close()
        if log is not None and not streams.keep_log:
            log.unlink(missing_ok=True)
