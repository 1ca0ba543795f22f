"""The one way of every module's command: clear, load, process, export, record, clear; one input after another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.folder import output_folder, result_folder, write_result
from deepmed_headless.cli.files.inputs import Case, Refused, expand
from deepmed_headless.cli.files.scene_files import save_scene
from deepmed_headless.cli.files.summary import Summary
from deepmed_headless.cli.files.table import read_input_table
from deepmed_headless.cli.run.declaration import Computed, ModuleCommand, Progress, Values
from deepmed_headless.cli.run.modules import load_logic
from deepmed_headless.cli.terminal.command import ABSTAINED, DONE, report_error
from deepmed_headless.cli.terminal.screen import Screen, Step

USERS_LOG = "DeepMed"
"""Logger of what a user must hear, see `DeepMedLib.mrml.results.documents`."""

AfterFiles = Callable[[Any, Path], None]
"""Called with the Logic's nodes and the folder while the scene is still there."""


@dataclass(frozen=True)
class Outcome:
    """What came out of one input.

    Attributes:
        record: the content of result.json, without its list of files.
        exit_code: 0 done, 3 abstained.
        line: one line for people.
        numbers: the main ones, for summary.csv.
    """

    record: dict[str, Any]
    exit_code: int
    line: str
    numbers: Mapping[str, Any]


class Worker:
    """A command with its module's Logic in the headless host; works on one input after another.

    Args:
        after_files: for what a caller wants of the scene beside the contract's files.
    """

    def __init__(self, command: ModuleCommand, after_files: AfterFiles | None = None) -> None:
        self.command = command
        self._after_files = after_files
        self._logic = load_logic(command.module)
        self._computed: Computed = {}

    def work(self, case: Case, folder: Path, step: Step) -> Outcome:
        """Measures an input and writes everything but result.json into `folder`.

        Raises:
            DeepMedError: what the module's Logic says.
        """
        import slicer

        folder = folder.absolute()  # MRML takes a relative file name as relative to the scene's folder, not to ours
        slicer.mrmlScene.Clear(False)
        try:
            step(0.02, "reading")
            nodes = self._nodes(case, lambda done, what: step(0.05 + 0.75 * done, what))
            step(0.8, "writing")
            self._logic.exportFiles(nodes, folder)
            record = {"command": self.command.name, **nodes.result.to_json(), "path": str(case.path)}
            if self.command.extra is not None:
                record.update(self.command.extra(self._logic, case, nodes, folder))
            save_scene(nodes, folder / "scene.mrb")
            if self._after_files is not None:
                self._after_files(nodes, folder)
            result = nodes.result
            done = result.status() == "done" or case.is_part
            return Outcome(record, DONE if done else ABSTAINED, result.headline(), result.summary())
        finally:
            slicer.mrmlScene.Clear(False)

    def _nodes(self, case: Case, progress: Progress) -> Any:
        """What the command makes of a case; how a part failed is kept for the whole."""
        from DeepMedLib.jobs.task import typed_error

        try:
            return self.command.nodes(self._logic, case, progress, self._computed)
        except Exception as error:
            if case.is_part:
                self._computed[case.key] = typed_error(error)
            raise


def run(
    screen: Screen, command: ModuleCommand, inputs: Sequence[Path], out: Path, values: Values, table: Path | None = None
) -> int:
    """Runs a command on all inputs and writes ``out/<stem>/`` and ``out/summary.csv``; returns the highest exit code.

    With `--json` each input gives one line: its result.json, or ``{"status": "failed", "error": ...}``.

    Raises:
        BadInput: an option or the table that no input could be worked on with, or an output folder that cannot be used.
    """
    checked = command.check(values)
    rows = read_input_table(table, command.all_options) if table is not None else None
    cases, refused = expand(inputs, lambda folder: command.cases_of_folder(folder, checked))
    _refuse_shared(command, values, cases)
    by_path: Mapping[Path, Values] = {}
    if rows is not None:
        by_path, notes = rows.values_for(_leaves(cases))
        for note in notes:
            screen.note(note)
    cases = [with_values(case, command, values, by_path) for case in cases]
    with output_folder(out):
        summary = Summary(command.summary)
        code = max([0, *(_failed(screen, command, summary, item) for item in refused)])
        try:
            return max(code, _run_cases(screen, command, cases, out, summary))
        finally:
            summary.write(out)


def _run_cases(screen: Screen, command: ModuleCommand, cases: Sequence[Case], out: Path, summary: Summary) -> int:
    code = DONE
    if not cases:
        return code
    worker = Worker(command)
    with screen.bar(command.name, len(cases)) as bar:
        for case in cases:
            step = bar.start(case.path.name)
            try:
                with result_folder(out, case.stem) as folder, _warnings_said(screen, case.path.name):
                    outcome = worker.work(case, folder, step)
                    record = write_result(folder, outcome.record)
            except Exception as error:
                code = max(code, _failed(screen, command, summary, Refused(case.path, error)))
            else:
                code = max(code, outcome.exit_code)
                summary.add(case.path, case.stem, record["status"], record.get("reason") or "", outcome.numbers)
                screen.record(record)
                screen.result(f"{case.path.name}: {outcome.line} \u2192 {out / case.stem}")
            bar.done()
    return code


@contextmanager
def _warnings_said(screen: Screen, name: str) -> Iterator[None]:
    """What the modules log for a user to hear, e.g. that a document could not be written, becomes a message."""

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            screen.note(f"{name}: {record.getMessage()}")

    teller, log = Teller(logging.WARNING), logging.getLogger(USERS_LOG)
    log.addHandler(teller)
    try:
        yield
    finally:
        log.removeHandler(teller)


def _refuse_shared(command: ModuleCommand, values: Values, cases: Sequence[Case]) -> None:
    from DeepMedLib.errors import BadInput

    for option in command.more:
        if option.of_one_input and values[option.name] is not None and len(cases) > 1:
            raise BadInput(f"{option.flag} goes with one input.", "With several, give each its own with --table FILE.")


def _leaves(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if not case.parts]


def with_values(case: Case, command: ModuleCommand, values: Values, by_path: Mapping[Path, Values]) -> Case:
    """The case with the options that hold for it: the command line's, its row's, and what its folder says."""
    checked = command.check({**values, **by_path.get(case.path, {})})
    parts = tuple(with_values(part, command, values, by_path) for part in case.parts)
    return replace(case, values={**checked, **case.values}, parts=parts)


def _failed(screen: Screen, command: ModuleCommand, summary: Summary, item: Refused) -> int:
    from DeepMedLib.jobs.task import typed_error

    name = item.path.name or str(item.path)
    code = report_error(screen, item.error, name)
    error = typed_error(item.error)
    summary.add(item.path, "", "failed", str(error))
    record = {"command": command.name, "input": name, "path": str(item.path), "status": "failed"}
    screen.record({**record, "error": error.to_dict(), "exit_code": code})
    return code
