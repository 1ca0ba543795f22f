"""Catches what VTK would print, so that a test can assert on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

# Clear() on a scene whose subject hierarchy items were made by an observer says this; it is harmless.
HARMLESS = ("DataNodeCache inconsistency found",)

_MESSAGE = re.compile(r"^(?:\w+: )?(ERROR|Generic Warning|Warning|WARNING|DEBUG|INFO)?: In [^\n]*, line \d+$", re.M)


@contextmanager
def vtk_errors() -> Iterator[list[str]]:
    """Captures VTK's error messages inside the block; nothing reaches the terminal.

    Yields:
        a list that is filled when the block ends, one line per error, harmless ones left out.
    """
    import vtk

    window = vtk.vtkStringOutputWindow()
    previous = vtk.vtkOutputWindow.GetInstance()
    verbosity = vtk.vtkLogger.GetCurrentVerbosityCutoff()
    errors: list[str] = []
    vtk.vtkOutputWindow.SetInstance(window)
    vtk.vtkLogger.SetStderrVerbosity(vtk.vtkLogger.VERBOSITY_OFF)
    try:
        yield errors
    finally:
        vtk.vtkOutputWindow.SetInstance(previous)
        vtk.vtkLogger.SetStderrVerbosity(verbosity)
        errors.extend(error_lines(window.GetOutput()))


def error_lines(output: str) -> list[str]:
    """The errors in the text of a VTK output window, each as one line without file, line number and address."""
    starts = list(_MESSAGE.finditer(output))
    lines = []
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(output)
        text = " ".join(output[start.end() : end].split())
        if start.group(1) == "ERROR" and not any(part in text for part in HARMLESS):
            lines.append(re.sub(r" \(0x[0-9a-f]+\)", "", text))
    return lines
