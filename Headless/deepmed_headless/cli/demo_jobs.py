"""What the demos of all modules share: each job goes through its module's command, and its files go on the page."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from deepmed_headless.cli.demo import DemoRun, Shown
from deepmed_headless.cli.folder import result_folder, write_result
from deepmed_headless.cli.inputs import Case, with_different_stems

if TYPE_CHECKING:
    from deepmed_headless.cli.batch import Outcome
    from deepmed_headless.cli.screen import Step

VIEWS = "views.png"
_FROM_INFERIOR = 4  # ctkAxesWidget


class DemoJob(Protocol):
    """A file to go through, and its words on the page."""

    @property
    def path(self) -> Path: ...
    @property
    def title(self) -> str: ...
    @property
    def subtitle(self) -> str: ...


Job = TypeVar("Job", bound=DemoJob)


@dataclass(frozen=True)
class Finished:
    """A job that went through.

    Attributes:
        base: its folder, relative to the page.
        files: names of what lies there.
    """

    outcome: Outcome
    base: str
    files: frozenset[str]
    seconds: float

    @property
    def record(self) -> dict[str, Any]:
        """result.json."""
        return self.outcome.record

    @property
    def overlay(self) -> str:
        """The overlay, relative to the page."""
        return f"{self.base}/overlay.png"

    @property
    def views(self) -> str:
        """The four views, relative to the page; empty when nobody took them."""
        return f"{self.base}/{VIEWS}" if VIEWS in self.files else ""

    def links(self, known: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """(label, path) of those of `known` that were written."""
        return [(label, f"{self.base}/{name}") for label, name in known if name in self.files]

    def abstained(self) -> list[str]:
        """Why there is no result, as a list of at most one sentence."""
        return [] if self.record["status"] == "done" else [self.outcome.line]


def run_jobs(
    demo: DemoRun,
    name: str,
    jobs: Sequence[Job],
    work: Callable[[Job, Case, Step, Path], Outcome],
    show: Callable[[Job, Finished], Shown],
) -> list[Shown]:
    """Each job through the code of its command; one that fails says why on the page.

    Args:
        name: folder of the results.
        work: writes a job's files into a folder.
        show: how it looks on the page.
    """
    out = demo.out / name
    out.mkdir(exist_ok=True)
    shown = []
    cases = with_different_stems([Case(job.path, job.path.name.split(".")[0]) for job in jobs])
    with demo.screen.bar("demo", len(jobs)) as bar:
        for job, case in zip(jobs, cases, strict=True):
            step = bar.start(job.title)
            try:
                shown.append(show(job, finished(out, case, partial(work, job, case, step))))
            except Exception as error:
                shown.append(failed(job.title, job.subtitle, error))
            bar.done()
    return shown


def finished(out: Path, case: Case, work: Callable[[Path], Outcome]) -> Finished:
    """Does one piece of work in a folder of its own below `out`, which lies beside the page."""
    start = time.perf_counter()
    with result_folder(out, case.stem) as folder:
        outcome = work(folder)
        record = write_result(folder, outcome.record)
    return Finished(outcome, f"{out.name}/{case.stem}", frozenset(record["files"]), time.perf_counter() - start)


def failed(title: str, subtitle: str, error: Exception) -> Shown:
    """The place on the page of what did not go through; call it where the error was caught."""
    from DeepMedLib.task import typed_error

    traceback.print_exception(error)
    return Shown(title, subtitle, "failed", failure=str(typed_error(error)))


def input_link(path: Path) -> list[tuple[str, str]]:
    """A link to a generated input, none to one that lies elsewhere."""
    return [("Input", f"inputs/{path.name}")] if path.parent.name == "inputs" else []


def photograph(nodes: Any, folder: Path) -> None:
    """The four views of the headless host with the result in them."""
    import slicer
    import slicer.util

    layout = slicer.app.layoutManager()
    slicer.util.setSliceViewerLayers(background=nodes.volume, fit=True)
    layout.resetSliceViews()
    red = slicer.mrmlScene.GetSingletonNode("Red", "vtkMRMLSliceNode")
    red.SetSliceVisible(True)
    layout.threeDWidget(0).threeDView().lookFromAxis(_FROM_INFERIOR)  # the picture lies in an axial plane
    layout.four_up(folder / VIEWS)
    red.SetSliceVisible(False)
