"""Jobs whose process the test plays: pieces of lines, late words, cancel, a sleeping computer."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from DeepMedLib.errors import BadInput, DeepMedError, DiskRefused, WorkerCrashed, WorkerStalled
from DeepMedLib.jobs import job as job_module
from DeepMedLib.jobs import tail as tail_module
from DeepMedLib.jobs.job import Job
from DeepMedLib.jobs.task import Task


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


@pytest.mark.parametrize(
    "line",
    [
        b'{"type": "progress"}',
        b'{"type": "progress", "fraction": "half", "message": ""}',
        b'{"type": "progress", "fraction": true, "message": ""}',
        b'{"type": "progress", "fraction": NaN, "message": ""}',
        b'{"type": "progress", "fraction": 1.01, "message": ""}',
        b'{"type": "progress", "fraction": -0.01, "message": ""}',
        b'{"type": "progress", "fraction": 0.5, "message": {"a": []}}',
    ],
)
def test_a_malformed_message_ends_the_job_typed(tmp_path: Path, line: bytes) -> None:
    job, process = played_job(tmp_path)
    process.write(line + b"\n")
    status = job.poll()
    assert status.state == "failed" and "no message" in status.message
    assert isinstance(job.error, WorkerCrashed) and process.ends == ["kill"]


@pytest.mark.parametrize("fraction", ["0", "1", "0.25"])
def test_the_ends_of_progress_are_messages(tmp_path: Path, fraction: str) -> None:
    job, process = played_job(tmp_path)
    process.write(f'{{"type": "progress", "fraction": {fraction}, "message": "a"}}\n'.encode())
    assert job.poll().state == "running" and job.poll().fraction == float(fraction)


@pytest.mark.parametrize("code", ['["x"]', "7", "null", '"unheard of"'])
def test_an_error_of_an_unknown_kind_is_an_error(tmp_path: Path, code: str) -> None:
    job, process = played_job(tmp_path)
    process.write(f'{{"type": "error", "code": {code}, "message": ["a"], "remedy": 3}}\n'.encode())
    assert job.poll().state == "failed"
    assert type(job.error) is DeepMedError and job.error.message == "['a']"


def test_lines_that_are_no_json_are_passed_over(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    process.write(b"[" * 100_000 + b"\n" + b"\xff\xfe\n" + b"{}\n" + b'{"type": []}\n')
    assert job.poll().state == "running"


def test_an_endless_line_ends_the_job_typed(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    process.write(b"x" * tail_module.LONGEST_LINE)
    assert job.poll().state == "running"
    process.write(b"x")
    assert job.poll().state == "failed"
    assert isinstance(job.error, WorkerCrashed) and process.ends == ["kill"]


def test_a_flood_of_lines_ends_the_job_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail_module, "MOST_AT_ONCE", 1000)
    job, process = played_job(tmp_path)
    process.write((b"x" * 99 + b"\n") * 10)
    assert job.poll().state == "running"
    process.write((b"x" * 99 + b"\n") * 10 + b"\n")
    assert job.poll().state == "failed" and isinstance(job.error, WorkerCrashed)


def test_a_result_that_is_none_is_refused_typed(tmp_path: Path) -> None:
    job, process = played_job(tmp_path)
    assert job.folder is not None
    (job.folder / "result").mkdir()
    (job.folder / "result" / "arrays.npz").write_bytes(b"PK")
    (job.folder / "result" / "record.json").write_text('{"arrays": 3}')
    process.write(b'{"type": "done"}\n')
    assert job.poll().state == "done"
    with pytest.raises(BadInput, match="cannot be read"):
        job.result()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_the_job_is_told_so(tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_settings: object) -> None:
        raise OSError(code, os.strerror(code), str(tmp_path))

    monkeypatch.setattr(job_module, "save_task", refuse)
    with pytest.raises(DiskRefused, match=str(tmp_path)):
        played_job(tmp_path / "jobs")
    assert list((tmp_path / "jobs").iterdir()) == []
