"""What every module's Logic does: find its models, and run a prepared computation in a child process or here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

from DeepMedLib.job import Job
from DeepMedLib.task import Task, TaskResult, run_here


class Prepared(Protocol):
    """A computation whose input was checked."""

    @property
    def task(self) -> Task: ...


class ModuleLogic(ScriptedLoadableModuleLogic):
    """Base of the modules' Logic classes.

    Args:
        moduleFile: ``__file__`` of the module.

    Attributes:
        runInProcess: compute in this process. The application computes in a child process, so that a crash of torch
            never takes Slicer down; hosts without a user at a window set this to True.
    """

    def __init__(self, moduleFile: str | Path) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self.runInProcess = False
        self._moduleFile = Path(moduleFile)

    def modelsFolder(self) -> Path:
        """Where the shipped bundles lie."""
        return self._moduleFile.parent / "Resources" / f"{self._moduleFile.stem}Models"

    def makeJob(self, preparation: Prepared) -> Job:
        """The computation as a child process, not started yet; `finish` takes its result."""
        folder = self._moduleFile.resolve().parent
        return Job(preparation.task, search_paths=[str(folder), str(folder.parent)])

    def compute(self, preparation: Prepared, onProgress: Callable[[float, str], None] | None = None) -> TaskResult:
        """Run a prepared computation to its end; `finish` takes the result.

        :raises DeepMedError: the computation failed.
        """
        if self.runInProcess:
            return run_here(preparation.task, onProgress)
        with self.makeJob(preparation) as job:
            job.start()
            job.wait(onProgress)
            return job.result()


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Log when `what` starts, and when it is done after how many seconds; what fails is not done."""
    started = time.monotonic()
    logging.info(f"{what} started")
    yield
    logging.info(f"{what} completed in {time.monotonic() - started:.1f} s")
