"""Starts a child process without pipes, and ends it with all that it started, on Linux, macOS and Windows."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

_WORKER = "DEEPMED_WORKER"

# Keeps freed memory in the process: glibc would give it back and fault it in again for every layer of a network.
MALLOC_SETTINGS = {
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "2147483648",
    "MALLOC_TOP_PAD_": "67108864",
}


class ProcessProtocol(Protocol):
    """What a job needs of a child process; `ChildProcess` is the real one."""

    @property
    def pid(self) -> int:
        """Process id."""

    def poll(self) -> int | None:
        """Exit code, or None while it runs."""

    def wait(self, timeout: float) -> bool:
        """Waits at most ``timeout`` seconds and says whether the process has ended."""

    def terminate(self) -> None:
        """Asks the process and its children to end; does nothing when they have."""

    def kill(self) -> None:
        """Ends the process and its children at once; does nothing when they have ended."""


ProcessFactory = Callable[[Sequence[str], Mapping[str, str], Path, Path], ProcessProtocol]
"""Called with command, environment, file for standard output, file for standard error."""


class ChildProcess:
    """A child in a process group of its own, its output going to files.

    Files rather than pipes: nobody has to read them while the main thread is busy, and they cannot fill up.

    Raises:
        OSError: the program cannot be started.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], output: Path, log: Path) -> None:
        with open(output, "wb") as output_stream, open(log, "wb") as log_stream:
            # A group of its own: what a launcher starts is ended with it.
            alone: dict[str, Any] = {"start_new_session": True}
            if sys.platform == "win32":
                alone = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output_stream,
                stderr=log_stream,
                env=dict(environment),
                **alone,
            )

    @property
    def pid(self) -> int:
        """Process id; on Linux and macOS also the id of the group."""
        return self._process.pid

    def poll(self) -> int | None:
        """Exit code (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float) -> bool:
        """Waits at most ``timeout`` seconds and says whether the process has ended."""
        deadline = time.monotonic() + timeout
        while self._process.poll() is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def terminate(self) -> None:
        """SIGTERM to the group. On Windows there is no such request to a process without window: it is ended."""
        if sys.platform == "win32":
            self.kill()
        else:
            self._signal_group(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the whole group, also what a launcher such as PythonSlicer has started and left behind."""
        if sys.platform == "win32":
            if self._process.poll() is None:
                # The tree first: children of a process that has ended can no longer be found.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    subprocess.run(
                        ["taskkill", "/PID", str(self.pid), "/T", "/F"],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        creationflags=subprocess.CREATE_NO_WINDOW,
                        check=False,
                        timeout=1.5,
                    )
                self._process.kill()
        else:
            self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: int) -> None:
        if sys.platform != "win32":
            # Nobody may be left in the group; macOS says that with PermissionError.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def mark_as_worker() -> None:
    """Says that this process runs one job and then ends; for the worker's script."""
    os.environ[_WORKER] = str(os.getpid())


def is_worker() -> bool:
    """Whether this process runs one job and then ends; its own children do not count."""
    return os.environ.get(_WORKER) == str(os.getpid())


def process_lives(pid: int) -> bool:
    """Whether there is a process of this id on this computer; True where that cannot be told."""
    if sys.platform == "win32":
        import ctypes

        query_limited, no_such_process = 0x1000, 87
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(query_limited, False, pid)
        if not handle:
            return ctypes.get_last_error() != no_such_process
        code = ctypes.c_ulong()
        known = kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        kernel.CloseHandle(ctypes.c_void_p(handle))
        still_active = 259
        return not known or code.value == still_active
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def child_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a computing child: a copy of ``base`` (by default this process's own) and our settings."""
    environment = dict(os.environ if base is None else base)
    environment.update(MALLOC_SETTINGS)
    environment.update(PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8", PYTHONDONTWRITEBYTECODE="1")
    return environment
