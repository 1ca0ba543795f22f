"""One button that applies and, while a job runs, cancels; with progress bar and status line."""

from __future__ import annotations

import enum
from collections.abc import Callable

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.errors import logError, sentenceOf
from DeepMedLib.gui.jobController import JobController, JobLike, elapsedText, progressText
from DeepMedLib.jobs.job import JobStatus
from DeepMedLib.jobs.task import TaskResult


class State(enum.Enum):
    """What the button does when it is pressed: nothing, apply, cancel, nothing."""

    NOT_READY = "notReady"
    IDLE = "idle"
    RUNNING = "running"
    CANCELLING = "cancelling"


class ApplyCancel:
    """Drives an Apply button, a progress bar and a status label.

    Args:
        button: a QPushButton; its click is connected here.
        progressBar: a QProgressBar, hidden while nothing runs.
        statusLabel: a QLabel for progress and outcome.
        makeJob: called when the user applies; returns the job to run, or None when all is already done. What it raises
            is shown.
        onResult: called with a finished job's result.
        onState: called after each change of state, to lock or unlock inputs.
        applyText: what the button says when idle.
        applyToolTip: its tooltip when it can be pressed.
        showError: called with an error's sentence and the details; by default a popup (only a log line in tests).
    """

    def __init__(
        self,
        button: qt.QPushButton,
        progressBar: qt.QProgressBar,
        statusLabel: qt.QLabel,
        makeJob: Callable[[], JobLike | None],
        onResult: Callable[[TaskResult], None],
        onState: Callable[[State], None] | None = None,
        applyText: str = "",
        applyToolTip: str = "",
        showError: Callable[[str, str], None] | None = None,
    ) -> None:
        self._button, self._bar, self._label = button, progressBar, statusLabel
        self._makeJob, self._onResult = makeJob, onResult
        self._onState = onState
        self._applyText = applyText or _("Apply")
        self._applyToolTip = applyToolTip
        self._showError = showError or _popup
        self._controller: JobController | None = None
        self._lastStatus: JobStatus | None = None
        self._reason = ""
        self._state = State.IDLE
        self._bar.minimum, self._bar.maximum = 0, 100
        self._button.connect("clicked(bool)", self.onButton)
        self._enter(State.IDLE)

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    def setReady(self, reason: str = "") -> None:
        """Say whether Apply can be pressed: "" when it can, else the reason, which becomes the tooltip.

        While a job runs this is remembered for its end.
        """
        self._reason = reason
        if self._state in (State.IDLE, State.NOT_READY):
            self._rest()

    def onButton(self, _checked: bool = False) -> None:
        """The button was pressed."""
        if self._state is State.IDLE:
            self.apply()
        elif self._state is State.RUNNING:
            self.cancel()

    def apply(self) -> None:
        """Make a job and start it. Errors are shown, not raised."""
        if self._state is not State.IDLE:
            return
        self._label.text = ""
        try:
            job = self._makeJob()
            if job is None:
                return
            self._controller = JobController(job, self._progress, self._done, self._failed, self._cancelled)
            self._controller.start()
        except Exception as error:  # a DeepMedError or a defect; either way the user must see it
            self._controller = None
            self._tell(error, "")
            return
        self._bar.value = 0
        self._enter(State.RUNNING)

    def cancel(self) -> None:
        """Ask the running job to end; the button is off until it has."""
        if self._state is not State.RUNNING:
            return
        self._enter(State.CANCELLING)
        self._label.text = _("Cancelling")
        if self._controller is not None:
            self._controller.cancelSoon()

    def stop(self) -> None:
        """End a running job without a word: call on scene close, reload and cleanup."""
        if self._controller is not None:
            controller, self._controller = self._controller, None
            controller.stop()
        self._label.text = ""
        self._rest()

    def clearStatus(self) -> None:
        """Take back what was said of an earlier computation; a running one keeps its line."""
        if self._state in (State.IDLE, State.NOT_READY):
            self._label.text = ""

    def _progress(self, status: JobStatus) -> None:
        self._lastStatus = status
        self._bar.value = round(100 * status.fraction)
        if self._state is State.RUNNING:
            lines = status.log_tail.strip().splitlines()
            self._label.text = progressText(status) + (f"\n{lines[-1]}" if lines else "")

    def _done(self, result: TaskResult) -> None:
        self._onResult(result)  # before the button is free again; what it raises comes to _failed
        elapsed = elapsedText(self._lastStatus.elapsed) if self._lastStatus is not None else ""
        self._end(_("Done in {time}").format(time=elapsed) if elapsed else _("Done"))

    def _failed(self, error: Exception, status: JobStatus) -> None:
        self._end("")
        self._tell(error, status.log_tail)

    def _cancelled(self, status: JobStatus) -> None:
        self._end(_("Cancelled after {time}").format(time=elapsedText(status.elapsed)))

    def _end(self, text: str) -> None:
        self._controller, self._lastStatus = None, None
        self._label.text = text
        self._rest()

    def _tell(self, error: Exception, details: str) -> None:
        logError(error)
        sentence = sentenceOf(error)
        self._label.text = sentence
        self._showError(sentence, "" if isinstance(error, BadInput) else details)

    def _rest(self) -> None:
        self._enter(State.NOT_READY if self._reason else State.IDLE)

    def _enter(self, state: State) -> None:
        self._state = state
        running = state in (State.RUNNING, State.CANCELLING)
        self._bar.visible = running
        self._button.text = {State.RUNNING: _("Cancel"), State.CANCELLING: _("Cancelling")}.get(state, self._applyText)
        self._button.enabled = state in (State.IDLE, State.RUNNING)
        self._button.toolTip = {
            State.NOT_READY: self._reason,
            State.IDLE: self._applyToolTip,
            State.RUNNING: _("Cancel the running computation"),
            State.CANCELLING: _("Waiting for the computation to end"),
        }[state]
        if self._onState is not None:
            self._onState(state)


def _popup(sentence: str, details: str) -> None:
    if details:
        slicer.util.errorDisplay(sentence, detailedText=details)
    else:
        slicer.util.errorDisplay(sentence)
