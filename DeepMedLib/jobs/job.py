"""A task in a child process: start it, look at it now and then, cancel it, fetch the result.

No threads and no pipes here. A timer of the application, or `Job.wait`, calls `Job.poll`; nothing else is needed.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from DeepMedLib.disk import disk_refused
from DeepMedLib.errors import (
    DeepMedError,
    DependencyMissing,
    JobCancelled,
    WorkerCrashed,
    WorkerStalled,
    error_from_dict,
)
from DeepMedLib.jobs.job_folders import SETTINGS, make_job_folder
from DeepMedLib.jobs.process import ChildProcess, ProcessFactory, ProcessProtocol, child_environment
from DeepMedLib.jobs.tail import LineTooLong, Tail
from DeepMedLib.jobs.task import Progress, Task, TaskResult, load_result, run_here, save_task
from DeepMedLib.models.device import thread_count

JobState = Literal["running", "done", "failed", "cancelled"]

_WORKER = Path(__file__).resolve().with_name("worker.py")
_TERMINATE_SECONDS = 0.5  # given to a child that was asked to end
_KILL_SECONDS = 1.0  # waited for one that was killed
_EXIT_SECONDS = 0.3  # given to a child that has reported its end
_LONGEST_GAP = 5.0  # of silence counted between two polls: a sleeping computer is not a stalled worker
_LOG_CHARACTERS = 4000


@dataclass(frozen=True)
class JobStatus:
    """What a job is doing.

    Attributes:
        state: "running", "done", "failed" or "cancelled".
        fraction: part done, 0 to 1, as the task tells it.
        message: what is being done now, or the error's sentence.
        elapsed: seconds since the start (to the end, when it has ended).
        log_tail: last lines of what the worker and its libraries printed.
    """

    state: JobState
    fraction: float
    message: str
    elapsed: float
    log_tail: str


def python_program() -> str:
    """The Python to start a worker with: PythonSlicer where Slicer has put it on the PATH, else this Python.

    Raises:
        DependencyMissing: there is neither (inside an application ``sys.executable`` may be empty).
    """
    program = shutil.which("PythonSlicer") or sys.executable
    if not program:
        raise DependencyMissing(
            "The PythonSlicer program was not found.", "Start Slicer with its own launcher, or install it again."
        )
    return program


class Job:
    """One task in one child process.

    Args:
        task: what to compute.
        folder: where the job's own folder is made; the system's temporary folder by default.
        python: program that runs the worker; see `python_program`.
        search_paths: folders from which the task's function can be imported (the module's own folder, say).
        stall_seconds: without a sign of life for so long, the worker is ended and the job has failed.
        limit_seconds: after so long the worker's heartbeat alone no longer counts as a sign of life, only
            progress does; None lets it count for ever.
        threads: for the computation; by default OMP_NUM_THREADS where the user has set it, else `thread_count`.
        start_process: makes the child process; for tests.
    """

    def __init__(
        self,
        task: Task,
        folder: Path | None = None,
        python: str | None = None,
        search_paths: Sequence[str | Path] = (),
        stall_seconds: float = 180.0,
        *,
        limit_seconds: float | None = 3600.0,
        threads: int | None = None,
        start_process: ProcessFactory = ChildProcess,
    ) -> None:
        self.task = task
        self._base = folder
        self._python = python
        self._search_paths = [str(Path(path).resolve()) for path in search_paths]
        self._stall_seconds = stall_seconds
        self._limit_seconds = limit_seconds
        self._threads = threads
        self._start_process = start_process
        self._folder: Path | None = None
        self._process: ProcessProtocol | None = None
        self._state: JobState = "running"
        self._error: DeepMedError | None = None
        self._result: TaskResult | None = None
        self._fraction, self._message = 0.0, ""
        self._started = self._ended = self._last_poll = self._silence = 0.0

    @property
    def folder(self) -> Path | None:
        """The job's own folder; None before `start` and after `cleanup`."""
        return self._folder

    @property
    def error(self) -> DeepMedError | None:
        """Why the job failed; None while it runs or when it is done."""
        return self._error

    def start(self) -> None:
        """Writes the task and starts the worker.

        Raises:
            RuntimeError: the job was started before.
            BadInput: the task cannot be stored.
            DependencyMissing: there is no Python to run it.
            DiskRefused: the disk is full, read-only or forbidden.
            DeepMedError: the program could not be started.
        """
        if self._process is not None or self._folder is not None:
            raise RuntimeError("A job starts only once.")
        python = self._python or python_program()
        try:
            self._folder = make_job_folder(self._base)
            save_task(self.task, self._folder / "task")
            settings = {"search_paths": self._search_paths, "threads": self._thread_wish(), "parent": os.getpid()}
            (self._folder / SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
            self._lines = Tail(self._folder / "output.txt")
            self._log = Tail(self._folder / "log.txt")
            self._process = self._start_process(
                [python, str(_WORKER), str(self._folder)],
                child_environment(),
                self._folder / "output.txt",
                self._folder / "log.txt",
            )
        except OSError as error:
            self.cleanup()
            raise disk_refused(error) or DeepMedError(
                f"The computation could not be started: {error}.", "Check the installation."
            ) from error
        except DeepMedError:
            self.cleanup()
            raise
        self._started = self._last_poll = time.monotonic()

    def poll(self) -> JobStatus:
        """Reads what the worker has told since the last call. Quick; call it every 0.1 to 1 s.

        Raises:
            RuntimeError: the job was not started.
        """
        if self._process is None:
            raise RuntimeError("The job was not started.")
        if self._state == "running":
            # The exit code before the lines: what a process wrote before its end is then surely read.
            exit_code = self._process.poll()
            self._read_lines()
            if self._state == "running" and exit_code is not None:
                self._fail(self._crash(exit_code))
            elif self._state == "running" and self._silence >= self._stall_seconds:
                self._fail(
                    WorkerStalled(
                        f"The computation gave no sign of life for {self._stall_seconds:g} seconds and was ended.",
                        "Try again; if it happens again, choose the CPU as device or a smaller volume.",
                    )
                )
        return self._status()

    def cancel(self) -> JobStatus:
        """Ends the worker and all that it started; it has gone within 2 s. Does nothing when the job has ended."""
        if self._process is not None and self._state == "running":
            self._end_process(_TERMINATE_SECONDS)
            self._state, self._ended = "cancelled", time.monotonic()
            self._message = "Cancelled"
            self._error = JobCancelled("The computation was cancelled.", "Press Apply to start it again.")
        return self._status()

    def result(self) -> TaskResult:
        """What the task returned.

        Raises:
            RuntimeError: the job is still running.
            DeepMedError: typed: what the task raised, JobCancelled, WorkerStalled, WorkerCrashed.
        """
        if self._error is not None:
            raise self._error
        if self._state == "running" or (self._folder is None and self._result is None):
            raise RuntimeError("There is no result yet.")
        if self._result is None:
            assert self._folder is not None
            self._result = load_result(self._folder / "result")
        return self._result

    def wait(self, on_progress: Progress | None = None, timeout: float | None = None) -> JobStatus:
        """Polls until the job has ended, or ``timeout`` seconds have passed: then it is left running.

        Whatever ``on_progress`` raises, or Ctrl-C, cancels the job and goes on to the caller.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        told: tuple[float, str] | None = None
        try:
            while True:
                status = self.poll()
                if on_progress is not None and (status.fraction, status.message) != told and status.state != "failed":
                    told = (status.fraction, status.message)
                    on_progress(*told)
                if status.state != "running" or (deadline is not None and time.monotonic() >= deadline):
                    return status
                time.sleep(0.02)
        except BaseException:
            self.cancel()
            raise

    def cleanup(self) -> None:
        """Removes the job's folder; a running job is cancelled first. A result already fetched stays."""
        self.cancel()
        if self._folder is not None:
            folder, self._folder = self._folder, None
            # Windows keeps a file for a moment after the process that wrote it has gone.
            for pause in (0.0, 0.1, 0.3, 0.6):
                time.sleep(pause)
                shutil.rmtree(folder, ignore_errors=True)
                if not folder.exists():
                    break

    def __enter__(self) -> Job:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.cleanup()

    def _status(self) -> JobStatus:
        if self._process is None:
            return JobStatus(self._state, 0.0, "", 0.0, "")
        end = time.monotonic() if self._state == "running" else self._ended
        log = self._log.text(_LOG_CHARACTERS)
        return JobStatus(self._state, self._fraction, self._message, end - self._started, log)

    def _thread_wish(self) -> int:
        if self._threads is not None:
            return self._threads
        users = os.environ.get("OMP_NUM_THREADS", "")
        return int(users) if users.isdigit() and int(users) > 0 else thread_count()

    def _read_lines(self) -> None:
        now = time.monotonic()
        self._silence += min(now - self._last_poll, _LONGEST_GAP)
        self._last_poll = now
        try:
            for line in self._lines.new_lines():
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError):
                    continue  # not ours: something below Python wrote there
                if isinstance(record, dict):
                    self._take(record, now)
                if self._state != "running":
                    break
        except (LineTooLong, _Malformed) as error:
            self._fail(
                WorkerCrashed(
                    f"The computing process sent something that is no message ({error}) and was ended.",
                    "Report it with the lines of the application's log.",
                )
            )

    def _take(self, record: dict[str, Any], now: float) -> None:
        kind = record.get("type")
        if kind == "progress":
            self._fraction, self._message = _progress_of(record)
            self._silence = 0.0
        elif kind == "heartbeat":
            if self._limit_seconds is None or now - self._started < self._limit_seconds:
                self._silence = 0.0
        elif kind == "error":
            self._fail(error_from_dict(record))
        elif kind == "done":
            self._end_process(_EXIT_SECONDS, ask=False)
            self._state, self._fraction, self._ended = "done", 1.0, time.monotonic()

    def _fail(self, error: DeepMedError) -> None:
        stalled = isinstance(error, WorkerStalled)
        self._end_process(_TERMINATE_SECONDS if stalled else _EXIT_SECONDS, ask=stalled)
        self._state = "cancelled" if isinstance(error, JobCancelled) else "failed"
        self._error, self._message = error, error.message
        self._ended = time.monotonic()

    def _end_process(self, patience: float, ask: bool = True) -> None:
        """Leaves no process behind: asks (or only waits), then kills the group."""
        assert self._process is not None
        if ask:
            self._process.terminate()
        self._process.wait(patience)
        self._process.kill()
        self._process.wait(_KILL_SECONDS)

    def _crash(self, exit_code: int) -> WorkerCrashed:
        # A launcher reports a killed child as 128 + signal.
        killed = exit_code in (-9, 137)
        reason = "was ended by the system" if killed else f"ended unexpectedly (code {exit_code})"
        remedy = (
            "Most likely the memory ran out: crop the volume or close other programs."
            if killed
            else "Try again with the CPU as device; if it happens again, report it with the application's log."
        )
        return WorkerCrashed(f"The computing process {reason}.", remedy)


class _Malformed(ValueError):
    """A line of the protocol that does not hold what it should."""


def _progress_of(record: dict[str, Any]) -> tuple[float, str]:
    fraction, message = record.get("fraction"), record.get("message")
    number = fraction if isinstance(fraction, (int, float)) and not isinstance(fraction, bool) else math.nan
    if not 0 <= number <= 1 or not isinstance(message, str):
        raise _Malformed(f"progress {str(fraction)[:40]!r}, {str(message)[:40]!r}")
    return float(number), message


def run_job(
    task: Task, on_progress: Progress | None = None, *, in_process: bool = False, **settings: Any
) -> TaskResult:
    """Runs a task to its end and returns the result; the job's folder is removed.

    Args:
        task: what to compute.
        on_progress: called with fraction and message; what it raises cancels the job.
        in_process: compute in this process instead of a child.
        settings: arguments of `Job`; not looked at when ``in_process``.

    Raises:
        DeepMedError: typed, as `Job.result` and `run_here`.
    """
    if in_process:
        return run_here(task, on_progress)
    with Job(task, **settings) as job:
        job.start()
        job.wait(on_progress)
        return job.result()
