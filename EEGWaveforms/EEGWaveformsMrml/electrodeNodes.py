"""Electrodes as fiducials, and the rate at each as a sphere that is colored and sized by it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.nodes.markups import LabelledPoint, curvePoints, fiducialNode
from EEGWaveformsLib.eeg_result import EegResult
from EEGWaveformsLib.electrodes.positions import Match, match, standard_positions

RATE = "events_per_min"
RADIUS_MM = (2.5, 9.0)
"""Of the sphere of an electrode without an event, and of the one with most."""


def placeStandard(channels: list[str], name: str) -> slicer.vtkMRMLMarkupsFiducialNode:
    """Fiducials at the 10-20 positions of the channels that have one, on a sphere about the origin.

    :raises BadInput: no channel is named after a 10-20 position.
    """
    places = standard_positions(channels)
    if not places:
        raise BadInput(
            "No channel is named after a 10-20 position.", "Place fiducials yourself and label them as the channels."
        )
    points = [LabelledPoint(place, label, "10-20 position on a sphere") for label, place in places.items()]
    return fiducialNode(slicer.mrmlScene.GenerateUniqueName(name), points)


def electrodesOf(node: slicer.vtkMRMLMarkupsFiducialNode) -> dict[str, np.ndarray]:
    """Label -> (3,) world RAS mm; the first of several with one label."""
    found: dict[str, np.ndarray] = {}
    for index, place in enumerate(curvePoints(node)):
        found.setdefault(node.GetNthControlPointLabel(index), place)
    return found


def matchOf(result: EegResult, node: slicer.vtkMRMLMarkupsFiducialNode) -> Match:
    """Which electrode belongs to which channel of a result."""
    return match(result.channel_counts or {result.channel: ()}, electrodesOf(node))


def ratesAt(result: EegResult, electrodes: slicer.vtkMRMLMarkupsFiducialNode) -> dict[str, tuple[np.ndarray, float]]:
    """Channel -> place (world RAS mm) and events a minute of all waveforms beyond noise, of matched channels."""
    places = electrodesOf(electrodes)
    real = [number for number, waveform in enumerate(result.waveforms) if waveform.beyond_noise]
    return {
        channel: (places[label], result.rate_per_min(sum(result.channel_counts[channel][k] for k in real)))
        for channel, label in matchOf(result, electrodes).pairs.items()
        if channel in result.channel_counts
    }


def rateModel(rates: Mapping[str, tuple[np.ndarray, float]], name: str) -> slicer.vtkMRMLModelNode:
    """Spheres at the electrodes, with the point array `RATE`, shown in color from none to most."""
    most = max([rate for _place, rate in rates.values()] or [0.0])
    joined = vtk.vtkAppendPolyData()
    for place, rate in rates.values():
        sphere = vtk.vtkSphereSource()
        sphere.SetCenter(*place)
        sphere.SetRadius(RADIUS_MM[0] + (RADIUS_MM[1] - RADIUS_MM[0]) * (rate / most if most else 0.0))
        sphere.SetThetaResolution(20)
        sphere.SetPhiResolution(20)
        sphere.Update()
        surface = sphere.GetOutput()
        values = numpy_to_vtk(np.full(surface.GetNumberOfPoints(), rate), deep=True)
        values.SetName(RATE)
        surface.GetPointData().SetScalars(values)
        joined.AddInputData(surface)
    joined.Update()
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", slicer.mrmlScene.GenerateUniqueName(name))
    node.SetAndObservePolyData(joined.GetOutput())
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetActiveScalarName(RATE)
    display.SetScalarVisibility(True)
    display.SetAutoScalarRange(False)
    display.SetScalarRange(0.0, most or 1.0)
    display.SetAndObserveColorNodeID("vtkMRMLColorTableNodeFileViridis.txt")
    return node
