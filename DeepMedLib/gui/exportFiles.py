"""Reports and other files go into a folder that the user chooses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.gui.errors import errorsShown


def exportFiles(title: str, problem: str, write: Callable[[Path], list[Path]]) -> None:
    """Ask for a folder, write into it and say which files were written; a user who cancels hears nothing.

    Args:
        title: of the dialog.
        problem: what an error message begins with.
        write: writes into a folder and returns the files.
    """
    folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), title)
    if not folder:
        return
    with errorsShown(problem, waitCursor=True):
        names = ", ".join(path.name for path in write(Path(folder)))
        logging.info(f"DeepMed: written {names}")
        slicer.util.showStatusMessage(_("Written: {files}").format(files=names))


def exportReport(write: Callable[[Path], list[Path]]) -> None:
    """`exportFiles` for a report."""
    exportFiles(_("Folder for the report"), _("The report was not written."), write)
