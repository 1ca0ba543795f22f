"""The choice of norms: a shipped set, or the user's own file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from CephSketcherLib.analysis.norm_files import BY_ANALYSIS, norm_set, norm_set_names, read_norm_set, write_norm_set
from CephSketcherLib.analysis.norms import NormSet
from CephSketcherLib.tracing.result import CephOptions
from CephSketcherLib.tracing.solve import norms_from_record
from DeepMedLib.gui.errors import errorsShown


class NormsPanel:
    """Fills the list of norm sets and makes the settings of an analysis.

    Args:
        ui: the panel's widgets.
        onChanged: called when another set was chosen.
    """

    def __init__(self, ui: Any, onChanged: Callable[[], None]) -> None:
        self.ui = ui
        self._own: dict[str, NormSet] = {}
        ui.normsComboBox.addItems(list(norm_set_names()))
        ui.normsComboBox.connect("currentIndexChanged(int)", lambda index: onChanged())
        ui.loadNormsButton.connect("clicked(bool)", self.onOpen)
        ui.saveNormsButton.connect("clicked(bool)", self.onEdit)

    def chosen(self) -> NormSet:
        """The norm set that is chosen now."""
        name = self.ui.normsComboBox.currentText
        return self._own[name] if name in self._own else norm_set(name)

    def settings(self, base: CephOptions, age: float, sex: str) -> CephOptions:
        """Settings with the chosen norms; an age of 0 and the sex "unknown" are not known."""
        name = self.ui.normsComboBox.currentText
        own = asdict(self._own[name]) if name in self._own else None
        norms = "" if name == BY_ANALYSIS else self._own[name].name if own is not None else name
        return replace(base, norms=norms, own_norms=own, age=age or None, sex="" if sex == "unknown" else sex)

    def choose(self, settings: CephOptions) -> None:
        """Choose the norms that a tracing was analysed with."""
        if settings.own_norms is None:
            self.ui.normsComboBox.setCurrentText(settings.norms or BY_ANALYSIS)
        else:
            self._take(norms_from_record(settings.own_norms))

    def add(self, path: Path) -> None:
        """Read a norm set and choose it.

        Raises:
            BadInput: the file is no norm set.
        """
        self._take(read_norm_set(path))

    def _take(self, norms: NormSet) -> None:
        name = _("{name} (own)").format(name=norms.name)
        self._own[name] = norms
        if self.ui.normsComboBox.findText(name) < 0:
            self.ui.normsComboBox.addItem(name)
        self.ui.normsComboBox.setCurrentText(name)

    def onOpen(self, _checked: bool = False) -> None:
        """Ask for a file with norms."""
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Norm set"), "", "*.json *.csv")
        if path:
            with errorsShown(_("The norms were not opened.")):
                self.add(Path(path))

    def onEdit(self, _checked: bool = False) -> None:
        """Save the chosen set as a file to be edited."""
        path = qt.QFileDialog.getSaveFileName(slicer.util.mainWindow(), _("Copy of the norm set"), "", "*.json *.csv")
        if path:
            with errorsShown(_("The norms were not saved.")):
                write_norm_set(self.chosen(), path)
                slicer.util.showStatusMessage(_("Edit {name}, then open it here.").format(name=Path(path).name))
