"""Running the body of a command: own streams, typed errors, exit codes."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import typer

from deepmed_headless.cli.paths import make_importable
from deepmed_headless.cli.terminal.screen import Screen
from deepmed_headless.cli.terminal.streams import own_streams

DONE, BAD_INPUT, ABSTAINED, INTERNAL = 0, 2, 3, 4
STOPPED = 130  # what shells expect after Ctrl-C

Body = Callable[[Screen], int]


def run_command(body: Body, json_lines: bool = False, debug: bool = False) -> NoReturn:
    """Runs a command's body and ends with its exit code.

    An error becomes one sentence on standard error. The traceback of an unexpected one goes to a log file whose path
    is printed, or to standard error with ``debug``.

    Raises:
        typer.Exit: always.
    """
    make_importable()
    with own_streams(debug) as streams:
        screen = Screen(streams, json_lines)
        try:
            with _ended_by_signal():
                code = body(screen)
            code = max(code, _lost_output(screen))
        except KeyboardInterrupt:
            screen.error("Stopped. Finished results were kept, the unfinished one was removed.")
            code = STOPPED
        except Exception as error:
            code = report_error(screen, error)
    raise typer.Exit(code)


def _lost_output(screen: Screen) -> int:
    """Says that standard output was lost; the code that belongs to it."""
    from DeepMedLib.disk import disk_refused

    if screen.lost is None:
        return DONE
    if isinstance(screen.lost, BrokenPipeError):  # whoever read it had enough, as `head` has
        screen.error("Standard output was closed before everything was printed; the files are complete.")
        return DONE
    refused = disk_refused(screen.lost, "standard output")
    reason = str(refused) if refused is not None else f"Standard output cannot be written to ({screen.lost.strerror})."
    screen.error(f"{reason} What was not printed is in the files.")
    return BAD_INPUT


def report_error(screen: Screen, error: Exception, subject: str = "") -> int:
    """Says what went wrong in one sentence with its remedy.

    Args:
        subject: name of the input it concerns.

    Returns:
        the exit code that belongs to it.
    """
    from DeepMedLib.errors import DeepMedError
    from DeepMedLib.jobs.task import typed_error

    typed = typed_error(error)
    unexpected = type(typed) is DeepMedError
    traceback.print_exception(error)  # to the log, or to the terminal with --debug
    sentence = str(typed)
    if unexpected and screen.streams.log is not None:
        screen.streams.keep_log = True
        sentence += f" The full report is in {screen.streams.log}."
    screen.error(sentence, subject)
    return typed.exit_code


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """SIGTERM, and SIGHUP unless it is ignored (nohup), end a command as Ctrl-C does: unfinished folders go."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
