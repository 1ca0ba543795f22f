"""Which device computes, and with how many threads."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

from DeepMedLib.errors import BadInput, DependencyMissing

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class DeviceChoice:
    """A device that torch can use.

    Attributes:
        name: what torch calls it: "cpu", "cuda" or "mps".
        description: for people, e.g. "NVIDIA RTX A4000 (CUDA 12.8)".
    """

    name: str
    description: str


def thread_count(cores: int | None = None) -> int:
    """Threads for a computation: all cores, but one stays free for the application when there are more than two.

    Args:
        cores: number of cores; None asks the system which ones this process may use.
    """
    if cores is None:
        # What this process may use can be fewer than the machine has (containers, taskset).
        affinity = getattr(os, "sched_getaffinity", None)
        cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, cores - 1 if cores > 2 else cores)


def choose_device(wish: str = "auto") -> DeviceChoice:
    """The device to compute on.

    Args:
        wish: "auto" takes a CUDA graphics card when torch can use one, else the CPU; "cpu", "cuda" and "mps" are
            taken at their word. "auto" never picks "mps", because torch lacks 3D operations there.

    Raises:
        BadInput: the wish is unknown, or there is no such device.
        DependencyMissing: torch is not installed.
    """
    if wish not in DEVICES:
        raise BadInput(f"There is no device called '{wish}'.", f"Choose one of {', '.join(DEVICES)}.")
    try:
        import torch
    except ModuleNotFoundError as error:
        raise DependencyMissing(
            "The Python package 'torch' is not installed.", "Press Install packages in the module's Advanced section."
        ) from error
    if wish in ("auto", "cuda") and torch.cuda.is_available():
        return DeviceChoice("cuda", f"{torch.cuda.get_device_name(0)} (CUDA {torch.version.cuda})")
    if wish == "cuda":
        built = torch.version.cuda is not None
        raise BadInput(
            "No CUDA graphics card can be used.",
            "Choose 'auto' or 'cpu', or update the graphics driver."
            if built
            else f"Choose 'auto' or 'cpu', or install a CUDA build of PyTorch ({torch.__version__} is for the CPU).",
        )
    if wish == "mps":
        if not torch.backends.mps.is_available():
            raise BadInput("No Apple graphics (MPS) can be used.", "Choose 'auto' or 'cpu'.")
        return DeviceChoice("mps", "Apple graphics (MPS)")
    processor = platform.processor() or platform.machine()
    threads = torch.get_num_threads()
    return DeviceChoice("cpu", f"CPU {processor}, {threads} thread{'s' if threads != 1 else ''}")
