"""`deepmed eeg` and `deepmed evaluate eeg_events` on files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from deepmed_headless.cli.app import app
from EEGWaveformsLib.phantom.sample import CHANNEL, background, planted


def deepmed(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def write_csv(path: Path, seconds: float = 120.0) -> Path:
    made = planted(duration_s=seconds).record
    values = made.values[made.index(CHANNEL)]
    rows = [f"{index / made.rate_hz:.3f},{value:.3f}" for index, value in enumerate(values)]
    path.write_text(f"time_s,{CHANNEL} (uV)\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_table_becomes_a_folder_of_results(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "night.csv")
    code, output = deepmed("eeg", path, "--channel", CHANNEL, "--band", "0.5", "40", "--out", tmp_path / "out")
    assert code == 0, output
    folder = tmp_path / "out" / "night"
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert record["band_hz"] == [0.5, 40.0] and record["channel"] == CHANNEL
    assert {"events.tsv", "events.csv", "overlay.png", "report.pdf", "scene.mrb"} <= set(record["files"])
    with (tmp_path / "out" / "summary.csv").open(encoding="utf-8") as stream:
        assert next(csv.DictReader(stream))["channel"] == CHANNEL


@pytest.mark.parametrize(
    ("content", "words"), [("time_s,C3\n0,1\n", "one sample"), ("1\n2\n3\n", "sampling rate"), ("", "empty")]
)
def test_a_bad_record_gets_a_sentence_and_no_folder(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "bad.csv").write_text(content, encoding="utf-8")
    code, output = deepmed("eeg", tmp_path / "bad.csv", "--out", tmp_path / "out")
    assert code == 2 and words in " ".join(output.split())
    assert not (tmp_path / "out" / "bad").exists()


@pytest.mark.slow
def test_excerpts_are_scored_against_their_marks(tmp_path: Path) -> None:
    rate, rng = 50.0, np.random.default_rng(4)
    values = 10 * background(round(1800 * rate), rng)
    onsets = np.arange(20, 1780, 25.0)
    times = np.arange(round(1.0 * rate)) / rate
    burst = 40 * np.sin(2 * np.pi * 13 * times) * np.hanning(len(times))
    for onset in onsets:
        values[round(onset * rate) : round(onset * rate) + len(burst)] += burst
    data = tmp_path / "data"
    data.mkdir()
    (data / "excerpt9.txt").write_text("[C3-A1]\n" + "\n".join(f"{value:.2f}" for value in values), encoding="utf-8")
    marks = "\n".join(f"{onset} 1.0" for onset in onsets)
    (data / "Visual_scoring1_excerpt9.txt").write_text("[vis]\n" + marks, encoding="utf-8")
    code, output = deepmed("evaluate", "eeg_events", data, "--out", tmp_path / "out")
    assert code == 0, output
    with (tmp_path / "out" / "per_case.csv").open(encoding="utf-8") as stream:
        row = next(csv.DictReader(stream))
    assert row["excerpt"] == "excerpt9" and float(row["f1_scorer1"]) > 0.95 and row["f1_scorer2"] == ""
    with (tmp_path / "out" / "excerpt9_events.csv").open(encoding="utf-8") as stream:
        events = list(csv.DictReader(stream))
    assert list(events[0]) == ["onset_s", "duration_s", "amplitude", "waveform"] and len(events) == int(row["events"])


@pytest.mark.data
@pytest.mark.slow
def test_heart_beats_are_found_without_a_label(sharedData: Path, tmp_path: Path) -> None:
    path = sharedData / "electrophysiology" / "ecg-mitbih100" / "100.hea"
    code, output = deepmed("eeg", path, "--out", tmp_path)
    assert code == 0, output
    record = json.loads((tmp_path / "100" / "result.json").read_text(encoding="utf-8"))
    assert len(record["waveforms"]) == 1
    beats = _beats(path.with_suffix(".atr"))
    times = np.array(record["waveforms"][0]["time_s"])
    offset = times[:, None] - beats
    delay = float(np.median(offset[np.arange(len(times)), np.abs(offset).argmin(axis=1)]))
    hits = int((np.abs(offset - delay).min(axis=0) < 0.1).sum())
    assert 2 * hits / (len(beats) + len(times)) >= 0.99


def _beats(path: Path) -> np.ndarray:
    """Times in s of the beats of an annotation file of MIT format."""
    words, time, beats, index = np.fromfile(path, "<u2"), 0, [], 0
    while index < len(words) and words[index]:
        kind, value = int(words[index]) >> 10, int(words[index]) & 1023
        index += 1
        if kind == 59:
            time += (int(words[index]) << 16) + int(words[index + 1])
            index += 2
        elif kind == 63:
            index += (value + 1) // 2
        elif kind < 50:
            time += value
            beats += [time / 360] if kind not in (14, 28) else []
    return np.array(beats)
