"""Each input of a demo goes through its module's command, and what was written goes on the page."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from deepmed_headless.cli.demo.declaration import REAL, Demo, DemoJob, DemoRun, DemoSection, Section, Shown
from deepmed_headless.cli.demo.numbers import Number
from deepmed_headless.cli.files.folder import result_folder, write_result
from deepmed_headless.cli.files.inputs import Case, with_different_stems
from deepmed_headless.cli.run.runner import Worker, with_values
from deepmed_headless.cli.terminal.screen import Step

VIEWS = "views.png"
_FROM_INFERIOR = 4  # ctkAxesWidget
_SENTENCES = 8  # of one input on the page
#: What is offered to be opened, with its name there; any other file is offered under its own.
_LABELS = {
    "report.html": "Report (HTML)",
    "report.pdf": "Report (PDF)",
    "report.dcm": "DICOM SR",
    "segmentation.dcm": "DICOM SEG",
    "scene.mrb": "Scene for 3D Slicer",
}
_SHOWN_ALREADY = ("overlay.png", VIEWS)


def run_demo(demo: Demo, run: DemoRun) -> list[Section]:
    """All sections of a module; with `--data` those of real inputs as well.

    Raises:
        BadInput: `--data` holds none of the module's inputs.
    """
    from DeepMedLib.errors import BadInput

    run.inputs.mkdir(exist_ok=True)
    wanted = [s for s in demo.sections if (s.kind != REAL or run.data is not None) and (s.short or not run.short)]
    found = [(section, list(islice(section.jobs(run), section.short if run.short else None))) for section in wanted]
    real = [jobs for section, jobs in found if section.kind == REAL]
    if real and not any(real):
        raise BadInput(f"There is nothing for deepmed {demo.command.name} in {run.data}.", "Leave out --data.")
    return [_section(demo, run, section, jobs) for section, jobs in found if jobs]


def _section(demo: Demo, run: DemoRun, section: DemoSection, jobs: list[DemoJob]) -> Section:
    out = run.out / demo.command.name
    out.mkdir(exist_ok=True)
    worker: Worker | None = None
    shown: dict[int, list[Shown]] = {}  # by job; a whole is made after its parts, and stands before them
    pairs = [(job, case) for job in jobs for case in _cases(demo, run, job)]
    cases = with_different_stems([case for _, case in pairs])
    with run.screen.bar("demo", len(pairs)) as bar:
        for (job, _), case in zip(pairs, cases, strict=True):
            title = f"{job.title}: {case.stem.replace('_', ' ')}" if case.is_part else job.title
            step = bar.start(title)
            try:
                worker = worker or Worker(demo.command, photograph if demo.photographed else None)
                made = _through(demo, job, title, case, worker, out, step)
            except Exception as error:
                made = _failed(job, title, error)
            of_job = shown.setdefault(id(job), [])
            of_job.insert(0 if case.parts else len(of_job), made)
            bar.done()
    in_order = [made for of_job in shown.values() for made in of_job]
    return Section(section.title, section.kind, section.text, section.columns, in_order, section.unit)


def _cases(demo: Demo, run: DemoRun, job: DemoJob) -> list[Case]:
    """The inputs that a job means; of a folder that is one whole, its parts first."""
    device = {"device": run.device} if any(option.name == "device" for option in demo.command.options) else {}
    values = demo.command.values(**device, **job.values)
    cases = [Case(job.path, job.path.name.split(".")[0])]
    if job.path.is_dir():
        cases = demo.command.cases_of_folder(job.path, demo.command.check(values))
    return [with_values(case, demo.command, values, {}) for case in cases]


def _through(demo: Demo, job: DemoJob, title: str, case: Case, worker: Worker, out: Path, step: Step) -> Shown:
    start = time.perf_counter()
    with result_folder(out, case.stem) as folder:
        outcome = worker.work(case, folder, step)
        record = write_result(folder, outcome.record)
    seconds = time.perf_counter() - start
    base, files = f"{out.name}/{case.stem}", record["files"]
    numbers = [_beside_truth(number, job.truth) for number in demo.numbers(record)]
    done = record["status"] == "done"
    sentences = [outcome.line[:1].upper() + outcome.line[1:], *job.remarks(record), *_remarks(record)]
    return Shown(
        title,
        job.subtitle,
        "done" if done or numbers else record["status"],
        numbers,
        f"{base}/overlay.png",
        f"{base}/{VIEWS}" if VIEWS in files else "",
        _input_link(job.path) + _links(base, files),
        list(dict.fromkeys(sentences))[:_SENTENCES],
        seconds=seconds,
    )


def _beside_truth(number: Number, truth: Mapping[str, float]) -> Number:
    # A length in pixels has no truth to stand beside.
    return number if number.unit == "px" else replace(number, truth=truth.get(number.name))


def _remarks(record: Mapping[str, Any]) -> list[str]:
    return [str(sentence) for name in ("remarks", "warnings", "quality") for sentence in record.get(name, ())]


def _links(base: str, files: list[str]) -> list[tuple[str, str]]:
    named = [name for name in _LABELS if name in files]
    others = [name for name in files if name not in _LABELS and name not in _SHOWN_ALREADY]
    return [(_LABELS.get(name, name), f"{base}/{name}") for name in (*named, *others)]


def _input_link(path: Path) -> list[tuple[str, str]]:
    """A link to a generated input, none to one that lies elsewhere."""
    return [("Input", f"inputs/{path.name}")] if path.parent.name == "inputs" and path.is_file() else []


def _failed(job: DemoJob, title: str, error: Exception) -> Shown:
    """The place on the page of what did not go through."""
    from DeepMedLib.jobs.task import typed_error

    traceback.print_exception(error)
    return Shown(title, job.subtitle, "failed", failure=str(typed_error(error)))


def photograph(nodes: Any, folder: Path) -> None:
    """The four views of the headless host with the result in them."""
    import slicer
    import slicer.util

    if getattr(nodes, "volume", None) is None:
        return
    layout = slicer.app.layoutManager()
    slicer.util.setSliceViewerLayers(background=nodes.volume, fit=True)
    layout.resetSliceViews()
    red = slicer.mrmlScene.GetSingletonNode("Red", "vtkMRMLSliceNode")
    red.SetSliceVisible(True)
    layout.threeDWidget(0).threeDView().lookFromAxis(_FROM_INFERIOR)  # the picture lies in an axial plane
    layout.four_up(folder / VIEWS)
    red.SetSliceVisible(False)
