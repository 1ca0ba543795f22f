"""Real inputs of a demo that are a fixed list of files below `--data`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from deepmed_headless.cli.demo.declaration import DemoJob, DemoRun


def real_inputs(*jobs: DemoJob) -> Callable[[DemoRun], Iterator[DemoJob]]:
    """For `DemoSection.jobs`: a fixed list, whose paths, those among the values too, are relative to `--data`.

    An input is left out where one of its files is not there.
    """

    def found(run: DemoRun) -> Iterator[DemoJob]:
        data = run.data or Path()
        for job in jobs:
            files = {name: data / value for name, value in job.values.items() if isinstance(value, Path)}
            path = data / job.path
            if all(file.is_file() for file in (path, *files.values())):
                yield replace(job, path=path, values={**job.values, **files})

    return found
