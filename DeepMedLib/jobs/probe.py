"""What torch can do here, found out in a child process: a broken torch must not take the application down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from DeepMedLib.dependencies import import_modules
from DeepMedLib.jobs.task import Progress, Task, TaskResult
from DeepMedLib.models.device import choose_device


def probe_task(modules: tuple[str, ...] = ("torch",), device: str = "auto") -> Task:
    """A task that imports the modules and picks the device."""
    return Task("DeepMedLib.jobs.probe:probe", options={"modules": list(modules), "device": device})


def probe(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """The function of `probe_task`: values {"versions": {name: version}, "device": name, "description": for people}.

    Raises:
        DependencyMissing: a module is missing or does not work.
        BadInput: there is no such device.
    """
    versions = import_modules(arrays, options, progress).values["versions"]
    progress(0.9, "Asking for the device")
    choice = choose_device(str(options["device"]))
    return TaskResult(values={"versions": versions, "device": choice.name, "description": choice.description})
