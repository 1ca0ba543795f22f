"""DICOM documents beside a result: extras, without which the result stands."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from DeepMedLib.dicom.identity import CannotBeNamed
from DeepMedLib.errors import DependencyMissing

_LOG = logging.getLogger("DeepMed")  # what a user must hear: the application's log shows it, commands print it


def writeDocuments(names: str, write: Callable[[], list[Path]]) -> list[Path]:
    """Write documents; where their source lacks what they must name, or a package is missing, the log says so.

    Raises:
        DeepMedError: anything else, such as a disk that is full.
    """
    try:
        return write()
    except (CannotBeNamed, DependencyMissing) as error:
        _LOG.warning(f"{names}: not written. {error}")
        return []
