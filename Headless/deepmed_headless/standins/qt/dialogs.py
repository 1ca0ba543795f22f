"""Dialogs that never wait for a click: each answers as if the user had closed it, or had taken the default button.

A test that needs another answer replaces the function, as in
`monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *arguments: path)`.
"""

from __future__ import annotations

import logging
from typing import Any

from PySide6 import QtCore, QtWidgets

from deepmed_headless.standins.qt.python_qt import wrap

_Dialog: Any = wrap(QtWidgets.QDialog)
_FileDialog: Any = wrap(QtWidgets.QFileDialog)
_InputDialog: Any = wrap(QtWidgets.QInputDialog)
_Menu: Any = wrap(QtWidgets.QMenu)
_MessageBox: Any = wrap(QtWidgets.QMessageBox)
_ProgressDialog: Any = wrap(QtWidgets.QProgressDialog)


class QDialog(_Dialog):
    """QDialog whose exec() shows it, lets it draw and rejects it."""

    _is_stand_in = True

    def exec(self) -> int:
        """Rejected at once."""
        self.show()
        QtCore.QCoreApplication.processEvents()
        self.reject()
        return int(QtWidgets.QDialog.DialogCode.Rejected.value)

    exec_ = exec


class QProgressDialog(_ProgressDialog):
    """QProgressDialog; never modal here."""

    _is_stand_in = True

    def exec(self) -> int:
        """Rejected at once."""
        return int(QtWidgets.QDialog.DialogCode.Rejected.value)

    exec_ = exec


class QMenu(_Menu):
    """QMenu whose exec() returns at once."""

    _is_stand_in = True

    def exec(self, *arguments: Any) -> None:
        """No action is chosen."""

    exec_ = exec
    popup = exec


class QMessageBox(_MessageBox):
    """QMessageBox that logs its text and answers with its default button, else No, Cancel or Ok."""

    _is_stand_in = True

    def exec(self) -> Any:
        """The answer, at once."""
        logging.info("Message box: %s", self.text)
        default = QtWidgets.QMessageBox.defaultButton(self)
        if default is not None:
            return QtWidgets.QMessageBox.standardButton(self, default)
        return _safe_answer(QtWidgets.QMessageBox.standardButtons(self))

    exec_ = exec

    @staticmethod
    def information(parent: Any, title: str, text: str, buttons: Any = None, defaultButton: Any = None) -> Any:
        """Logs; answers as described."""
        return _answer(title, text, buttons, defaultButton)

    warning = information
    critical = information
    question = information

    @staticmethod
    def about(parent: Any, title: str, text: str) -> None:
        """Logs."""
        logging.info("Message box %s: %s", title, text)


def _answer(title: str, text: str, buttons: Any, default: Any) -> Any:
    logging.info("Message box %s: %s", title, text)
    return default if default is not None else _safe_answer(buttons)


def _safe_answer(buttons: Any) -> Any:
    button = QtWidgets.QMessageBox.StandardButton
    if buttons is not None:
        for choice in (button.No, button.Cancel):
            if buttons & choice:
                return choice
    return button.Ok


class QFileDialog(_FileDialog):
    """QFileDialog that is always cancelled. As in PythonQt, the static functions return plain texts."""

    _is_stand_in = True

    def exec(self) -> int:
        """Rejected at once."""
        return int(QtWidgets.QDialog.DialogCode.Rejected.value)

    exec_ = exec

    @staticmethod
    def getOpenFileName(*arguments: Any) -> str:
        """Cancelled."""
        return ""

    @staticmethod
    def getOpenFileNames(*arguments: Any) -> list[str]:
        """Cancelled."""
        return []

    @staticmethod
    def getSaveFileName(*arguments: Any) -> str:
        """Cancelled."""
        return ""

    @staticmethod
    def getExistingDirectory(*arguments: Any) -> str:
        """Cancelled."""
        return ""


class QInputDialog(_InputDialog):
    """QInputDialog that is always cancelled. As in PythonQt, the static functions return plain values."""

    _is_stand_in = True

    @staticmethod
    def getText(*arguments: Any) -> str:
        """Cancelled."""
        return ""

    @staticmethod
    def getItem(*arguments: Any) -> str:
        """Cancelled."""
        return ""

    @staticmethod
    def getDouble(parent: Any, title: str, label: str, value: float = 0.0, *arguments: Any) -> float:
        """Cancelled: the value offered."""
        return value

    @staticmethod
    def getInt(parent: Any, title: str, label: str, value: int = 0, *arguments: Any) -> int:
        """Cancelled: the value offered."""
        return value
