"""The search finds what was planted, how many there were, and nothing in noise."""

from __future__ import annotations

import numpy as np
import pytest

from EEGWaveformsLib.dictionary.conditioning import band_pass, condition
from EEGWaveformsLib.dictionary.learning import recentred
from EEGWaveformsLib.dictionary.pursuit import correlations, extent, pursue
from EEGWaveformsLib.noise.null import Null
from EEGWaveformsLib.noise.surrogates import surrogate
from EEGWaveformsLib.phantom.sample import background, waveforms
from EEGWaveformsLib.search.channel import Found, search
from EEGWaveformsLib.search.detection import threshold_of

RATE = 200.0
BAND = (0.5, 40.0)


def record(names: tuple[str, ...], seed: int = 5, often: int = 60) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Five minutes of 1/f noise with waveforms at 0 dB, and their onsets in s."""
    rng = np.random.default_rng(seed)
    values, shapes, onsets = background(60000, rng), waveforms(), {}
    slots = rng.permutation(195)
    for part, name in enumerate(names):
        onsets[name] = np.sort(1 + 1.5 * slots[part * often : (part + 1) * often] + rng.uniform(0, 0.4, often))
        for onset in onsets[name]:
            start = round(onset * RATE)
            values[start : start + len(shapes[name])] += shapes[name]
    return values, onsets


def searched(values: np.ndarray, **more: object) -> Found:
    return search(values, np.ones(len(values), bool), RATE, BAND, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [("biphasic",), ("biphasic", "burst")])
def test_planted_waveforms_are_found_and_counted(names: tuple[str, ...]) -> None:
    values, onsets = record(names)
    found = searched(values)
    assert len(found.waveforms) == len(names)
    assert all(waveform.beyond_noise for waveform in found.waveforms)
    for name in names:
        best = max(found.waveforms, key=lambda waveform: _hits(waveform.time_s, onsets[name])[0])
        hits, error = _hits(best.time_s, onsets[name])
        assert hits >= 0.95 * len(onsets[name]) and hits >= 0.95 * len(best.time_s)
        assert np.median(error) <= 0.01
        shape = band_pass(np.pad(waveforms()[name], 400), RATE, BAND)[400:-400]
        assert _likest(best.shape.mean, shape) >= 0.95


def _hits(times: np.ndarray, onsets: np.ndarray) -> tuple[int, np.ndarray]:
    """Onsets with one event at the waveform's usual delay, and how far from it."""
    nearest = times[np.abs(times[:, None] - 0.25 - onsets).argmin(axis=0)] - onsets
    error = np.abs(nearest - np.median(nearest))
    return int((error < 0.05).sum()), error[error < 0.05]


def _likest(mean: np.ndarray, shape: np.ndarray) -> float:
    """Greatest correlation of a shape with any stretch of the mean of its length."""
    padded = np.pad(mean, len(shape) // 2)
    stretches = np.lib.stride_tricks.sliding_window_view(padded, len(shape))
    centered = stretches - stretches.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centered, axis=1) * np.linalg.norm(shape - shape.mean())
    return float((centered @ (shape - shape.mean()) / np.maximum(norms, 1e-12)).max())


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_nothing_is_beyond_noise_in_noise(slope: float) -> None:
    found = searched(background(24000, np.random.default_rng(int(10 * slope)), slope))
    assert not any(waveform.beyond_noise for waveform in found.waveforms)


def test_what_is_not_recorded_has_no_events() -> None:
    values, onsets = record(("biphasic",))
    good = np.ones(len(values), bool)
    good[20000:40000] = False
    values[~good] = 1e5
    found = search(values, good, RATE, BAND)
    times = np.concatenate([waveform.time_s for waveform in found.waveforms])
    assert not ((times > 100.5) & (times < 199.5)).any()
    left = (onsets["biphasic"] < 99) | (onsets["biphasic"] > 201)
    assert len(times) >= 0.9 * left.sum()


def test_the_search_repeats_itself_and_scales_with_the_signal() -> None:
    values, _ = record(("biphasic",))
    one, same, larger = searched(values), searched(values), searched(1000 * values)
    np.testing.assert_array_equal(one.waveforms[0].time_s, same.waveforms[0].time_s)
    np.testing.assert_allclose(larger.waveforms[0].time_s, one.waveforms[0].time_s, atol=1e-6)
    np.testing.assert_allclose(larger.waveforms[0].size, 1000 * one.waveforms[0].size, rtol=1e-6)


def test_pursuit_finds_times_and_amplitudes_worked_out_by_hand() -> None:
    atom = np.array([3.0, 0.0, 4.0]) / 5
    values = np.zeros(200)
    for at, amplitude in ((50, 10.0), (100, 5.0), (150, 3.0)):
        values[at - 1 : at + 2] += amplitude * atom
    events, rest = pursue(values, [atom], threshold=4.0)
    assert events.at.tolist() == [50, 100]
    np.testing.assert_allclose(events.amplitude, [10, 5])
    np.testing.assert_allclose(np.flatnonzero(np.abs(rest) > 1e-9), [149, 151])
    assert pursue(values, [atom], threshold=2.9)[0].at.tolist() == [50, 100, 150]
    assert correlations(values, [atom])[0, 50] == pytest.approx(10)


def test_the_refractory_time_is_a_share_of_where_the_energy_is() -> None:
    atom = np.zeros(41)
    atom[15:26] = np.hanning(11)
    atom /= np.linalg.norm(atom)
    assert extent(atom) == 5
    values = np.zeros(400)
    for start in (100, 114):
        values[start : start + 41] += 10 * atom
    assert pursue(values, [atom], 4.0, refractory=13 / 5)[0].at.tolist() == [120, 134]
    assert pursue(values, [atom], 4.0, refractory=14 / 5)[0].at.tolist() == [120]


def test_a_short_waveform_stands_in_the_middle_of_a_long_window() -> None:
    long = np.zeros(100)
    long[45:55] = 1.0
    cut = recentred(long, 40)
    assert np.linalg.norm(cut) == pytest.approx(1)
    assert np.flatnonzero(cut > 0.1).mean() == pytest.approx(19.5, abs=1.5)


def test_the_background_sees_a_deviation_of_one() -> None:
    noise = 7.0 * background(60000, np.random.default_rng(3), 1.0)
    ready = condition(noise, np.ones(60000, bool), RATE, BAND)
    atom = condition(np.random.default_rng(4).normal(size=2000), np.ones(2000, bool), RATE, BAND).values[500:564]
    products = correlations(ready.values, [atom / np.linalg.norm(atom)])[0]
    assert products.std() == pytest.approx(1.0, abs=0.1)


def test_a_surrogate_keeps_the_spectrum_and_loses_the_waveform() -> None:
    values, _ = record(("biphasic",), often=120)
    ready = condition(values, np.ones(len(values), bool), RATE, BAND)
    noise = surrogate(ready, np.random.default_rng(1))
    assert np.mean(noise.values**4) / np.mean(noise.values**2) ** 2 == pytest.approx(3, abs=0.15)
    assert noise.values.std() == pytest.approx(ready.values.std(), rel=0.15)


def test_the_chance_of_noise_is_that_of_a_greatest_value() -> None:
    rng = np.random.default_rng(8)
    null = Null((10,), rng.normal(1.0, 0.1, (400, 1)), np.full((400, 1), 2e-4), 4.0)
    assert null.p(0.0) == pytest.approx(0.43, abs=0.05)
    assert null.p(8.0) < 1e-3
    assert null.expected(10, 10000) == pytest.approx(2.0)
    assert null.expected(10, 10000, 5.0) == pytest.approx(2.0 * np.exp(-4.5))


def test_the_threshold_rises_until_noise_gives_few_enough() -> None:
    quiet, noisy = (Null((10,), np.ones((5, 1)), np.full((5, 1), rate), 4.0) for rate in (1e-9, 1e-3))
    amplitude = np.linspace(3.5, 9, 200)
    assert threshold_of(amplitude, 10, 10000, quiet) == pytest.approx(3.5)
    limit = threshold_of(amplitude, 10, 10000, noisy)
    count = (amplitude >= limit).sum()
    assert noisy.expected(10, 10000, limit) <= 0.03 * count
    assert noisy.expected(10, 10000, limit - 0.051) > 0.03 * (amplitude >= limit - 0.051).sum()
