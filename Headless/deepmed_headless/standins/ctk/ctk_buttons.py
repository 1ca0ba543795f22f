"""CTK's push buttons: menu, check mark, color, directory."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from deepmed_headless.standins.base import StandInWidget, remembered, row_layout
from deepmed_headless.standins.qt.python_qt import wrap
from deepmed_headless.standins.qt.signals import Signal

_PushButton: Any = wrap(QtWidgets.QPushButton)


class ctkMenuButton(_PushButton):
    """A button with a menu beside it; the menu is the push button's own here."""

    _is_stand_in = True


class ctkCheckablePushButton(_PushButton):
    """A button with a check mark."""

    _is_stand_in = True
    checkBoxToggled = Signal("bool")
    checkStateChanged = Signal("Qt::CheckState")

    buttonTextAlignment = remembered("buttonTextAlignment", 0x84, "Alignment of the text.")
    iconAlignment = remembered("iconAlignment", 0x81, "Alignment of the icon.")
    elideMode = remembered("elideMode", 3, "How long texts are cut.")
    indicatorAlignment = remembered("indicatorAlignment", 0x81, "Where the check mark stands.")
    checkBoxUserCheckable = remembered("checkBoxUserCheckable", True, "Whether the user can check it.")
    checkBoxControlsButtonToggleState = remembered(
        "checkBoxControlsButtonToggleState", True, "Whether the button follows the mark."
    )

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._state = QtCore.Qt.CheckState.Unchecked
        self._controls = True

    @property
    def checkState(self) -> Any:
        """State of the mark."""
        return self._state

    @checkState.setter
    def checkState(self, value: Any) -> None:
        state = QtCore.Qt.CheckState(value)
        if state == self._state:
            return
        self._state = state
        if self._controls and self.checkBoxControlsButtonToggleState:
            self.setCheckable(True)
            self.setChecked(state == QtCore.Qt.CheckState.Checked)
        self.checkStateChanged.emit(state)
        self.checkBoxToggled.emit(state == QtCore.Qt.CheckState.Checked)

    def setCheckState(self, value: Any) -> None:
        """Sets the mark."""
        self.checkState = value

    @property
    def checkBoxControlsButton(self) -> bool:
        """Whether the mark makes the button checkable."""
        return self._controls

    @checkBoxControlsButton.setter
    def checkBoxControlsButton(self, value: bool) -> None:
        self._controls = bool(value)


class ctkColorPickerButton(_PushButton):
    """A button that holds a color."""

    _is_stand_in = True
    colorChanged = Signal("QColor")
    colorNameChanged = Signal("QString")
    displayColorName = remembered("displayColorName", True, "Whether the name is shown.")
    dialogOptions = remembered("dialogOptions", 0, "Options of the color dialog.")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._color = QtGui.QColor(0, 0, 0)
        self._name = self._color.name()
        self._show()

    def _show(self) -> None:
        icon = QtGui.QPixmap(16, 16)
        icon.fill(self._color)
        self.icon = QtGui.QIcon(icon)
        if self.displayColorName:
            self.text = self._name

    @property
    def color(self) -> QtGui.QColor:
        """The color."""
        return QtGui.QColor(self._color)

    @color.setter
    def color(self, value: QtGui.QColor) -> None:
        color = QtGui.QColor(value)
        if color == self._color:
            return
        self._color, self._name = color, color.name()
        self._show()
        self.colorChanged.emit(color)
        self.colorNameChanged.emit(self._name)

    def setColor(self, value: QtGui.QColor) -> None:
        """Sets the color."""
        self.color = value

    @property
    def colorName(self) -> str:
        """Name of the color."""
        return self._name

    @colorName.setter
    def colorName(self, value: str) -> None:
        self._name = value
        self._show()
        self.colorNameChanged.emit(value)


class ctkDirectoryButton(StandInWidget):
    """A button that holds a folder."""

    _is_stand_in = True
    directoryChanged = Signal("QString")
    directorySelected = Signal("QString")
    acceptMode = remembered("acceptMode", 0, "Mode of the file dialog.")
    caption = remembered("caption", "", "Title of the file dialog.")
    icon = remembered("icon", None, "Icon of the button.")
    elideMode = remembered("elideMode", 3, "How long paths are cut.")
    options = remembered("options", 0, "Options of the file dialog.")

    def __init__(self, *arguments: Any) -> None:
        parents = [argument for argument in arguments if isinstance(argument, QtWidgets.QWidget)]
        folders = [argument for argument in arguments if isinstance(argument, str)]
        super().__init__(*parents)
        self._button = QtWidgets.QPushButton()
        row_layout(self, self._button)
        self._text = ""
        self._directory = QtCore.QDir(folders[0] if folders else "").absolutePath()
        self._button.setText(self._directory)
        self._button.clicked.connect(self.browse)

    @property
    def directory(self) -> str:
        """The folder, absolute."""
        return self._directory

    @directory.setter
    def directory(self, value: str) -> None:
        folder = QtCore.QDir(value).absolutePath()
        if folder == self._directory:
            return
        self._directory = folder
        self._button.setText(self._text or folder)
        self.directoryChanged.emit(folder)

    @property
    def text(self) -> str:
        """A fixed text in place of the folder."""
        return self._text or self._directory

    @text.setter
    def text(self, value: str) -> None:
        self._text = value
        self._button.setText(value or self._directory)

    def browse(self) -> None:
        """Asks for a folder."""
        import qt

        folder = qt.QFileDialog.getExistingDirectory(self, self.caption, self._directory)
        if folder:
            self.directory = folder
            self.directorySelected.emit(folder)
