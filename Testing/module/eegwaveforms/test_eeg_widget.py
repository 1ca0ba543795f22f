"""The panel of EEG Waveforms, driven as a user would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from DeepMedLib.jobs.task import run_here


@pytest.fixture
def widget(slicerScene: Any) -> Iterator[Any]:
    from deepmed_headless import load_named

    made = load_named("EEGWaveforms").EEGWaveformsWidget()
    made.setup()
    made.enter()
    yield made
    made.cleanup()


def test_nothing_can_be_searched_or_placed_without_a_record(widget: Any) -> None:
    assert not widget.ui.applyButton.enabled and not widget.placeButton.enabled
    assert not widget.browser.widget.visible


def test_channel_and_band_stand_with_the_inputs(widget: Any) -> None:
    layout = widget.ui.inputsWidget.layout()
    assert all(layout.indexOf(widget.ui.__dict__[name]) >= 0 for name in ("channel", "low", "high"))
    assert layout.indexOf(widget.ui.most) < 0


@pytest.mark.slow
def test_from_the_phantom_to_the_events(widget: Any) -> None:
    import slicer

    widget.onSample()
    parameters = widget._parameterNode
    parameters.everywhere = False
    assert widget.ui.applyButton.enabled and parameters.channel == "C3"
    assert "F3" in widget.ui.channel.toolTip
    widget.onPlace()
    assert parameters.electrodes.GetNumberOfControlPoints() == 21
    widget._makeJob()
    widget._onComputed(run_here(widget._preparation.task, None))
    nodes = widget.resultPanel.nodes
    assert nodes is not None and len(nodes.result.real) == 2
    browser = widget.browser
    assert browser.which.count == 2
    times = sorted(nodes.result.waveforms[0].time_s)
    assert browser.number.maximum == len(times) and not browser.back.enabled
    browser.forward.click()
    assert browser.number.value == 2 and f"{times[1]:.2f}" in browser.place.text
    chart = browser._chart
    points = chart.GetNthPlotSeriesNode(1).GetTableNode().GetTable()
    shown = [points.GetValue(row, 0).ToDouble() for row in range(points.GetNumberOfRows())]
    assert min(abs(time - times[1]) for time in shown) < 1e-6
    before = slicer.mrmlScene.GetNumberOfNodes()
    browser.forward.click()
    assert slicer.mrmlScene.GetNumberOfNodes() <= before + 3
    slicer.mrmlScene.RemoveNode(nodes.volume)
    assert not browser.widget.visible and browser._chart is None
