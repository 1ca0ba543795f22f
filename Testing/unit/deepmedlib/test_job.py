"""Jobs in real child processes: results, errors, cancel, crash, stall; and the parent stays as it was."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.errors import (
    BadInput,
    DeepMedError,
    DependencyMissing,
    JobCancelled,
    OutOfMemory,
    WorkerCrashed,
    WorkerStalled,
)
from DeepMedLib.jobs import job as job_module
from DeepMedLib.jobs.job import Job, JobStatus, python_program, run_job
from DeepMedLib.jobs.task import Task, run_here

FUNCTIONS = Path(__file__).parent / "functions"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="uses POSIX signals")


def make_job(function: str, folder: Path, arrays: dict | None = None, options: dict | None = None, **settings) -> Job:
    task = Task(f"job_functions:{function}", arrays or {}, options or {})
    return Job(task, folder, sys.executable, [FUNCTIONS], **settings)


def finish(job: Job, timeout: float = 30) -> JobStatus:
    job.start()
    status = job.wait(timeout=timeout)
    assert status.state != "running"
    return status


def has_gone(pid: int) -> bool:
    """No such process, or one that is dead and only waits to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)
    return path.read_text()


def test_round_trip_through_a_child_in_a_folder_with_a_foreign_name(tmp_path: Path) -> None:
    before = dict(os.environ)
    image = np.random.default_rng(1).normal(size=(3, 4, 5)).astype(np.float32)
    job = make_job("double", tmp_path / "Müller 漢字", {"größe": image}, {"name": "Zoë", "pair": (1, 2)})
    told: list[tuple[float, str]] = []
    job.start()
    status = job.wait(lambda fraction, message: told.append((fraction, message)), timeout=30)
    assert status.state == "done" and status.fraction == 1.0 and status.elapsed > 0
    result = job.result()
    np.testing.assert_array_equal(result.arrays["größe"], image * 2)
    assert result.values["options"] == {"name": "Zoë", "pair": [1, 2]}
    assert "Doubling – läuft" in [message for _, message in told]
    folder = job.folder
    assert folder is not None and folder.is_dir()
    job.cleanup()
    assert not folder.exists() and folder.parent.is_dir()
    assert job.result() is result  # already fetched
    assert dict(os.environ) == before


def test_a_job_gives_bit_for_bit_what_run_here_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FUNCTIONS))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    noise = np.random.default_rng(2).normal(size=(40, 60))
    for image in (noise, np.asfortranarray(noise), noise[::-1, ::2]):
        task = Task("job_functions:spectrum", {"image": image})
        here = run_here(task)
        there = run_job(task, folder=tmp_path, python=sys.executable, search_paths=[FUNCTIONS])
        assert here.values == there.values
        for name, array in here.arrays.items():
            assert array.tobytes("A") == there.arrays[name].tobytes("A"), name
            assert array.flags.f_contiguous == there.arrays[name].flags.f_contiguous


def test_run_job_leaves_nothing_behind(tmp_path: Path) -> None:
    settings = {"folder": tmp_path, "python": sys.executable, "search_paths": [FUNCTIONS]}
    run_job(Task("job_functions:double"), **settings)
    with pytest.raises(BadInput):
        run_job(Task("job_functions:refuse"), **settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("function", "kind", "words"),
    [
        ("refuse", BadInput, "blank – leer. Choose another"),
        ("no_memory", OutOfMemory, "computer ran out"),
        ("no_cuda_memory", OutOfMemory, "graphics card ran out"),
        ("no_package", DependencyMissing, "'a_package_that_nobody_has' is not installed"),
        ("bug", DeepMedError, "KeyError"),
        ("leave", DeepMedError, "SystemExit"),
        ("wrong_type", DeepMedError, "instead of a TaskResult"),
    ],
)
def test_errors_come_back_typed(tmp_path: Path, function: str, kind: type, words: str) -> None:
    job = make_job(function, tmp_path)
    status = finish(job)
    assert status.state == "failed"
    with pytest.raises(DeepMedError, match=words) as caught:
        job.result()
    assert type(caught.value) is kind
    assert status.message == caught.value.message
    if function == "bug":
        assert "Traceback" in status.log_tail and "surprise" in status.log_tail


def test_a_task_that_cancels_itself_is_cancelled(tmp_path: Path) -> None:
    assert finish(make_job("cancelled", tmp_path)).state == "cancelled"


@posix_only
@pytest.mark.parametrize("function", ["busy", "deaf"])
def test_cancel_ends_a_busy_child_and_its_children_within_two_seconds(tmp_path: Path, function: str) -> None:
    pids = tmp_path / "pids"
    job = make_job(function, tmp_path, options={"pids": str(pids)})
    job.start()
    numbers = [int(text) for text in wait_for(pids).split()]
    job.wait(timeout=0.3)
    assert job.poll().state == "running"
    started = time.monotonic()
    status = job.cancel()
    while not all(has_gone(pid) for pid in numbers):
        assert time.monotonic() - started < 2.0
        time.sleep(0.01)
    assert time.monotonic() - started < 2.0
    assert status.state == "cancelled" and job.poll().state == "cancelled"
    with pytest.raises(JobCancelled):
        job.result()
    job.cancel()  # once more does no harm
    job.cleanup()


@posix_only
def test_an_error_in_the_callers_progress_cancels(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    job = make_job("busy", tmp_path, options={"pids": str(pids)})
    job.start()

    def stop(fraction: float, message: str) -> None:
        if message == "Busy":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.wait(stop, timeout=30)
    assert job.poll().state == "cancelled"
    assert has_gone(int(pids.read_text().split()[0]))


def test_a_crash_is_told_with_the_last_words(tmp_path: Path) -> None:
    job = make_job("crash", tmp_path)
    status = finish(job)
    assert status.state == "failed" and "the last words" in status.log_tail
    with pytest.raises(WorkerCrashed, match="code 7"):
        job.result()


@posix_only
def test_a_child_killed_by_the_system_points_to_memory(tmp_path: Path) -> None:
    job = make_job("killed", tmp_path)
    assert finish(job).state == "failed"
    with pytest.raises(WorkerCrashed, match="memory ran out"):
        job.result()


@posix_only
def test_a_silent_child_is_ended_by_the_watchdog(tmp_path: Path) -> None:
    job = make_job("silent", tmp_path, stall_seconds=2.5)
    started = time.monotonic()
    assert finish(job).state == "failed"
    assert 2.5 <= time.monotonic() - started < 10
    with pytest.raises(WorkerStalled, match=r"2\.5 seconds"):
        job.result()


def test_heartbeats_keep_a_quiet_computation_alive(tmp_path: Path) -> None:
    with make_job("sleeping", tmp_path, stall_seconds=2.5) as job:
        job.start()
        assert job.wait(timeout=5).state == "running"


def test_beyond_the_limit_heartbeats_no_longer_count(tmp_path: Path) -> None:
    job = make_job("sleeping", tmp_path, stall_seconds=1.5, limit_seconds=1.0)
    assert finish(job, timeout=15).state == "failed"
    with pytest.raises(WorkerStalled):
        job.result()


def test_beyond_the_limit_progress_still_counts(tmp_path: Path) -> None:
    job = make_job("working", tmp_path, stall_seconds=1.5, limit_seconds=0.0)
    assert finish(job).state == "done"


def test_what_libraries_print_does_not_disturb(tmp_path: Path) -> None:
    job = make_job("chatty", tmp_path)
    status = finish(job)
    assert status.state == "done" and job.result().values == {"fine": True}
    assert "printed by a library" in status.log_tail and "written below Python" in status.log_tail


def test_a_flood_of_progress_is_thinned(tmp_path: Path) -> None:
    job = make_job("flood", tmp_path)
    assert finish(job).state == "done"
    assert job.folder is not None
    lines = (job.folder / "output.txt").read_text().splitlines()
    assert 2 <= len(lines) < 1000
    assert json.loads(lines[-1]) == {"type": "done"}


def test_the_child_gets_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job("threads", tmp_path, threads=3)
    finish(job)
    values = job.result().values
    assert values["omp"] == "3" and int(values["malloc"]) > 0
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # the user's own wish
    job = make_job("threads", tmp_path)
    finish(job)
    assert job.result().values["omp"] == "1"


def test_the_workers_own_folder_is_not_on_the_path(tmp_path: Path) -> None:
    job = make_job("path_entries", tmp_path)
    finish(job)
    path = job.result().values["path"]
    room = Path(job_module.__file__).resolve().parent
    library, above = room.parent, room.parents[1]
    assert not {str(room), str(library)} & set(path)
    assert {str(above), str(FUNCTIONS)} <= set(path)


def test_a_missing_function_or_module_is_a_clear_error(tmp_path: Path) -> None:
    for name in ("job_functions:not_there", "not_there_at_all:run"):
        job = Job(Task(name), tmp_path, sys.executable, [FUNCTIONS])
        finish(job)
        with pytest.raises(DeepMedError, match="cannot be found"):
            job.result()


def test_a_program_that_cannot_start(tmp_path: Path) -> None:
    job = Job(Task("a:b"), tmp_path, str(tmp_path / "no-python"))
    with pytest.raises(DeepMedError, match="could not be started"):
        job.start()
    assert list(tmp_path.iterdir()) == []


def test_python_program_prefers_pythonslicer_and_never_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module.shutil, "which", lambda name: f"/slicer/{name}")
    assert python_program() == "/slicer/PythonSlicer"
    monkeypatch.setattr(job_module.shutil, "which", lambda name: None)
    assert python_program() == sys.executable
    monkeypatch.setattr(job_module.sys, "executable", "")
    with pytest.raises(DependencyMissing, match="PythonSlicer"):
        python_program()


def test_misuse_is_a_runtime_error(tmp_path: Path) -> None:
    job = make_job("sleeping", tmp_path)
    with pytest.raises(RuntimeError, match="not started"):
        job.poll()
    job.start()
    with pytest.raises(RuntimeError, match="only once"):
        job.start()
    with pytest.raises(RuntimeError, match="no result yet"):
        job.result()
    job.cleanup()
    assert job.poll().state == "cancelled"


@posix_only
def test_the_worker_ends_itself_when_its_starter_has_gone(tmp_path: Path) -> None:
    """A middle process starts a job and dies at once without a word."""
    root = Path(job_module.__file__).resolve().parent.parent
    script = tmp_path / "starter.py"
    script.write_text(
        "import os, sys\n"
        f"sys.path[:0] = [{str(root)!r}]\n"
        "from pathlib import Path\n"
        "from DeepMedLib.jobs.job import Job\n"
        "from DeepMedLib.jobs.task import Task\n"
        f"job = Job(Task('job_functions:sleeping'), Path({str(tmp_path / 'jobs')!r}), sys.executable, "
        f"[{str(FUNCTIONS)!r}])\n"
        "job.start()\n"
        "while job.poll().message != 'Waiting': pass\n"
        f"Path({str(tmp_path / 'pid')!r}).write_text(str(job._process.pid))\n"
        "os._exit(0)\n",
        encoding="utf-8",
    )
    os.spawnv(os.P_WAIT, sys.executable, [sys.executable, str(script)])
    pid = int(wait_for(tmp_path / "pid"))
    assert len(list((tmp_path / "jobs").iterdir())) == 1
    deadline = time.monotonic() + 5
    while not has_gone(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert list((tmp_path / "jobs").iterdir()) == []  # its pixels have gone with it
