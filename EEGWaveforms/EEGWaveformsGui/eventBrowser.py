"""The trace of a result as a Slicer plot, and the way from one event to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.mrml.nodes.plots import plotFromChart, plotNodes, removeSeries, showPlot
from EEGWaveformsLib.dictionary.conditioning import band_pass
from EEGWaveformsLib.report.charts import trace_chart
from EEGWaveformsMrml.eegNodes import EegNodes, filled
from EEGWaveformsMrml.recordNodes import channelValues

SHOWN_S = 10.0
"""Of the trace at a time."""


class EventBrowser:
    """A row of widgets: which waveform, one event back or on, and the plot that shows it.

    Args:
        layout: of the Result section; the row goes to its top.
    """

    def __init__(self, layout: qt.QVBoxLayout) -> None:
        self._nodes: EegNodes | None = None
        self._passed: np.ndarray | None = None
        self._chart: Any = None
        self.widget = qt.QWidget()
        row = qt.QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        self.which = qt.QComboBox()
        self.which.toolTip = _("Waveform whose events are shown one after another.")
        self.back, self.forward = qt.QPushButton(_("< Event")), qt.QPushButton(_("Event >"))
        self.back.toolTip = _("Show the event before in the plot of the trace.")
        self.forward.toolTip = _("Show the next event in the plot of the trace.")
        self.number = qt.QSpinBox()
        self.number.toolTip = _("Number of the event, by time.")
        self.place = qt.QLabel()
        for widget in (self.which, self.back, self.number, self.forward, self.place):
            row.addWidget(widget)
        layout.insertWidget(0, self.widget)
        self.which.connect("currentIndexChanged(int)", self.onWaveform)
        self.number.connect("valueChanged(int)", self.onEvent)
        self.back.connect("clicked(bool)", lambda _checked=False: self._step(-1))
        self.forward.connect("clicked(bool)", lambda _checked=False: self._step(1))
        self.show(None)

    def show(self, nodes: EegNodes | None) -> None:
        """Take a result; None, or one whose record has gone, hides the row and takes the plot away."""
        self._nodes = None
        self._passed = self._trace(nodes)
        self.widget.visible = self._passed is not None
        if self._passed is None or nodes is None:
            self.removePlot()
            return
        self.which.clear()
        for waveform in nodes.result.waveforms:
            self.which.addItem(f"{waveform.name} ({waveform.verdict})")
        self._nodes = nodes
        self.onWaveform()

    def onWaveform(self, _index: int = 0) -> None:
        """Another waveform: its first event."""
        times = self._times()
        if len(times):
            self.number.setRange(1, len(times))
            self.number.value = 1
            self.onEvent()

    def onEvent(self, _number: int = 0) -> None:
        """Show the event of the number."""
        times = self._times()
        if self._nodes is None or self._passed is None or not len(times):
            return
        time = float(times[min(self.number.value, len(times)) - 1])
        self.place.text = _("at {time:.2f} s").format(time=time)
        self.back.enabled, self.forward.enabled = self.number.value > 1, self.number.value < len(times)
        chart = trace_chart(self._nodes.result, self._passed, time - SHOWN_S / 2, SHOWN_S)
        if self._chart is None or self._chart.GetScene() is None:
            self._chart = None
        shown = self._chart is not None
        self._chart = plotFromChart(chart, self._chart)
        for node in plotNodes(self._chart):
            node.SetSaveWithScene(False)  # a view of the record, made anew from it
        if not shown:
            showPlot(self._chart)

    def removePlot(self) -> None:
        """Take the plot of the trace out of the scene."""
        if self._chart is not None and self._chart.GetScene() is not None:
            removeSeries(self._chart)
            slicer.mrmlScene.RemoveNode(self._chart)
        self._chart = None

    def _step(self, by: int) -> None:
        self.number.value = self.number.value + by

    def _times(self) -> np.ndarray:
        waveforms = () if self._nodes is None else self._nodes.result.waveforms
        index = self.which.currentIndex
        return np.sort(waveforms[index].time_s) if 0 <= index < len(waveforms) else np.zeros(0)

    @staticmethod
    def _trace(nodes: EegNodes | None) -> np.ndarray | None:
        """(n,) the channel in its band."""
        if nodes is None or nodes.volume is None or not nodes.result.waveforms:
            return None
        values = filled(channelValues(nodes.volume, nodes.result.channel))
        return None if values is None else band_pass(values, nodes.result.rate_hz, nodes.result.band_hz)
