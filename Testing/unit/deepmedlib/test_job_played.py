"""Jobs whose process the test plays: pieces of lines, late words, cancel, a sleeping computer."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from DeepMedLib import job as job_module
from DeepMedLib.errors import BadInput, WorkerCrashed, WorkerStalled
from DeepMedLib.job import Job
from DeepMedLib.task import Task


class FakeProcess:
    """A process that the test plays."""

    pid = 4711

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], output: Path, log: Path) -> None:
        self.command, self.environment, self.output, self.log = list(command), environment, output, log
        self.code: int | None = None
        self.ends: list[str] = []
        output.touch()
        log.touch()

    def poll(self) -> int | None:
        return self.code

    def wait(self, timeout: float) -> bool:
        return self.code is not None

    def terminate(self) -> None:
        self.ends.append("terminate")

    def kill(self) -> None:
        self.ends.append("kill")
        self.code = -9

    def write(self, data: bytes) -> None:
        with open(self.output, "ab") as stream:
            stream.write(data)


def played_job(tmp_path: Path, **settings) -> tuple[Job, FakeProcess]:
    made: list[FakeProcess] = []

    def start(*arguments) -> FakeProcess:
        made.append(FakeProcess(*arguments))
        return made[0]

    job = Job(Task("a:b"), tmp_path, "the-python", start_process=start, **settings)
    job.start()
    return job, made[0]


def test_a_line_may_arrive_in_pieces(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    line = '{"type": "progress", "fraction": 0.5, "message": "größer"}\n'.encode()
    cut = line.index("ö".encode()) + 1  # inside a character
    process.write(line[:cut])
    assert job.poll().fraction == 0.0
    process.write(line[cut:] + b"not json\r\n[1]\n")
    status = job.poll()
    assert (status.state, status.fraction, status.message) == ("running", 0.5, "größer")


def test_the_command_and_environment_of_the_child(tmp_path: Path) -> None:
    _, process = played_job(tmp_path)
    assert process.command[0] == "the-python" and Path(process.command[1]).name == "worker.py"
    assert Path(process.command[1]).is_absolute() and Path(process.command[2]).is_dir()
    assert process.environment["PYTHONUNBUFFERED"] == "1"
    assert "MALLOC_MMAP_THRESHOLD_" in process.environment and "MALLOC_MMAP_THRESHOLD_" not in os.environ


def test_what_was_written_just_before_the_end_counts(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    process.write(b'{"type": "error", "code": "bad-input", "message": "No.", "remedy": "Yes."}\n')
    process.code = 2
    assert job.poll().state == "failed"
    assert isinstance(job.error, BadInput)


def test_done_is_believed_though_the_process_hangs_at_its_end(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    process.write(b'{"type": "done"}\n')
    assert job.poll().state == "done"
    assert process.ends == ["kill"]


def test_exit_zero_without_a_word_is_a_crash(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    process.code = 0
    assert job.poll().state == "failed"
    assert isinstance(job.error, WorkerCrashed)


def test_cancel_asks_before_it_kills(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    job.cancel()
    assert process.ends == ["terminate", "kill"]


def test_a_sleeping_computer_is_not_a_stalled_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = played_job(tmp_path, stall_seconds=60)
    now = time.monotonic()
    monkeypatch.setattr(job_module.time, "monotonic", lambda: now + 3600)
    assert job.poll().state == "running"
    for second in range(1, 70):
        monkeypatch.setattr(job_module.time, "monotonic", lambda second=second: now + 3600 + second)
        job.poll()
    assert job.poll().state == "failed"
    assert isinstance(job.error, WorkerStalled)
