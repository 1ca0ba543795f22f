"""Qt classes that need more than wrapping."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar

from PySide6 import QtCore, QtWidgets

from deepmed_headless.standins.qt.python_qt import wrap

_Settings: Any = wrap(QtCore.QSettings)
_TableView: Any = wrap(QtWidgets.QTableView)
_TableWidget: Any = wrap(QtWidgets.QTableWidget)
_HeaderView: Any = wrap(QtWidgets.QHeaderView)


class QSettings(_Settings):
    """QSettings() is a file in the application's temporary folder, so that no user's settings are touched."""

    _is_stand_in = True

    def __init__(self, *arguments: Any) -> None:
        import slicer

        if arguments:
            super().__init__(*arguments)
        else:
            file = Path(slicer.app.temporaryPath, "settings.ini")
            super().__init__(str(file), QtCore.QSettings.Format.IniFormat)


class QDesktopServices:
    """Opens nothing; `opened` lists the addresses for tests."""

    opened: ClassVar[list[str]] = []

    @staticmethod
    def openUrl(url: QtCore.QUrl) -> bool:
        """Logs and records the address."""
        QDesktopServices.opened.append(url.toString())
        logging.info("Would open %s.", url.toString())
        return True


def _use_wrapped_headers(table: Any) -> None:
    """Headers made by Qt itself would not show their properties as attributes."""
    horizontal = _HeaderView(QtCore.Qt.Orientation.Horizontal, table)
    vertical = _HeaderView(QtCore.Qt.Orientation.Vertical, table)
    for header in (horizontal, vertical):
        header.setSectionsClickable(True)
        header.setHighlightSections(True)
    table.setHorizontalHeader(horizontal)
    table.setVerticalHeader(vertical)


class QTableView(_TableView):
    """QTableView with wrapped headers."""

    _is_stand_in = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        _use_wrapped_headers(self)


class QTableWidget(_TableWidget):
    """QTableWidget with wrapped headers."""

    _is_stand_in = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        _use_wrapped_headers(self)
