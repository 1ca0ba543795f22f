"""The Apply button's states, driven by jobs that do what they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("slicer")
pytest.importorskip("PySide6")

from DeepMedLib.errors import BadInput, JobCancelled, WorkerCrashed
from DeepMedLib.jobs.job import JobStatus
from DeepMedLib.jobs.task import TaskResult


class FakeJob:
    """A job without a process."""

    def __init__(self, refuses: Exception | None = None) -> None:
        self.state, self.error = "running", refuses
        self.refuses = refuses
        self.fraction, self.message, self.elapsed, self.log = 0.0, "", 0.0, ""
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")
        if self.refuses is not None:
            raise self.refuses

    def poll(self) -> JobStatus:
        return JobStatus(self.state, self.fraction, self.message, self.elapsed, self.log)  # type: ignore[arg-type]

    def cancel(self) -> JobStatus:
        self.calls.append("cancel")
        if self.state == "running":
            self.state, self.error = "cancelled", JobCancelled("The computation was cancelled.")
        return self.poll()

    def result(self) -> TaskResult:
        if self.error is not None:
            raise self.error
        return TaskResult(values={"answer": 42})

    def cleanup(self) -> None:
        self.cancel()
        self.calls.append("cleanup")


class Panel:
    """Button, bar and label with an ApplyCancel on them."""

    def __init__(self, makeJob: Callable[[], Any], onResult: Callable[[TaskResult], None] | None = None) -> None:
        import qt

        from DeepMedLib.gui.applyCancel import ApplyCancel

        self.button, self.bar, self.label = qt.QPushButton(), qt.QProgressBar(), qt.QLabel()
        self.results: list[TaskResult] = []
        self.errors: list[tuple[str, str]] = []
        self.states: list[str] = []
        self.machine = ApplyCancel(
            self.button,
            self.bar,
            self.label,
            makeJob,
            onResult or self.results.append,
            onState=lambda state: self.states.append(state.value),
            applyToolTip="Measure the head",
            showError=lambda sentence, details: self.errors.append((sentence, details)),
        )

    @property
    def look(self) -> tuple[str, bool, bool]:
        """The button's text, whether it can be pressed, whether the bar is shown."""
        return self.button.text, self.button.enabled, not self.bar.isHidden()

    def tick(self) -> None:
        """What the timer does every 100 ms."""
        if self.machine._controller is not None:
            self.machine._controller.poll()


@pytest.fixture
def job() -> FakeJob:
    return FakeJob()


@pytest.fixture
def panel(slicerScene: Any, job: FakeJob) -> Panel:
    return Panel(lambda: job)


def test_idle_then_not_ready_then_idle(panel: Panel) -> None:
    assert panel.look == ("Apply", True, False)
    assert panel.button.toolTip == "Measure the head"
    panel.machine.setReady("Choose a picture.")
    assert panel.look == ("Apply", False, False)
    assert panel.button.toolTip == "Choose a picture."
    panel.machine.onButton()
    assert panel.machine.state.value == "notReady"
    panel.machine.setReady()
    assert panel.look == ("Apply", True, False)
    assert panel.states == ["idle", "notReady", "idle"]


def test_runs_to_the_end(panel: Panel, job: FakeJob) -> None:
    panel.button.click()
    assert panel.look == ("Cancel", True, True)
    job.fraction, job.message, job.elapsed, job.log = 0.35, "Segmenting", 12.4, "first\nlast line\n"
    panel.tick()
    assert panel.bar.value == 35
    assert panel.label.text == "Segmenting, 35 %, 12 s\nlast line"
    job.state, job.elapsed = "done", 65.0
    panel.tick()
    assert panel.results[0].values == {"answer": 42}
    assert panel.look == ("Apply", True, False)
    assert panel.label.text == "Done in 12 s"
    assert panel.errors == []
    assert job.calls == ["start", "cancel", "cleanup"]  # cleanup alone cancels: the job had ended
    panel.tick()
    assert len(panel.results) == 1


def test_cancel(panel: Panel, job: FakeJob) -> None:
    panel.button.click()
    job.elapsed = 3.0
    panel.button.click()
    assert panel.look == ("Cancelling", False, True)
    assert job.calls == ["start"]
    panel.button.click()  # disabled: no second cancel
    panel.machine.onButton()
    panel.tick()
    assert job.calls[:2] == ["start", "cancel"]
    assert panel.look == ("Apply", True, False)
    assert panel.label.text == "Cancelled after 3 s"
    assert panel.results == [] and panel.errors == []
    assert panel.states == ["idle", "running", "cancelling", "idle"]


def test_job_that_ends_while_it_is_being_cancelled_delivers(panel: Panel, job: FakeJob) -> None:
    panel.button.click()
    panel.button.click()
    job.state = "done"
    panel.tick()
    assert len(panel.results) == 1
    assert panel.look == ("Apply", True, False)


def test_failure_shows_sentence_remedy_and_log(panel: Panel, job: FakeJob) -> None:
    panel.button.click()
    job.state, job.log = "failed", "Traceback ...\nKilled"
    job.error = WorkerCrashed("The computing process was ended.", "Crop the volume.")
    panel.tick()
    assert panel.errors == [("The computing process was ended. Crop the volume.", "Traceback ...\nKilled")]
    assert panel.label.text == "The computing process was ended. Crop the volume."
    assert panel.look == ("Apply", True, False)


def test_result_that_cannot_be_written_is_a_failure(slicerScene: Any, job: FakeJob) -> None:
    def refuse(_result: TaskResult) -> None:
        raise BadInput("The picture was closed.", "Open it again.")

    panel = Panel(lambda: job, refuse)
    panel.button.click()
    job.state = "done"
    panel.tick()
    assert panel.errors == [("The picture was closed. Open it again.", "")]
    assert panel.look == ("Apply", True, False)


def test_defect_in_the_result_keeps_the_panel_usable(slicerScene: Any, job: FakeJob) -> None:
    panel = Panel(lambda: job, lambda result: {}["missing"])
    panel.button.click()
    job.state = "done"
    panel.tick()
    assert panel.errors == [("An unexpected error occurred: 'missing'. The application's log says more.", "")]
    assert panel.look == ("Apply", True, False)


def test_job_that_cannot_start(slicerScene: Any) -> None:
    panel = Panel(lambda: FakeJob(BadInput("There is no disk space.", "Free some.")))
    panel.button.click()
    assert panel.errors == [("There is no disk space. Free some.", "")]
    assert panel.look == ("Apply", True, False)


def test_input_that_is_refused_before_there_is_a_job(slicerScene: Any) -> None:
    def refuse() -> FakeJob:
        raise BadInput("The picture is blank.", "Choose another.")

    panel = Panel(refuse)
    panel.button.click()
    assert panel.errors == [("The picture is blank. Choose another.", "")]
    assert panel.states == ["idle"]


def test_no_job_needed(slicerScene: Any) -> None:
    panel = Panel(lambda: None)
    panel.button.click()
    assert panel.look == ("Apply", True, False)


def test_scene_close_stops_the_job_without_a_word(panel: Panel, job: FakeJob) -> None:
    panel.button.click()
    controller = panel.machine._controller
    panel.machine.stop()
    assert job.calls == ["start", "cancel", "cleanup"]
    assert panel.look == ("Apply", True, False)
    assert panel.label.text == ""
    controller.poll()
    assert panel.results == [] and panel.errors == []
    panel.machine.stop()
    assert job.calls == ["start", "cancel", "cleanup"]


def test_readiness_changed_while_running_counts_afterwards(panel: Panel, job: FakeJob) -> None:
    panel.button.click()
    panel.machine.setReady("Choose a picture.")
    assert panel.look == ("Cancel", True, True)
    job.state = "done"
    panel.tick()
    assert panel.look == ("Apply", False, False)
    assert panel.button.toolTip == "Choose a picture."


def test_timer_polls_by_itself(panel: Panel, job: FakeJob) -> None:
    import time

    import slicer

    panel.button.click()
    job.state = "done"
    deadline = time.monotonic() + 5
    while not panel.results and time.monotonic() < deadline:
        slicer.app.processEvents()
        time.sleep(0.01)
    assert len(panel.results) == 1


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (185, "3 min 5 s")])
def test_elapsed(slicerScene: Any, seconds: float, text: str) -> None:
    from DeepMedLib.gui.jobController import elapsedText

    assert elapsedText(seconds) == text
