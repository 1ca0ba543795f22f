"""Watches a job from the application's own timer: no threads, so everything may touch the scene and the panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import qt
from slicer.i18n import tr as _

from DeepMedLib.jobs.job import JobStatus
from DeepMedLib.jobs.task import TaskResult

INTERVAL_MILLISECONDS = 100


class JobLike(Protocol):
    """What a job must offer; `DeepMedLib.jobs.job.Job` does."""

    def start(self) -> None: ...
    def poll(self) -> JobStatus: ...
    def cancel(self) -> JobStatus: ...
    def result(self) -> TaskResult: ...
    def cleanup(self) -> None: ...


class JobController:
    """Starts a job and reports what becomes of it. Exactly one of onDone, onFailed, onCancelled is called, once.

    Args:
        job: not started yet.
        onProgress: called with each status while the job runs.
        onDone: called with the result. What it raises (writing the nodes may fail) goes to ``onFailed``.
        onFailed: called with the error and the last status.
        onCancelled: called with the last status after `cancelSoon`.
    """

    def __init__(
        self,
        job: JobLike,
        onProgress: Callable[[JobStatus], None],
        onDone: Callable[[TaskResult], None],
        onFailed: Callable[[Exception, JobStatus], None],
        onCancelled: Callable[[JobStatus], None],
    ) -> None:
        self._job = job
        self._onProgress, self._onDone = onProgress, onDone
        self._onFailed, self._onCancelled = onFailed, onCancelled
        self._timer = qt.QTimer()
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.connect("timeout()", self.poll)
        self._isRunning = self._isCancelWanted = False

    @property
    def isRunning(self) -> bool:
        """Whether the job was started and its end has not been reported."""
        return self._isRunning

    def start(self) -> None:
        """Start job and timer.

        Raises:
            DeepMedError: the job could not be started; no callback is called.
        """
        self._job.start()
        self._isRunning = True
        self._timer.start()

    def poll(self) -> None:
        """Look at the job once; the timer calls this."""
        if not self._isRunning:
            return
        if self._isCancelWanted:
            self._job.cancel()
        status = self._job.poll()
        if status.state == "running":
            self._onProgress(status)
            return
        self._finish()
        try:
            if status.state == "cancelled":
                self._onCancelled(status)
            else:
                self._deliver(status)
        finally:
            self._job.cleanup()

    def _deliver(self, status: JobStatus) -> None:
        try:
            self._onDone(self._job.result())
        except Exception as error:  # a DeepMedError or a defect: show it and keep the panel usable
            self._onFailed(error, status)

    def cancelSoon(self) -> None:
        """End the job at the timer's next turn, when the panel has been drawn, and call onCancelled.

        Ending it takes at most 2 s. A job that has ended by itself meanwhile is delivered.
        """
        self._isCancelWanted = True

    def stop(self) -> None:
        """End the job and call nothing: the scene or the panel is going away."""
        if self._isRunning:
            self._finish()
            self._job.cleanup()

    def _finish(self) -> None:
        self._isRunning = False
        self._timer.stop()


def progressText(status: JobStatus) -> str:
    """ "Segmenting, 35 %, 12 s" """
    message = status.message or _("Working")
    percent = f", {round(100 * status.fraction)} %" if status.fraction > 0 else ""
    return f"{message}{percent}, {elapsedText(status.elapsed)}"


def elapsedText(seconds: float) -> str:
    """ "12 s" or "3 min 5 s" """
    whole = int(seconds)
    return (
        _("{seconds} s").format(seconds=whole)
        if whole < 60
        else _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    )
