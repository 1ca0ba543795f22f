"""What a command says: results, messages, errors and progress bars."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from deepmed_headless.cli.terminal.streams import Streams

Step = Callable[[float, str], None]
"""Called with the fraction of the current input that is done (0 to 1) and what is being done now."""

_LINE_EVERY_S = 30.0  # where there is no terminal to draw a bar on


class Bar:
    """Progress over several inputs; drawn on a terminal, a line now and then elsewhere."""

    def __init__(self, progress: Progress | None, total: int, say: Callable[[str], None], title: str) -> None:
        self._progress = progress
        self._total = total
        self._say = say
        self._title = title
        self._done = 0
        self._said = time.monotonic()
        self._task = progress.add_task(title, total=total, what="") if progress is not None else None

    def step(self, fraction: float, what: str) -> None:
        """Shows how far the current input is."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=self._done + 0.999 * min(max(fraction, 0.0), 1.0), what=what)

    def start(self, name: str) -> Step:
        """Names the input that begins; returns the function that takes its progress."""

        def step(fraction: float, what: str) -> None:
            self.step(fraction, f"{name}: {what}" if what else name)

        step(0.0, "")
        return step

    def done(self) -> None:
        """One input more is finished."""
        self._done += 1
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=self._done)
        elif time.monotonic() - self._said > _LINE_EVERY_S:
            self._said = time.monotonic()
            self._say(f"{self._title}: {self._done} of {self._total}")


class _Console(Console):
    """A console that lets a closed pipe be an error like any other."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Screen:
    """The two channels of a command. Where one of them cannot be written to, the command goes on without it.

    Args:
        streams: see `own_streams`.
        json_lines: standard output carries JSON objects only.

    Attributes:
        lost: why standard output could not be written to; None while it can.
    """

    def __init__(self, streams: Streams, json_lines: bool = False) -> None:
        self.streams = streams
        self.json_lines = json_lines
        self.lost: OSError | None = None
        self._out = _Console(file=streams.out, highlight=False)
        self._err = _Console(file=streams.err, highlight=False)
        self._bar_shown = False

    def record(self, record: Mapping[str, Any]) -> None:
        """One JSON object as one line of ASCII on standard output, with `--json` only.

        Raises:
            ValueError: a number in it is not finite.
        """
        if self.json_lines:
            line = json.dumps(record, allow_nan=False)
            self._give(lambda: print(line, file=self.streams.out, flush=True))

    def result(self, text: str | Text) -> None:
        """A line for people on standard output; nothing with `--json`."""
        if not self.json_lines:
            # On one terminal with a bar, only the bar's own console knows where the line may go.
            console = self._err if self._bar_shown and self._out.is_terminal else self._out
            self._give(lambda: console.print(text, soft_wrap=True, markup=False))

    def table(self, renderable: Any) -> None:
        """A rich table on standard output; nothing with `--json`."""
        if not self.json_lines:
            self._give(lambda: self._out.print(renderable))

    def _give(self, write: Callable[[], None]) -> None:
        """Writes to standard output, unless that failed before."""
        if self.lost is None:
            try:
                write()
            except OSError as error:
                self.lost = error

    def note(self, text: str) -> None:
        """A message on standard error."""
        with suppress(OSError):  # there is nowhere left to say it
            self._err.print(text, soft_wrap=True, markup=False)

    def error(self, sentence: str, subject: str = "") -> None:
        """An error on standard error, in one line: whose it is, what is wrong, what to do."""
        line = Text()
        line.append(f"{subject}: " if subject else "deepmed: ", style="bold red")
        line.append(" ".join(sentence.split()))
        with suppress(OSError):
            self._err.print(line, soft_wrap=True)

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Bar]:
        """A progress bar on standard error while the block runs."""
        if not self._err.is_terminal:
            yield Bar(None, total, self.note, title)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("[dim]{task.fields[what]}", markup=True),
        )
        self._bar_shown = True
        try:
            with Progress(
                *columns, console=self._err, transient=True, redirect_stdout=False, redirect_stderr=False
            ) as bar:
                yield Bar(bar, total, self.note, title)
        finally:
            self._bar_shown = False
