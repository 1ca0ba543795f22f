"""The part of the module's Logic that works on results: by hand, another scale, a depth ruler."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import slicer

from DeepMedLib.mrml.inputs import pictureNodes
from DeepMedLib.options import checked_options
from DeepMedLib.picture.ruler import RulerProposal, propose_ruler
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.examination.options import settings_of
from FetalBiometryLib.options import OPTIONS
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryMrml import planeComputation, planeNodes
from FetalBiometryMrml.planeNodes import PlaneNodes


class EditingLogic:
    """Base of FetalBiometryLogic."""

    def drawByHand(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        plane: str,
        frame: int = 0,
        scale: Scale | None = None,
        **options: Any,
    ) -> PlaneNodes:
        """Put lines on a picture for a person to drag; numbers follow once one was moved.

        :param plane: abdomen, femur, thorax, or a bone: HL, TL, FibL, RL, UL.
        :param options: as `FetalBiometryLib.options` declares them.
        :raises BadInput: no picture, or nothing to draw.
        """
        settings, _ = settings_of(checked_options(OPTIONS, options))
        return planeComputation.drawByHand(volumeNode, plane, frame, scale, settings)

    def rescale(self, nodes: PlaneNodes, scale: Scale) -> PlaneNodes:
        """Give a measured picture another scale, and with it its other results: the lines keep their pixels."""
        pictureNodes.setScale(nodes.volume, scale)
        planeNodes.rescaleOthers(nodes.volume, scale, nodes)
        return planeNodes.changePlane(nodes, replace(nodes.result, scale=scale))

    def proposeRuler(self, volumeNode: slicer.vtkMRMLVolumeNode, frame: int = 0) -> RulerProposal | None:
        """The depth ruler found at the picture's edge, for the user to confirm; None when there is none."""
        return propose_ruler(pictureNodes.pictureOf(volumeNode, ULTRASOUND, frame))
