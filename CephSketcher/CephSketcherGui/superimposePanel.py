"""The Superimposition section: the later tracing on the earlier film, and what changed."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import slicer
from slicer.i18n import tr as _

from CephSketcherLib.comparison.superimposition import METHODS
from CephSketcherLib.tracing.result import CephResult
from CephSketcherMrml import superimposeNodes
from CephSketcherMrml.cephNodes import RESULTS
from CephSketcherMrml.superimposeNodes import COLUMNS, SuperimposedNodes, hideSuperimpositions, removeSuperimpositions
from DeepMedLib.errors import BadInput
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.fittedText import showText
from DeepMedLib.gui.tables import showTable
from DeepMedLib.gui.views import showPicture

_COMPARED = ("landmarks", "derived", "moved", "deleted", "outlines", "scale")


def _compared(result: CephResult) -> list[Any]:
    """What a comparison rests on; norms and age are nothing to it."""
    record = result.to_json()
    return [record[key] for key in _COMPARED]


class SuperimposePanel:
    """Compares two tracings.

    Args:
        ui: the panel's widgets.
        logic: CephSketcherLogic.
        parameters: gives the parameter node, or None.
    """

    def __init__(self, ui: Any, logic: Any, parameters: Callable[[], Any]) -> None:
        self.ui = ui
        self.nodes: SuperimposedNodes | None = None
        self._logic = logic
        self._parameters = parameters
        ui.methodComboBox.addItems(list(METHODS))
        ui.superimposeButton.connect("clicked(bool)", self.onSuperimpose)
        ui.showLaterButton.connect("clicked(bool)", self.onShowLater)
        ui.removeOverlayButton.connect("clicked(bool)", self.onRemove)
        self._notes: list[str] = []
        self.clear()
        self.refresh()

    def tracingChanged(self) -> None:
        """Say that the comparison no longer is that of its tracings, once a person has changed one of them."""
        if self.nodes is None or not self._notes:
            return
        for tracing in (self.nodes.earlier, self.nodes.later):
            now = self._logic.readResult(tracing.handle) if self._isThere(tracing.handle) else None
            if now is not None and _compared(now.result) != _compared(tracing.result):
                stale = _("A tracing was changed since: superimpose again. Outlines and table are those from before.")
                self._say(f"<b>{escape(stale)}</b>", *self._notes)
                return
        self._say(*self._notes)

    def _say(self, *lines: str) -> None:
        showText(self.ui.superimposeText, "<br>".join(lines))

    def refresh(self) -> None:
        """Say whether two tracings are chosen; forget a comparison that went with one of its tracings."""
        if self.nodes is not None and not any(self._isThere(node) for node in self.nodes.all()):
            self.clear()
        self.ui.removeOverlayButton.enabled = bool(superimposeNodes.inScene())
        parameters = self._parameters()
        reason = ""
        if parameters is None or parameters.landmarks is None:
            reason = _("Trace the later film first.")
        elif parameters.earlier is None:
            reason = _("Choose the tracing of the earlier film.")
        elif parameters.earlier is parameters.landmarks:
            reason = _("Choose two different tracings.")
        self.ui.superimposeButton.enabled = not reason
        self.ui.superimposeButton.toolTip = reason or _(
            "Draw the later tracing on the earlier film and list what changed."
        )

    def clear(self) -> None:
        """Forget what is shown, e.g. when the scene closes; the scene removes its nodes itself."""
        self.nodes = None
        self._notes = []
        showTable(self.ui.differencesTable, None)
        self._say()
        self.ui.showLaterButton.enabled = self.ui.removeOverlayButton.enabled = False

    def hide(self) -> None:
        """Another film is shown: the comparison leaves the views, not the scene."""
        hideSuperimpositions()
        self._notes = []
        self._say()

    def onSuperimpose(self, _checked: bool = False) -> None:
        """Make the comparison; the one before is removed."""
        parameters = self._parameters()
        with errorsShown(_("The tracings were not superimposed."), waitCursor=True):
            later, earlier = self._logic.readResult(parameters.landmarks), self._logic.readResult(parameters.earlier)
            if later is None or earlier is None:
                raise BadInput(_("A chosen list of points is no tracing."), _("Choose the landmarks of a traced film."))
            new = self._logic.superimpose(earlier, later, self.ui.methodComboBox.currentText)
            removeSuperimpositions(but=new)
            self.nodes = new
            showTable(self.ui.differencesTable, new.table, wide=COLUMNS[0])
            RESULTS.showOnly(earlier)
            showPicture(earlier.volume)
            shown = _("The views show {earlier} with its own tracing and, in pink, that of {later}.").format(
                earlier=earlier.result.film, later=later.result.film
            )
            legend = _("Sure: beyond the uncertainty (95 %). Usual: mean and SD of growing people between two visits.")
            self._notes = [escape(note) for note in (shown, *new.comparison.notes(), legend)]
            self._say(*self._notes)
            self.ui.showLaterButton.enabled = self.ui.removeOverlayButton.enabled = True

    def onShowLater(self, _checked: bool = False) -> None:
        """Show the later film with its tracing again."""
        later = self.nodes.later if self.nodes is not None else None
        self.hide()
        self.ui.showLaterButton.enabled = False
        if later is not None and later.volume is not None:
            RESULTS.showOnly(later)
            showPicture(later.volume)

    def onRemove(self, _checked: bool = False) -> None:
        """Take the comparison away, also one that came with a scene, and show the later film with its tracing."""
        self.onShowLater()
        removeSuperimpositions()
        self.clear()

    @staticmethod
    def _isThere(node: slicer.vtkMRMLNode) -> bool:
        return node.GetScene() is not None
