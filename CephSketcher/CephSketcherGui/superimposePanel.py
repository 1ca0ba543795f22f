"""The Superimposition section: the later tracing on the earlier film, and what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from CephSketcherLib.comparison.superimposition import METHODS
from CephSketcherMrml.cephNodes import RESULTS
from CephSketcherMrml.superimposeNodes import SuperimposedNodes, hideSuperimpositions
from DeepMedLib.errors import BadInput
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.tables import showTable
from DeepMedLib.gui.views import showPicture


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
        self.clear()
        self.refresh()

    def refresh(self) -> None:
        """Say whether two tracings are chosen."""
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
        showTable(self.ui.differencesTable, None)
        self.ui.superimposeLabel.text = ""
        self.ui.showLaterButton.enabled = False

    def hide(self) -> None:
        """Another film is shown: the comparison leaves the views, not the scene."""
        hideSuperimpositions()
        self.ui.superimposeLabel.text = ""

    def onSuperimpose(self, _checked: bool = False) -> None:
        """Make the comparison; the one before is removed."""
        parameters = self._parameters()
        with errorsShown(_("The tracings were not superimposed."), waitCursor=True):
            later, earlier = self._logic.readResult(parameters.landmarks), self._logic.readResult(parameters.earlier)
            if later is None or earlier is None:
                raise BadInput(_("A chosen list of points is no tracing."), _("Choose the landmarks of a traced film."))
            new = self._logic.superimpose(earlier, later, self.ui.methodComboBox.currentText)
            self._remove()
            self.nodes = new
            hideSuperimpositions(but=new)
            showTable(self.ui.differencesTable, new.table)
            RESULTS.showOnly(earlier)
            showPicture(earlier.volume)
            shown = _("The views show {earlier} with its own tracing and, in pink, that of {later}.").format(
                earlier=earlier.result.film, later=later.result.film
            )
            self.ui.superimposeLabel.text = "\n".join([shown, *new.comparison.notes()])
            self.ui.showLaterButton.enabled = True

    def onShowLater(self, _checked: bool = False) -> None:
        """Show the later film with its tracing again."""
        later = self.nodes.later if self.nodes is not None else None
        self.hide()
        self.ui.showLaterButton.enabled = False
        if later is not None and later.volume is not None:
            RESULTS.showOnly(later)
            showPicture(later.volume)

    def _remove(self) -> None:
        if self.nodes is not None:
            for node in (*self.nodes.curves, self.nodes.table):
                if node is not None and node.GetScene() is not None:
                    slicer.mrmlScene.RemoveNode(node)
        self.nodes = None
