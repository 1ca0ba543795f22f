"""Runs one job in a process of its own: ``PythonSlicer worker.py JOBFOLDER``.

The job folder holds ``job.json`` ({"search_paths", "threads", "parent"}) and ``task/``. This script writes one JSON
object a line to standard output, {"type": "progress" | "heartbeat" | "error" | "done", ...}, and everything else
to standard error; the starter has turned both into files. ``result/`` appears when it is complete.

Exit codes: 0 done; 2 and 4 as the error's `exit_code`; 5 the starter has gone; 64 wrong call.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

EXIT_ORPHANED = 5
EXIT_USAGE = 64
HEARTBEAT_SECONDS = 1.0
PROGRESS_SECONDS = 0.05


class Lines:
    """Writes JSON lines, each flushed at once, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, kind: str, **content: Any) -> None:
        with self._lock:
            self._stream.write(json.dumps({"type": kind, **content}) + "\n")
            self._stream.flush()


def open_protocol() -> Lines:
    """Takes standard output for the JSON lines and sends whatever libraries print there to standard error."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Lines(stream)


def process_watcher(pid: int) -> Callable[[], bool]:
    """A function that says whether the process ``pid`` still lives."""
    if sys.platform == "win32":
        import ctypes

        synchronize, still_running = 0x00100000, 0x00000102
        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(synchronize, False, pid)
        # Without a handle it has gone already, or may not be watched: then do not end the work for that.
        return lambda: not handle or kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == still_running

    direct = os.getppid() == pid

    def alive() -> bool:
        if direct and os.getppid() != pid:
            return False  # an orphan is given to another parent, also while the old one is not yet reaped
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    return alive


def start_heartbeat(lines: Lines, parent_alive: Callable[[], bool], folder: Path) -> None:
    """A thread that gives a sign of life every second. When the parent has gone it removes the job's folder, which
    nobody else would, and ends this process."""

    def beat() -> None:
        started = time.monotonic()
        while True:
            if not parent_alive():
                print("The program that started this computation has gone.", file=sys.stderr, flush=True)
                shutil.rmtree(folder, ignore_errors=True)
                os._exit(EXIT_ORPHANED)
            try:
                lines.write("heartbeat", seconds=round(time.monotonic() - started, 1))
            except OSError:
                os._exit(EXIT_ORPHANED)  # the folder has gone
            time.sleep(HEARTBEAT_SECONDS)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()


def prepare_imports(search_paths: list[str]) -> None:
    """Makes our packages importable, and takes this script's own folder off the path: it would offer
    ``task``, ``process`` and so on as top-level modules."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != here]
    for entry in reversed([str(here.parents[1]), *search_paths]):
        if entry not in sys.path:
            sys.path.insert(0, entry)


def set_threads(threads: int) -> None:
    """Thread counts of OpenMP, BLAS and ITK; must come before numpy, torch and SimpleITK are imported."""
    for name in (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
    ):
        os.environ[name] = str(threads)


def throttled(lines: Lines) -> Callable[[float, str], None]:
    """Progress that skips lines which come faster than anybody reads, but never a new message or the end."""
    last_time, last_message = 0.0, ""

    def progress(fraction: float, message: str = "") -> None:
        nonlocal last_time, last_message
        now = time.monotonic()
        if now - last_time < PROGRESS_SECONDS and message == last_message and fraction < 1.0:
            return
        last_time, last_message = now, message
        lines.write("progress", fraction=min(max(float(fraction), 0.0), 1.0), message=str(message))

    return progress


def run(folder: Path, lines: Lines) -> int:
    """Computes the task in ``folder`` and returns the exit code."""
    from DeepMedLib.jobs.task import check_result, load_task, resolve_function, save_result, typed_error

    try:
        task = load_task(folder / "task")
        function = resolve_function(task.function)
        save_result(check_result(function(task.arrays, task.options, throttled(lines))), folder / "result")
    except BaseException as error:
        typed = typed_error(error)
        traceback.print_exc()
        lines.write("error", **typed.to_dict())
        return typed.exit_code
    lines.write("done")
    return 0


def main(arguments: list[str]) -> int:
    """The script: one argument, the job folder."""
    if len(arguments) != 1 or not Path(arguments[0], "job.json").is_file():
        print("Usage: worker.py JOBFOLDER", file=sys.stderr)
        return EXIT_USAGE
    folder = Path(arguments[0])
    settings = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    import faulthandler

    faulthandler.enable()
    lines = open_protocol()
    prepare_imports(settings["search_paths"])
    if settings["threads"]:
        set_threads(settings["threads"])
    from DeepMedLib.jobs.process import mark_as_worker

    mark_as_worker()
    tempfile.tempdir = str(folder)  # what the computation leaves there goes with the job
    start_heartbeat(lines, process_watcher(settings["parent"]), folder)
    return run(folder, lines)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    # Not sys.exit: everything is written, and libraries with threads of their own sometimes hang on the way out.
    os._exit(code)
