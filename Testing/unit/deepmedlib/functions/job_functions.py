"""Task functions for the tests of task, worker and job; the child process imports them by this file's name."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput, JobCancelled
from DeepMedLib.jobs.task import TaskResult


def double(arrays, options, progress):
    progress(0.25, "Doubling – läuft")
    doubled = {name: array * 2 for name, array in arrays.items()}
    return TaskResult(doubled, {"options": options, "total": np.float64(sum(a.sum() for a in arrays.values()))})


def spectrum(arrays, options, progress):
    """Floating-point work whose last bits depend on memory order and summation order."""
    image = arrays["image"]
    image += 0.1  # its own copy
    values = {"sum": float(image.sum()), "norm": float(np.linalg.norm(image @ image.T))}
    return TaskResult({"spectrum": np.abs(np.fft.fft2(image)), "image": image}, values)


def busy(arrays, options, progress):
    """Never ends, holds the interpreter, and starts a child of its own."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    Path(options["pids"]).write_text(f"{os.getpid()} {child.pid}")
    progress(0.5, "Busy")
    while True:
        pass


def deaf(arrays, options, progress):
    """As `busy`, and does not heed requests to end."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    busy(arrays, options, progress)


def silent(arrays, options, progress):
    """Not even a heartbeat: stops its own process."""
    import signal

    progress(0.1, "About to stop")
    os.kill(os.getpid(), signal.SIGSTOP)


def sleeping(arrays, options, progress):
    """Lives, but gets nowhere."""
    progress(0.1, "Waiting")
    time.sleep(120)


def working(arrays, options, progress):
    """Progress for two seconds."""
    for step in range(20):
        progress(step / 20, f"Step {step}")
        time.sleep(0.1)
    return TaskResult(values={"steps": 20})


def crash(arrays, options, progress):
    print("the last words", file=sys.stderr, flush=True)
    os._exit(7)


def killed(arrays, options, progress):
    os.kill(os.getpid(), 9)


def refuse(arrays, options, progress):
    raise BadInput("The picture is blank – leer.", "Choose another.")


def no_memory(arrays, options, progress):
    raise MemoryError


def no_cuda_memory(arrays, options, progress):
    raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")


def no_package(arrays, options, progress):
    import a_package_that_nobody_has.inside  # noqa: F401


def bug(arrays, options, progress):
    raise KeyError("surprise")


def leave(arrays, options, progress):
    sys.exit(0)


def cancelled(arrays, options, progress):
    raise JobCancelled("The computation was cancelled.")


def wrong_type(arrays, options, progress):
    return {"a": 1}


def chatty(arrays, options, progress):
    """Writes into standard output on every level, as libraries do."""
    print("printed by a library")
    print('{"type": "done"}', flush=True)
    os.write(1, b"written below Python\n")
    return TaskResult(values={"fine": True})


def flood(arrays, options, progress):
    for step in range(200_000):
        progress(step / 200_000, "Many")
    return TaskResult()


def threads(arrays, options, progress):
    return TaskResult(values={"omp": os.environ["OMP_NUM_THREADS"], "malloc": os.environ["MALLOC_TRIM_THRESHOLD_"]})


def path_entries(arrays, options, progress):
    return TaskResult(values={"path": sys.path})
