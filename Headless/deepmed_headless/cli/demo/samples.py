"""Inputs of a demo that a module's Lib writes, or finds below `--data`, with their truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from deepmed_headless.cli.demo.declaration import DemoJob, DemoRun


class Sample(Protocol):
    """One input: where it lies, its words on the page, its true numbers and the options that it goes through with."""

    @property
    def path(self) -> Path: ...
    @property
    def title(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def truth(self) -> Mapping[str, float]: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


Jobs = Callable[[DemoRun], Iterator[DemoJob]]


def _job(sample: Sample) -> DemoJob:
    return DemoJob(sample.path, sample.title, sample.words, sample.truth, sample.values)


def generated(write: Callable[[Path], Iterable[Sample]]) -> Jobs:
    """For `DemoSection.jobs`: what is written into the folder of generated inputs, one by one."""
    return lambda run: map(_job, write(run.inputs))


def found_below(name: str, find: Callable[[Path], Iterable[Sample]]) -> Jobs:
    """For `DemoSection.jobs`: what is found in the folder of that name below `--data`."""
    return lambda run: map(_job, find(run.data / name) if run.data is not None else ())
