"""What every module's Logic does: find its models, compute, put results into the scene, and write their files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.job import Job
from DeepMedLib.jobs.task import Task, TaskResult, run_here
from DeepMedLib.mrml.results.resultFiles import writeFiles, writeReport
from DeepMedLib.mrml.results.resultNodes import AnyNodes, ResultKind
from DeepMedLib.options import Option
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import Result


@dataclass(frozen=True)
class Preparation:
    """A checked input and the computation it needs.

    Attributes:
        volume: the scan or picture.
        task: what to compute.
        inputs: what else the result rests on, by role; a segmentation, say.
        extra: what else `ModuleLogic.toResult` and `ModuleLogic.writeNodes` need.
    """

    volume: slicer.vtkMRMLVolumeNode
    task: Task
    inputs: Mapping[str, slicer.vtkMRMLNode] = field(default_factory=dict)
    extra: Any = None


class ModuleLogic(ScriptedLoadableModuleLogic):
    """Base of the modules' Logic classes.

    A module gives `results`, `options` and ``files``, and overrides `prepare`, `toResult`, `writeNodes`,
    `pictureOf` and `reportOf`. The panel, scripts and the command line then use `process` (or `prepare`, `makeJob`,
    `finish`), `readResult`, `exportReport` and `exportFiles`.

    Args:
        moduleFile: ``__file__`` of the module.

    Attributes:
        results: what the module's results are in the scene.
        options: every option of the computation, declared once.
        files: file name of a node's role, or of a group of roles (see `ResultNodes.group`), e.g.
            ``{"masks": "lungs.seg.nrrd", "curve": "outlines.mrk.json"}``.
        runInProcess: compute in this process. The application computes in a child process, so that a crash of torch
            never takes Slicer down; hosts without a user at a window set this to True.
    """

    results: ClassVar[ResultKind[Any]]
    options: ClassVar[tuple[Option, ...]] = ()
    files: ClassVar[Mapping[str, str]] = {}

    def __init__(self, moduleFile: str | Path) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self.runInProcess = False
        self._moduleFile = Path(moduleFile)

    def modelsFolder(self) -> Path:
        """Where the shipped bundles lie."""
        return self._moduleFile.parent / "Resources" / f"{self._moduleFile.stem}Models"

    # What a module gives.

    def prepare(self, *inputs: Any, **options: Any) -> Preparation:
        """Check the inputs (the volume first) and the options and describe the computation.

        :raises BadInput: the input or an option cannot be used.
        """
        raise NotImplementedError

    def toResult(self, preparation: Preparation, computed: TaskResult) -> Result:
        """The result that the task's values describe, its provenance included; the scene is not touched.

        :raises BadInput: what was found contradicts what the input states.
        """
        raise NotImplementedError

    def writeNodes(
        self, preparation: Preparation, result: Result, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Make the nodes of a fresh result and return them by role; nothing where there is nothing to show.

        Names, provenance, folder and references are the caller's; on an error it removes what was made.
        """
        raise NotImplementedError

    def pictureOf(self, nodes: AnyNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: the input with the result drawn on it, from the pixels of the node; None when it has gone.

        :param largest: pixels of its height and width at most; None for the picture of files and reports.
        """
        raise NotImplementedError

    def morePictures(self, nodes: AnyNodes) -> Mapping[str, np.ndarray]:
        """Further pictures of the report, by name; each becomes ``<name>.png`` among the files."""
        return {}

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """The result as a report.

        :param pictures: (H, W, 3) uint8 by name: "overlay", and those of `morePictures`.
        """
        raise NotImplementedError

    def filesOf(self, nodes: AnyNodes) -> Mapping[str, str]:
        """`files` of this result; override where not every result may have its nodes in files of their own."""
        return self.files

    def exportMore(self, nodes: AnyNodes, folder: Path) -> list[Path]:
        """Write the files that only this module has, such as DICOM where the input was DICOM."""
        return []

    # What every module has.

    def process(self, *inputs: Any, onProgress: Callable[[float, str], None] | None = None, **options: Any) -> Any:
        """Compute, and put the result into the scene; returns when done.

        :param inputs: as `prepare` takes them.
        :param onProgress: called with the fraction done and what is being done.
        :param options: as `prepare` takes them.
        :raises DeepMedError: bad input, or the computation failed; the scene stays as it was.
        """
        with timed(f"{self._moduleFile.stem}: processing"):
            preparation = self.prepare(*inputs, **options)
            return self.finish(preparation, self.compute(preparation, onProgress))

    def makeJob(self, preparation: Preparation) -> Job:
        """The computation as a child process, not started yet; `finish` takes its result."""
        folder = self._moduleFile.resolve().parent
        return Job(preparation.task, search_paths=[str(folder), str(folder.parent)])

    def compute(self, preparation: Preparation, onProgress: Callable[[float, str], None] | None = None) -> TaskResult:
        """Run a prepared computation to its end; `finish` takes the result.

        :raises DeepMedError: the computation failed.
        """
        if self.runInProcess:
            return run_here(preparation.task, onProgress)
        with self.makeJob(preparation) as job:
            job.start()
            job.wait(onProgress)
            return job.result()

    def finish(self, preparation: Preparation, computed: TaskResult) -> Any:
        """Turn what was computed into nodes; on an error the scene stays as it was.

        :raises BadInput: an input was removed meanwhile.
        """
        for node in (preparation.volume, *preparation.inputs.values()):
            if node.GetScene() is None:
                raise BadInput(f"{node.GetName()} was removed during the computation.", "Load it again.")
        result = self.toResult(preparation, computed)
        return self.results.write(
            result,
            preparation.volume,
            lambda: self.writeNodes(preparation, result, computed),
            preparation.inputs,
        )

    def readResult(self, node: slicer.vtkMRMLNode | None) -> AnyNodes | None:
        """The result that a node carries or belongs to, e.g. in a scene that was loaded; None for any other node."""
        return self.results.read(node)

    def exportReport(self, nodes: Any, folder: str | Path) -> list[Path]:
        """Write report.html and report.pdf; the folder is made when absent.

        :raises DeepMedError: the input has gone, a package is missing, or the folder cannot be written.
        """
        return writeReport(self._report(nodes, self._pictures(nodes)), Path(folder))

    def exportFiles(self, nodes: Any, folder: str | Path) -> list[Path]:
        """Write every file of a result: pictures, report, tables, nodes, and what only this module has.

        :raises DeepMedError: the input has gone, a package is missing, or the folder cannot be written.
        """
        pictures, folder = self._pictures(nodes), Path(folder).absolute()
        written = writeReport(self._report(nodes, pictures), folder)
        return written + writeFiles(nodes, pictures, self.filesOf(nodes), folder) + self.exportMore(nodes, folder)

    def _report(self, nodes: AnyNodes, pictures: Mapping[str, np.ndarray]) -> Report:
        report, change = self.reportOf(nodes.result, pictures), nodes.change()
        return replace(report, warnings=(change, *report.warnings)) if change else report

    def _pictures(self, nodes: AnyNodes) -> dict[str, np.ndarray]:
        overlay = self.pictureOf(nodes)
        if overlay is None:
            raise BadInput("The input of this result has gone.", "Load it again and compute anew.")
        return {"overlay": overlay, **self.morePictures(nodes)}


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Log when `what` starts, and when it is done after how many seconds; what fails is not done."""
    started = time.monotonic()
    logging.info(f"{what} started")
    yield
    logging.info(f"{what} completed in {time.monotonic() - started:.1f} s")
