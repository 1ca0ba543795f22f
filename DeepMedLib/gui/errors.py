"""How a panel says that something went wrong: one sentence for the person, the traceback for the log."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.disk import disk_refused
from DeepMedLib.errors import DeepMedError


def sentenceOf(error: Exception) -> str:
    """What a person reads: what is wrong and what to do."""
    known = disk_refused(error) if isinstance(error, OSError) else error
    if isinstance(known, DeepMedError):
        return str(known)
    return _("An unexpected error occurred: {error}. The application's log says more.").format(
        error=(_wordsOf(error) or type(error).__name__).rstrip(".")
    )


def _wordsOf(error: Exception) -> str:
    """Without the system's number, which tells a person nothing."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


def logError(error: Exception) -> None:
    """The traceback, for the log only; of a defect as an error, of a user's mistake as a detail."""
    text = "".join(traceback.format_exception(error))
    (logging.debug if isinstance(error, DeepMedError) else logging.error)(text)


@contextmanager
def errorsShown(
    problem: str = "", waitCursor: bool = False, show: Callable[[str], None] | None = None
) -> Iterator[None]:
    """What fails inside is shown as one sentence and goes no further.

    Args:
        problem: what the sentence begins with, e.g. "The scan was not loaded."
        waitCursor: show that the application is busy.
        show: shows the sentence; a popup without it.
    """
    if waitCursor:
        slicer.app.setOverrideCursor(qt.Qt.WaitCursor)
    failed: Exception | None = None
    try:
        yield
    except Exception as error:
        failed = error
    finally:
        if waitCursor:
            slicer.app.restoreOverrideCursor()
    if failed is not None:
        logError(failed)
        (show or slicer.util.errorDisplay)(f"{problem} {sentenceOf(failed)}".strip())
