"""The Logic: a record through the search into nodes and files, and what it says of tables that are none."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from EEGWaveformsLib.phantom.sample import CHANNEL, planted
from EEGWaveformsLib.records.record import Record


@pytest.fixture
def logic(slicerScene: Any) -> Iterator[Any]:
    from deepmed_headless import load_named

    made = load_named("EEGWaveforms").EEGWaveformsLogic()
    made.runInProcess = True
    return made


def record_node(record: Record) -> Any:
    from EEGWaveformsMrml.recordNodes import nodeFromRecord

    return nodeFromRecord(record)


def three(seconds: float = 60.0) -> Record:
    """The channel with both waveforms, one beside it, and a flat one."""
    made = planted(duration_s=seconds).record
    rows = [made.index(CHANNEL), made.index("F3")]
    values = np.concatenate([made.values[rows], np.zeros((1, made.values.shape[1]), np.float32)])
    return Record("phantom", (CHANNEL, "EEG F3-REF", "ECG"), values, made.rate_hz, ("uV",) * 3)


def test_a_record_comes_back_from_its_table(slicerScene: Any) -> None:
    from EEGWaveformsMrml.recordNodes import channelNames, channelValues, recordFromNode

    made = three()
    node = record_node(made)
    again = recordFromNode(node)
    assert (again.labels, again.units) == (made.labels, made.units)
    assert again.rate_hz == pytest.approx(made.rate_hz)
    np.testing.assert_array_equal(again.values, made.values)
    assert channelNames(node) == list(made.labels)
    assert channelValues(node, "nobody") is None


def test_a_record_comes_back_from_a_saved_scene(slicerScene: Any, tmp_path: Path) -> None:
    """A scene keeps six digits of a time: at 256 Hz that is no even grid any more after some minutes."""
    import slicer

    from EEGWaveformsMrml.recordNodes import recordFromNode

    values = np.random.default_rng(0).normal(size=(1, 256 * 1200)).astype(np.float32)
    values[0, 1000:1300] = np.nan
    record_node(Record("long", ("C3",), values, 256.0, ("uV",)))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicerScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    node = slicer.util.getNode("long")
    again = recordFromNode(node)
    assert again.rate_hz == pytest.approx(256.0) and again.remarks == ()
    np.testing.assert_allclose(again.values, values, rtol=1e-5)
    times = node.GetTable().GetColumnByName("time_s")
    times.SetValue(256 * 1200 - 1, 1300.0)  # edited, not rounded
    with pytest.raises(BadInput, match="times of long"):
        recordFromNode(node)


@pytest.mark.slow
def test_the_whole_way_to_nodes_and_files(logic: Any, tmp_path: Path) -> None:
    import slicer

    record = record_node(three(240.0))
    electrodes = logic.placeElectrodes(record)
    assert electrodes.GetNumberOfControlPoints() == 2
    electrodes.AddControlPoint((0, 0, 100), "Cz")
    nodes = logic.process(record, electrodes, channel=CHANNEL)
    result = nodes.result
    assert len(result.real) == 2 and result.channel == CHANNEL
    texts = " ".join(result.warnings())
    assert "Electrodes without a channel: Cz." in texts and "Channels without a usable signal: ECG." in texts
    assert set(result.channel_counts) == {CHANNEL, "EEG F3-REF"}
    model = nodes.get("electrodes")
    rates = model.GetPolyData().GetPointData().GetArray("events_per_min").GetRange()
    total = 60 * sum(len(waveform.time_s) for waveform in result.real) / result.usable_s
    assert rates[1] >= total - 1e-6
    assert nodes.change() == ""
    assert logic.readResult(nodes.get("events")).result == result
    written = {path.name for path in logic.exportFiles(nodes, tmp_path)}
    assert {"waveforms.csv", "events.csv", "channels.csv", "events.tsv", "events.json", "electrodes.vtp"} <= written
    rows = list(csv.DictReader((tmp_path / "events.tsv").open(encoding="utf-8"), delimiter="\t"))
    onsets = [float(row["onset"]) for row in rows]
    assert len(rows) == sum(len(waveform.time_s) for waveform in result.waveforms) and onsets == sorted(onsets)
    assert set(json.loads((tmp_path / "events.json").read_text())["trial_type"]["Levels"]) == {"W1", "W2"}
    count = slicer.mrmlScene.GetNumberOfNodes()
    record.GetTable().GetColumn(1).SetValue(0, 1e6)
    assert "changed" in nodes.change()
    slicer.mrmlScene.RemoveNode(nodes.handle)
    assert slicer.mrmlScene.GetNumberOfNodes() <= count - len(nodes.all())


def test_noise_is_an_answer_and_no_waveform(logic: Any) -> None:
    noise = Record("noise", ("Cz",), np.random.default_rng(0).normal(size=(1, 12000)), 200.0, ("uV",))
    result = logic.process(record_node(noise)).result
    assert result.real == () and result.status() == "done"
    assert "no recurrent waveform beyond noise" in result.headline()
    assert result.measurements() == [] and result.summary()["events"] == 0
    assert all(waveform.verdict == "explained by noise" for waveform in result.waveforms)


def table_with(**columns: Any) -> Any:
    import slicer
    import vtk

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "table")
    for name, values in columns.items():
        words = isinstance(values[0], str)
        column = vtk.vtkStringArray() if words else vtk.vtkDoubleArray()
        column.SetName(name)
        for value in values:
            column.InsertNextValue(value)
        node.AddColumn(column)
    return node


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"a": [1.0, 2.0]}, "no column of times"),
        ({"time_s": [0.0, 1.0]}, "no channel"),
        ({"time_s": ["0", "1"], "a": [1.0, 2.0]}, "words"),
        ({"time_s": [0.0], "a": [1.0]}, "one sample"),
        ({"time_s": [0.0, 0.01, 0.013, 0.05, 0.058], "a": [1.0, 2.0, 3.0, 4.0, 5.0]}, "irregular"),
    ],
)
def test_tables_that_are_no_record_leave_the_scene_alone(logic: Any, columns: dict[str, Any], words: str) -> None:
    import slicer

    node = table_with(**columns)
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(BadInput, match=words):
        logic.process(node)
    assert slicer.mrmlScene.GetNumberOfNodes() == count


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channel": "Q9"}, "no channel 'Q9'"),
        ({"low": 30.0, "high": 20.0}, "empty"),
        ({"high": 120.0}, "100 Hz at most"),
        ({"channel": "ECG"}, "flat"),
    ],
)
def test_questions_that_have_no_answer_are_refused(logic: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        logic.process(record_node(three(20.0)), **options)
    assert logic.results.inScene() == []


def test_twenty_seconds_are_searched_and_a_sample_is_not(logic: Any) -> None:
    result = logic.process(record_node(three(20.0)), channel=CHANNEL).result
    assert result.usable_s == pytest.approx(20.0, abs=0.1)
    with pytest.raises(BadInput, match=r"0\.05 s long"):
        logic.process(record_node(_short(10)))


def _short(samples: int) -> Record:
    return Record("short", ("Cz",), np.ones((1, samples)), 200.0, ("uV",))


def test_many_channels_are_counted_up_to_a_limit_that_is_said(logic: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from EEGWaveformsLib import eeg_task

    monkeypatch.setattr(eeg_task, "MOST_CHANNELS", 4)
    values = np.random.default_rng(1).normal(size=(512, 2400)).astype(np.float32)
    labels = tuple(f"E{number}" for number in range(512))
    result = logic.process(record_node(Record("dense", labels, values, 200.0, ("uV",) * 512))).result
    assert len(result.channel_counts) == 4
    assert any("first 4 of 512 channels" in remark.text for remark in result.remarks)


def test_a_waveform_with_both_signs_is_said_to_be_one(logic: Any) -> None:
    """A sharp wave, every other one upside down: two waveforms, and a sentence that they are one."""
    from EEGWaveformsLib.phantom.sample import background, waveforms

    rng, rate = np.random.default_rng(9), 200.0
    values = background(round(180 * rate), rng)
    shape = next(iter(waveforms().values()))
    for number, start in enumerate(range(200, len(values) - 400, 500)):
        values[start : start + len(shape)] += 1.6 * shape * (-1) ** number
    record = Record("both", ("Cz",), (20 * values[None]).astype(np.float32), rate, ("uV",))
    result = logic.process(record_node(record)).result
    assert len(result.real) == 2
    assert any("upside down" in remark.text for remark in result.remarks)
