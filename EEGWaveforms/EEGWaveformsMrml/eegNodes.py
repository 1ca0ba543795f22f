"""A search in the scene: its tables, plots, and the rates at the electrodes."""

from __future__ import annotations

import numpy as np
import slicer

from DeepMedLib.mrml.nodes.plots import plotFromChart, plotNodes
from DeepMedLib.mrml.nodes.tables import tableNode
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from EEGWaveformsLib.eeg_result import EegResult
from EEGWaveformsLib.report.charts import mean_chart, rate_chart
from EEGWaveformsLib.report.picture import WIDTH, result_picture
from EEGWaveformsMrml import electrodeNodes
from EEGWaveformsMrml.recordNodes import channelValues

RESULTS = ResultKind("EEGWaveforms", EegResult, handle="waveforms", folder="waveforms")
EegNodes = ResultNodes[EegResult]


def makeNodes(
    recordNode: slicer.vtkMRMLTableNode, result: EegResult, electrodes: slicer.vtkMRMLMarkupsFiducialNode | None
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh search, by role."""
    name = f"{recordNode.GetName()} {result.channel}"
    nodes = {table.name: tableNode(table, f"{name} {table.name}") for table in result.tables()}
    charts = {f"mean{waveform.name}": mean_chart(result, waveform) for waveform in result.waveforms}
    if result.waveforms:
        charts["rate"] = rate_chart(result)
    for role, chart in charts.items():
        for number, part in enumerate(plotNodes(plotFromChart(chart))):
            nodes[f"{role}.{number}"] = part
    if electrodes is not None and (rates := electrodeNodes.ratesAt(result, electrodes)):
        nodes["electrodes"] = electrodeNodes.rateModel(rates, f"{name} events a minute")
    return nodes


def pictureOf(nodes: EegNodes, largest: int | None) -> np.ndarray | None:
    """(H, W, 3) uint8: trace, means and their power; None where the record or its channel has gone."""
    if nodes.volume is None or nodes.volume.GetScene() is None:
        return None
    values = filled(channelValues(nodes.volume, nodes.result.channel))
    return None if values is None else result_picture(nodes.result, values, largest or WIDTH)


def filled(values: np.ndarray | None) -> np.ndarray | None:
    """A channel with lines over what was not recorded; None where nothing was."""
    if values is None or not np.isfinite(values).any():
        return None
    kept = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), kept, values[kept])
