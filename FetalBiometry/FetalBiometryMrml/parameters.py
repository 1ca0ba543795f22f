"""The panel's state, saved with the scene."""

from __future__ import annotations

from typing import Union

import slicer
from slicer.parameterNodeWrapper import parameterNodeWrapper

from DeepMedLib.mrml.logic.optionParameters import optionParameters
from FetalBiometryLib.options import OPTIONS


@parameterNodeWrapper
@optionParameters(OPTIONS)
class FetalBiometryParameterNode:
    """The panel's state; the options come with it.

    inputVolume: the still or cine loop.
    measured: the table of the result whose lines can be dragged.
    examination: the table of the examination that is shown.
    """

    inputVolume: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode, None]  # noqa: UP007 - as Slicer needs it
    measured: slicer.vtkMRMLTableNode
    examination: slicer.vtkMRMLTableNode
