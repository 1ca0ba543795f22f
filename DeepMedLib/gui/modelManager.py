"""The list of models: those that came with the module and those the user added."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.bundles import MANIFEST, Bundle, shipped_bundle
from DeepMedLib.models.user_bundles import UserBundles

CARD = "docs/README.md"


@dataclass(frozen=True)
class ModelRow:
    """One line of the list; ``problem`` is empty for a model that is as it should be."""

    name: str
    version: str
    sha256: str
    isShipped: bool
    folder: Path
    problem: str = ""


class ModelManager:
    """A table of models with the buttons Add folder, Add zip, Remove, Verify and Model card.

    Args:
        layout: a layout of the panel; the widgets are added to it.
        resources: the module's model folder with manifest.json.
        userBundles: the user's own list.
        onChanged: called when the list has changed.
        confirm: asks the user a question and returns whether the answer is yes; by default a popup.
    """

    def __init__(
        self,
        layout: qt.QVBoxLayout,
        resources: str | Path,
        userBundles: UserBundles,
        onChanged: Callable[[], None] | None = None,
        confirm: Callable[[str], bool] | None = None,
    ) -> None:
        self._resources = Path(resources)
        self._users = userBundles
        self._onChanged = onChanged
        self._confirm = confirm or slicer.util.confirmYesNoDisplay
        self.rows: list[ModelRow] = []
        self.table = qt.QTableWidget()
        self.table.setColumnCount(4)
        self.table.setHorizontalHeaderLabels([_("Model"), _("Version"), _("SHA-256"), _("Origin")])
        self.table.connect("itemSelectionChanged()", self._updateButtons)
        self.status = qt.QLabel()
        self.status.wordWrap = True
        layout.addWidget(self.table)
        self.addFolderButton = self._button(
            layout, _("Add folder"), _("Add a MONAI bundle from a folder"), self.onAddFolder
        )
        self.addZipButton = self._button(
            layout, _("Add zip file"), _("Add a MONAI bundle from a zip file"), self.onAddZip
        )
        self.removeButton = self._button(layout, _("Remove"), _("Take your own model off the list"), self.onRemove)
        self.verifyButton = self._button(layout, _("Verify"), _("Compare all files with their SHA-256"), self.onVerify)
        self.cardButton = self._button(layout, _("Model card"), _("Open the description of the model"), self.onCard)
        layout.addWidget(self.status)
        self._updateButtons()

    def _button(self, layout: qt.QVBoxLayout, text: str, toolTip: str, slot: Callable[[bool], None]) -> qt.QPushButton:
        button = qt.QPushButton(text)
        button.toolTip = toolTip
        button.connect("clicked(bool)", slot)
        layout.addWidget(button)
        return button

    def refresh(self) -> None:
        """Read the lists and hash the shipped models; call from enter(), not from a constructor."""
        self.rows = [*self._shippedRows(), *self._userRows()]
        self.table.setRowCount(len(self.rows))
        for number, row in enumerate(self.rows):
            origin = _("Shipped") if row.isShipped else _("Added by you")
            cells = (row.name, row.version, row.sha256[:12], row.problem or origin)
            for column, text in enumerate(cells):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(row.problem or row.sha256)
                self.table.setItem(number, column, item)
        self.table.resizeColumnsToContents()
        self._updateButtons()

    def _shippedRows(self) -> list[ModelRow]:
        try:
            names = sorted(json.loads((self._resources / MANIFEST).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            problem = _("The list of shipped models cannot be read. Install the extension again.")
            return [ModelRow(MANIFEST, "", "", True, self._resources, problem)]
        rows = []
        for name in names:
            try:
                rows.append(_rowOf(shipped_bundle(self._resources, name), isShipped=True))
            except BundleRefused as error:
                rows.append(ModelRow(name, "", "", True, self._resources / name, str(error)))
        return rows

    def _userRows(self) -> list[ModelRow]:
        try:
            records = self._users.records()
        except BundleRefused as error:
            return [ModelRow(_("Your models"), "", "", False, self._resources, str(error))]
        rows = []
        for record in records:
            try:
                rows.append(_rowOf(self._users.open(record.name), isShipped=False))
            except BundleRefused as error:
                rows.append(ModelRow(record.name, "", record.sha256, False, Path(record.folder), str(error)))
        return rows

    def selected(self) -> ModelRow | None:
        """The selected line."""
        number = self.table.currentRow()
        return self.rows[number] if 0 <= number < len(self.rows) else None

    def _updateButtons(self) -> None:
        row = self.selected()
        self.removeButton.enabled = row is not None and not row.isShipped
        self.verifyButton.enabled = row is not None
        self.cardButton.enabled = row is not None and (row.folder / CARD).is_file()

    def onAddFolder(self, _checked: bool = False) -> None:
        """Let the user choose a folder and add it."""
        folder = qt.QFileDialog.getExistingDirectory(self.table, _("Choose the folder of a MONAI bundle"))
        if folder:
            self.add(Path(folder))

    def onAddZip(self, _checked: bool = False) -> None:
        """Let the user choose a zip file and add it."""
        path = qt.QFileDialog.getOpenFileName(self.table, _("Choose a MONAI bundle"), "", _("Zip files (*.zip)"))
        if path:
            self.add(Path(path))

    def add(self, source: Path) -> bool:
        """Add a bundle; code in it needs the user's yes for exactly this hash, else it is taken off again."""
        try:
            record = self._users.add(source)
        except BundleRefused as error:
            self.status.text = str(error)
            return False
        if record.findings and not self._users.is_confirmed(record.sha256):
            question = _(
                "The model '{name}' could run code on this computer:\n{findings}\n"
                "Its SHA-256 is {sha256}. Do you trust its author and want to allow it?"
            )
            shown = "\n".join(record.findings[:5])
            if not self._confirm(question.format(name=record.name, findings=shown, sha256=record.sha256)):
                self._users.remove(record.name)
                self.status.text = _("{name} was not added.").format(name=record.name)
                return False
            self._users.confirm(record.sha256)
        self.status.text = _("{name} was added; SHA-256 {sha256}.").format(name=record.name, sha256=record.sha256[:12])
        self._changed()
        return True

    def onRemove(self, _checked: bool = False) -> None:
        """Take the selected model of the user off the list; the user's own folder is left alone."""
        row = self.selected()
        if row is None or row.isShipped:
            return
        if not self._confirm(_("Remove {name} from the list?").format(name=row.name)):
            return
        try:
            self._users.remove(row.name)
            self.status.text = _("{name} was removed.").format(name=row.name)
        except BundleRefused as error:
            self.status.text = str(error)
        self._changed()

    def onVerify(self, _checked: bool = False) -> None:
        """Hash the selected model's files again."""
        row = self.selected()
        if row is None:
            return
        try:
            bundle = shipped_bundle(self._resources, row.name) if row.isShipped else self._users.open(row.name)
            text = _("{name}: all {count} files are unchanged.")
            self.status.text = text.format(name=row.name, count=len(bundle.files))
        except BundleRefused as error:
            self.status.text = str(error)

    def onCard(self, _checked: bool = False) -> None:
        """Open the selected model's card with the system's viewer."""
        row = self.selected()
        if row is not None and (row.folder / CARD).is_file():
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(row.folder / CARD)))

    def _changed(self) -> None:
        self.refresh()
        if self._onChanged is not None:
            self._onChanged()


def _rowOf(bundle: Bundle, isShipped: bool) -> ModelRow:
    return ModelRow(bundle.name, bundle.version, bundle.sha256, isShipped, bundle.folder)
