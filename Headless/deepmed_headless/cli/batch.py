"""Several inputs one after another: all run, the highest exit code counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepmed_headless.cli.command import report_error
from deepmed_headless.cli.folder import result_folder, write_result
from deepmed_headless.cli.inputs import Case, Refused
from deepmed_headless.cli.screen import Screen, Step


@dataclass(frozen=True)
class Outcome:
    """What came out of one input.

    Attributes:
        record: the content of result.json, without its list of files.
        exit_code: 0 done, 3 abstained.
        line: one line for people.
    """

    record: dict[str, Any]
    exit_code: int
    line: str


Work = Callable[[Case, Path, Step], Outcome]
"""Measures a case and writes all files but result.json into the folder; raises DeepMedError."""


def run_batch(
    screen: Screen, command: str, cases: Sequence[Case], refused: Sequence[Refused], out: Path, work: Work
) -> int:
    """Runs `work` on every case and writes ``out/<stem>/``; returns the highest exit code.

    With `--json` each input gives one line: its result.json, or ``{"status": "failed", "error": ...}``.
    """
    code = 0
    for item in refused:
        code = max(code, _failed(screen, command, item.name, item.error))
    with screen.bar(command, len(cases)) as bar:
        for case in cases:
            step = bar.start(case.path.name)
            try:
                with result_folder(out, case.stem) as folder:
                    outcome = work(case, folder, step)
                    record = write_result(folder, outcome.record)
            except Exception as error:
                code = max(code, _failed(screen, command, str(case.path), error))
            else:
                code = max(code, outcome.exit_code)
                screen.record(record)
                screen.result(f"{case.path.name}: {outcome.line} \u2192 {out / case.stem}")
            bar.done()
    return code


def _failed(screen: Screen, command: str, name: str, error: Exception) -> int:
    from DeepMedLib.task import typed_error

    code = report_error(screen, error, Path(name).name or name)
    screen.record(
        {
            "command": command,
            "input": Path(name).name or name,
            "status": "failed",
            "error": typed_error(error).to_dict(),
            "exit_code": code,
        }
    )
    return code
