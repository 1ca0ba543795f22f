"""ctkPathLineEdit: an editable path with a button to browse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import StandInWidget, remembered, row_layout
from deepmed_headless.standins.qt.signals import Signal


class ctkPathLineEdit(StandInWidget):
    """Path of a file or folder. Filters are QDir's."""

    _is_stand_in = True
    Dirs, Files, Drives, NoSymLinks, AllEntries = 0x001, 0x002, 0x004, 0x008, 0x007
    Readable, Writable, Executable, Hidden, System = 0x010, 0x020, 0x040, 0x100, 0x200

    currentPathChanged = Signal("QString")
    validInputChanged = Signal("bool")

    label = remembered("label", "", "Title of the file dialog.")
    filters = remembered("filters", 0x007, "Which entries fit.")
    options = remembered("options", 0, "Options of the file dialog.")
    settingKey = remembered("settingKey", "", "Where the history is kept.")
    showHistoryButton = remembered("showHistoryButton", True, "Whether the history can be opened.")
    sizeAdjustPolicy = remembered("sizeAdjustPolicy", 0, "How the width follows the text.")
    minimumContentsLength = remembered("minimumContentsLength", 0, "Characters always visible.")
    nameFilters = remembered("nameFilters", (), "Patterns of the file dialog.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._combo_box = QtWidgets.QComboBox()
        self._combo_box.setEditable(True)
        self._browse = QtWidgets.QToolButton()
        self._browse.setText("...")
        row_layout(self, self._combo_box, self._browse).setStretch(0, 1)
        self._valid = False
        self._combo_box.editTextChanged.connect(self._on_text_changed)
        self._browse.clicked.connect(self.browse)

    def _on_text_changed(self, text: str) -> None:
        self.updateHasValidInput()
        self.currentPathChanged.emit(text)

    @property
    def currentPath(self) -> str:
        """The path as typed."""
        return self._combo_box.currentText()

    @currentPath.setter
    def currentPath(self, value: str) -> None:
        self._combo_box.setEditText(value)

    def setCurrentPath(self, value: str) -> None:
        """Sets the path."""
        self.currentPath = value

    @property
    def showBrowseButton(self) -> bool:
        """Whether the button is shown."""
        return not self._browse.isHidden()

    @showBrowseButton.setter
    def showBrowseButton(self, value: bool) -> None:
        self._browse.setVisible(value)

    def browse(self) -> None:
        """Asks for a path."""
        import qt

        folders_only = int(self.filters) & self.Dirs and not int(self.filters) & self.Files
        ask = qt.QFileDialog.getExistingDirectory if folders_only else qt.QFileDialog.getOpenFileName
        path = ask(self, self.label, self.currentPath)
        if path:
            self.currentPath = path

    def updateHasValidInput(self) -> None:
        """Compares the path with the filters."""
        path = Path(self.currentPath)
        wanted = int(self.filters)
        valid = bool(self.currentPath) and (
            (path.is_file() and bool(wanted & self.Files)) or (path.is_dir() and bool(wanted & self.Dirs))
        )
        if valid != self._valid:
            self._valid = valid
            self.validInputChanged.emit(valid)

    def addCurrentPathToHistory(self) -> None:
        """Adds the path to the list."""
        if self.currentPath and self._combo_box.findText(self.currentPath) < 0:
            self._combo_box.addItem(self.currentPath)

    def comboBox(self) -> Any:
        """The inner combo box."""
        return self._combo_box
