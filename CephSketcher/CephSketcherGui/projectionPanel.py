"""The Lateral projection section: a film made of a head CT or CBCT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from DeepMedLib.gui.errors import errorsShown

_DIVERGENT = "divergent"


class ProjectionPanel:
    """Makes films of volumes.

    Args:
        ui: the panel's widgets.
        logic: CephSketcherLogic.
        parameters: gives the parameter node, or None.
        onFilm: called with the new film's node.
    """

    def __init__(
        self, ui: Any, logic: Any, parameters: Callable[[], Any], onFilm: Callable[[slicer.vtkMRMLVolumeNode], None]
    ) -> None:
        self.ui = ui
        self._logic = logic
        self._parameters = parameters
        self._onFilm = onFilm
        ui.projectButton.connect("clicked(bool)", self.onProject)
        self.refresh()

    def refresh(self) -> None:
        """Distances matter for divergent rays only."""
        parameters = self._parameters()
        divergent = parameters is not None and parameters.rays == _DIVERGENT
        self.ui.sodSpinBox.enabled = self.ui.filmDistanceSpinBox.enabled = divergent
        ready = parameters is not None and parameters.headVolume is not None
        self.ui.projectButton.enabled = ready
        self.ui.projectButton.toolTip = (
            _("Compute the film; it appears as a new volume with its scale.")
            if ready
            else _("Choose a head CT or CBCT first.")
        )

    def onProject(self, _checked: bool = False) -> None:
        """Make the film and choose it."""
        p = self._parameters()
        with errorsShown(_("No film was made of the volume."), waitCursor=True):
            film = self._logic.project(
                p.headVolume,
                rays=p.rays,
                sourceToMidplane=p.sourceToMidplane,
                midplaneToFilm=p.midplaneToFilm,
                pixel=p.projectionPixel,
                slab=p.slab,
            )
            self._onFilm(film)
