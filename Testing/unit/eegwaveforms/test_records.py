"""Readers of records, and what they say of records that cannot be used."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from EEGWaveformsLib.phantom.files import write_brainvision, write_edf, write_wfdb
from EEGWaveformsLib.phantom.sample import planted
from EEGWaveformsLib.records.quality import channel_of
from EEGWaveformsLib.records.reading import read_record, records_in
from EEGWaveformsLib.records.record import Record


def record(values: np.ndarray, rate: float = 100.0, label: str = "C3") -> Record:
    return Record("made", (label,), np.atleast_2d(values), rate, ("uV",))


def noise(seconds: float = 60.0, rate: float = 100.0) -> np.ndarray:
    return np.random.default_rng(2).normal(size=round(seconds * rate))


def write_csv(path: Path, times: np.ndarray, values: np.ndarray) -> Path:
    rows = [f"{t:.4f},{v:.3f}" for t, v in zip(times, values, strict=True)]
    path.write_text("time_s,C3 (uV)\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_brainvision_gives_back_what_was_written(tmp_path: Path) -> None:
    made = planted(duration_s=20.0).record
    path = write_brainvision(made, tmp_path, "phantom")
    for given in (path, tmp_path / "phantom.eeg"):
        read = read_record(given)
        assert read.labels == made.labels and read.rate_hz == made.rate_hz and set(read.units) == {"uV"}
        np.testing.assert_allclose(read.values, made.values, rtol=1e-5, atol=1e-4)
    assert records_in(tmp_path) == [path]


def test_edf_and_wfdb_give_back_what_was_written(tmp_path: Path) -> None:
    made = planted(duration_s=20.0).record
    for path, step in (
        (write_edf(made, tmp_path / "a.edf"), float(np.ptp(made.values)) / 65535),
        (write_wfdb(made, tmp_path, "b"), 1 / 20),
    ):
        read = read_record(path)
        assert read.labels == made.labels and read.rate_hz == made.rate_hz and set(read.units) == {"uV"}
        np.testing.assert_allclose(read.values, made.values, atol=1.01 * step)


def test_a_table_states_its_rate_and_units(tmp_path: Path) -> None:
    values = noise(20)
    read = read_record(write_csv(tmp_path / "a.csv", np.arange(2000) / 100, values))
    assert (read.labels, read.units) == (("C3",), ("uV",))
    assert read.rate_hz == pytest.approx(100)
    np.testing.assert_allclose(read.values[0], values, atol=1e-3)


def test_rounded_times_are_even(tmp_path: Path) -> None:
    times = np.round(np.arange(3000) / 128, 3)
    assert read_record(write_csv(tmp_path / "a.csv", times, noise(30))).rate_hz == pytest.approx(128, rel=1e-4)


def test_gaps_in_the_times_are_nan_and_said(tmp_path: Path) -> None:
    times = np.concatenate([np.arange(1000), np.arange(1500, 2500)]) / 100
    read = read_record(write_csv(tmp_path / "a.csv", times, noise(20)))
    assert read.values.shape == (1, 2500)
    assert np.isnan(read.values[0, 1000:1500]).all() and np.isfinite(read.values[0, :1000]).all()
    assert "5.0 s are missing" in read.remarks[0].text and "1 gap" in read.remarks[0].text


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (np.sort(np.random.default_rng(0).uniform(0, 20, 2000)).round(4) + np.arange(2000) * 1e-3, "irregular"),
        (np.arange(2000)[::-1] / 100, "backward"),
        (np.zeros(2000), "repeat"),
    ],
)
def test_times_that_are_no_grid_are_refused(tmp_path: Path, times: np.ndarray, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_record(write_csv(tmp_path / "a.csv", times, noise(20)))


def test_a_list_of_values_needs_a_rate(tmp_path: Path) -> None:
    path = tmp_path / "excerpt1.txt.xz"
    path.write_bytes(lzma.compress(b"[C3-A1]\n" + "\n".join(f"{v:.2f}" for v in noise(20)).encode()))
    with pytest.raises(BadInput, match="sampling rate"):
        read_record(path)
    read = read_record(path, 100.0)
    assert (read.labels, read.units, read.values.shape) == (("C3-A1",), ("uV",), (1, 2000))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"time_s,C3\n", "no rows"),
        ("a.csv", b"time_s,C3\n0,1\n1,2,3\n", "differ"),
        ("a.csv", b"\xff\xfe\x00", "not text"),
        ("a.csv", b"time_s,C3\n0.0,1.0\n", "one sample"),
        ("a.edf", b"0       nothing", "cannot be read"),
        ("a.hea", b"nothing", "not the header"),
        ("a.hea", b"a 1 250 10\na.dat 16 200 11 0 0 0 0 I\n", "no signal file"),
        ("a.hea", b"a 1 250 10\na.dat 61 200 11 0 0 0 0 I\n", "format 61"),
        ("a.xyz", b"1", "not a record"),
    ],
)
def test_files_that_are_no_record_get_a_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=words):
        read_record(tmp_path / name)


def test_wfdb_formats_hold_the_counts(tmp_path: Path) -> None:
    counts = np.array([[-2048 + 1, 2047], [5, -5], [1000, -1000]])
    pairs = counts & 0xFFF
    packed = np.stack([pairs[:, 0] & 0xFF, (pairs[:, 0] >> 8) | (pairs[:, 1] >> 8) << 4, pairs[:, 1] & 0xFF], axis=1)
    (tmp_path / "r.dat").write_bytes(packed.astype(np.uint8).tobytes())
    lines = ["r 2 360 3", "r.dat 212 200 11 1024 0 0 0 MLII", "r.dat 212 100(10)/uV 11 0 0 0 0 V5"]
    (tmp_path / "r.hea").write_text("\n".join(lines))
    read = read_record(tmp_path / "r.hea")
    assert (read.rate_hz, read.labels, read.units) == (360.0, ("MLII", "V5"), ("mV", "uV"))
    np.testing.assert_allclose(read.values[0], (counts[:, 0] - 1024) / 200)
    np.testing.assert_allclose(read.values[1], (counts[:, 1] - 10) / 100)
    (tmp_path / "s.dat").write_bytes(np.array([[7, -9], [-32768, 30000]], "<i2").tobytes())
    (tmp_path / "s.hea").write_text("s 2 250 2\ns.dat 16 1/uV 16 0 0 0 0 A\ns.dat 16 1/uV 16 0 0 0 0 B\n")
    read = read_record(tmp_path / "s.dat")
    np.testing.assert_array_equal(read.values, [[7, np.nan], [-9, 30000]])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full(6000, 3.0), "flat"),
        (np.full(6000, np.nan), "no number"),
        (np.array([1.0]), "1 sample"),
        (noise(9.9), "9.9 s long"),
        (np.where(np.arange(6000) < 300, noise(), np.nan), "95 % of channel C3"),
    ],
)
def test_channels_without_a_signal_are_refused(values: np.ndarray, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        channel_of(record(values))


def test_ten_seconds_are_enough_to_look() -> None:
    assert channel_of(record(noise(10.0))).good.all()


def test_flat_saturated_and_missing_stretches_are_left_out_and_said() -> None:
    values = noise()
    values[1000:1100] = 0.25
    values[2000:2040] = np.nan
    for start in (3000, 3500, 4000):
        values[start : start + 10] = 9.0
    channel = channel_of(record(values))
    assert not channel.good[[1050, 2020, 3005, 3505, 4005]].any()
    assert channel.good[[500, 1500, 2500, 3250]].all()
    assert np.isfinite(channel.values).all()
    kinds = [remark.text.split(" are ")[1].split(",")[0] for remark in channel.remarks]
    assert kinds == ["not recorded", "flat", "saturated"]


def test_one_plateau_is_no_limit() -> None:
    values = noise()
    values[3000:3010] = 9.0
    assert channel_of(record(values)).good.all()


def test_the_first_channel_that_is_not_flat_is_taken() -> None:
    both = Record("made", ("A", "B"), np.stack([np.zeros(3000), noise(30)]), 100.0, ("uV", "uV"))
    assert channel_of(both).label == "B"
    with pytest.raises(BadInput, match=r"no channel 'Q'.*A, B"):
        channel_of(both, "Q")
    assert channel_of(both, " b ").label == "B"


def _write_interrupted(path: Path, onsets: list[str], rate: int = 100) -> np.ndarray:
    """EDF+D of one channel with a block of a second at each onset; returns the samples, one after another."""
    values = np.random.default_rng(1).uniform(-150, 150, len(onsets) * rate)
    words = [(16, ("C3", "EDF Annotations")), (80, ("", "")), (8, ("uV", "")), (8, (-200, -1)), (8, (200, 1))]
    words += [(8, (-32768,) * 2), (8, (32767,) * 2), (80, ("", "")), (8, (rate, 16)), (32, ("", ""))]
    head = [(8, 0), (80, "X X X X"), (80, "Startdate 01-JAN-2026 X X X"), (8, "01.01.26"), (8, "00.00.00"), (8, 768)]
    head += [(44, "EDF+D"), (8, len(onsets)), (8, 1), (4, 2)]
    text = "".join(f"{word!s:<{width}}" for width, word in head)
    text += "".join(f"{word!s:<{width}}" for width, pair in words for word in pair)
    counts = np.round((values + 200) / 400 * 65535 - 32768).astype("<i2").reshape(-1, rate)
    blocks = [
        block.tobytes() + f"{onset}\x14\x14".encode().ljust(32, b"\0")
        for block, onset in zip(counts, onsets, strict=True)
    ]
    path.write_bytes(text.encode("ascii") + b"".join(blocks))
    return values


def test_an_interrupted_edf_has_its_blocks_where_they_belong(tmp_path: Path) -> None:
    """Two seconds, a gap of 3.5 s, one more: the gap is NaN, and said."""
    values = _write_interrupted(tmp_path / "d.edf", ["+0", "+1", "+5.5"])
    found = read_record(tmp_path / "d.edf")
    assert found.values.shape == (1, 650)
    np.testing.assert_allclose(found.values[0, :200], values[:200], atol=0.01)
    np.testing.assert_allclose(found.values[0, 550:], values[200:], atol=0.01)
    assert np.isnan(found.values[0, 200:550]).all()
    assert any("interrupted for 3.5 s" in remark.text for remark in found.remarks)


@pytest.mark.parametrize(
    ("onsets", "words"), [(["+0", "x", "+2"], "does not say when"), (["+0", "+3", "+1"], "do not fit its signals")]
)
def test_blocks_without_a_time_of_their_own_are_refused(tmp_path: Path, onsets: list[str], words: str) -> None:
    _write_interrupted(tmp_path / "d.edf", onsets)
    with pytest.raises(BadInput, match=words):
        read_record(tmp_path / "d.edf")
