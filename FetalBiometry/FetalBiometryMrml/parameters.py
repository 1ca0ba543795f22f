"""The panel's state, saved with the scene."""

from __future__ import annotations

from typing import Annotated, Union

import slicer
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper

from FetalBiometryLib.planes.options import MeasureOptions

AUTOMATIC = "automatic"
NOT_STATED = "not stated"


@parameterNodeWrapper
class FetalBiometryParameterNode:
    """The panel's state.

    inputVolume: the still or cine loop.
    plane: what the picture shows, or auto.
    bpdConvention: outer-outer or outer-inner.
    gaWeeks: gestational age known otherwise; 0 when unknown.
    standard: growth standard of the centiles.
    ctr: heart/thorax ratio by area or by circumference.
    fetalLeft: where the fetus' left lies, seen from the spine to the sternum.
    weightFormula: how the weight is estimated; automatic takes the formula that uses most measures.
    sex: for weight charts by sex.
    device: where to compute.
    measured: the table of the result whose lines can be dragged.
    """

    inputVolume: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode, None]  # noqa: UP007 - as Slicer needs it
    plane: Annotated[str, Choice(["auto", "head", "abdomen", "femur", "thorax"])] = "auto"
    bpdConvention: Annotated[str, Choice(["outer-outer", "outer-inner"])] = "outer-outer"
    gaWeeks: Annotated[float, WithinRange(0, 43)] = 0.0
    standard: Annotated[str, Choice(["INTERGROWTH-21st", "WHO 2017"])] = "INTERGROWTH-21st"
    ctr: Annotated[str, Choice(["area", "circumference"])] = "area"
    fetalLeft: Annotated[str, Choice(["unknown", "right hand", "left hand"])] = "unknown"
    weightFormula: Annotated[
        str,
        Choice(
            [
                "automatic",
                "Hadlock 1985 (BPD, HC, AC, FL)",
                "Hadlock 1985 (HC, AC, FL)",
                "Hadlock 1985 (BPD, AC, FL)",
                "Hadlock 1985 (AC, FL)",
                "INTERGROWTH-21st 2017 (AC, HC)",
            ]
        ),
    ] = "automatic"
    sex: Annotated[str, Choice(["not stated", "girl", "boy"])] = "not stated"
    device: Annotated[str, Choice(["auto", "cpu", "cuda"])] = "auto"
    measured: slicer.vtkMRMLTableNode


def optionsOf(parameters: FetalBiometryParameterNode) -> MeasureOptions:
    """The settings as the science takes them."""
    return MeasureOptions(
        bpd_convention=parameters.bpdConvention,
        ga_weeks=parameters.gaWeeks or None,
        standard=parameters.standard,
        weight="" if parameters.weightFormula == AUTOMATIC else parameters.weightFormula,
        sex="" if parameters.sex == NOT_STATED else parameters.sex,
        ctr=parameters.ctr,
        fetal_left=parameters.fetalLeft,
    )
