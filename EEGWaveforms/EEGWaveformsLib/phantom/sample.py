"""A generated record with known truth: two waveforms planted into the background of a scalp EEG."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from EEGWaveformsLib.electrodes.positions import TEN_TWENTY
from EEGWaveformsLib.records.record import Record

RATE_HZ, DURATION_S = 200.0, 300.0
BACKGROUND_UV = 12.0
NAME = "EEGPhantom"
#: Waveform -> where it is largest and how often it occurs; elsewhere it falls off with the distance on the head.
PLACES = {"biphasic": ("C3", 45), "burst": ("F3", 35)}
CHANNEL = "C3"
"""Where both can be found."""
_FALL_OFF_MM, _LEAST = 100.0, 0.05


@dataclass(frozen=True)
class Planted:
    """A record and what is in it.

    Attributes:
        record: the channels, uV.
        waveforms: name -> (m,) unit root mean square at `RATE_HZ`.
        onsets_s: name -> (e,) when it begins, the same in all channels.
        gains_uv: name -> its root mean square in each channel.
    """

    record: Record
    waveforms: dict[str, np.ndarray]
    onsets_s: dict[str, np.ndarray]
    gains_uv: dict[str, dict[str, float]]


def waveforms(rate_hz: float = RATE_HZ) -> dict[str, np.ndarray]:
    """The two waveforms of the sample: a sharp wave with a slow one after it, and a burst at 13 Hz."""
    sharp = np.arange(round(0.5 * rate_hz)) / rate_hz
    burst = np.arange(round(0.8 * rate_hz)) / rate_hz
    shapes = {
        "biphasic": np.exp(-(((sharp - 0.12) / 0.03) ** 2)) - 0.6 * np.exp(-(((sharp - 0.28) / 0.07) ** 2)),
        "burst": np.sin(2 * np.pi * 13 * burst) * np.exp(-(((burst - 0.4) / 0.16) ** 2)),
    }
    return {name: shape / np.sqrt(np.mean(shape**2)) for name, shape in shapes.items()}


def background(samples: int, rng: np.random.Generator, slope: float = 1.0) -> np.ndarray:
    """(n,) noise of unit deviation whose power falls as 1 / f**slope."""
    frequencies = fft.rfftfreq(samples)
    frequencies[0] = frequencies[1]
    drawn = rng.normal(size=len(frequencies)) + 1j * rng.normal(size=len(frequencies))
    noise = fft.irfft(drawn * frequencies ** (-slope / 2), samples)
    return np.asarray(noise / noise.std())


def planted(seed: int = 1, duration_s: float = DURATION_S, snr_db: float = 3.0) -> Planted:
    """The sample record.

    Args:
        snr_db: power of a waveform over its length, where it is largest, beside that of the background.
    """
    rng, samples = np.random.default_rng(seed), round(duration_s * RATE_HZ)
    labels = tuple(TEN_TWENTY)
    common = background(samples, rng)
    values = BACKGROUND_UV * (0.8 * np.stack([background(samples, rng) for _ in labels]) + 0.6 * common)
    shapes = waveforms()
    onsets: dict[str, np.ndarray] = {}
    gains: dict[str, dict[str, float]] = {}
    slots = rng.permutation(int((duration_s - 4) / 1.5))
    for name, (place, often) in PLACES.items():
        count = round(often * duration_s / DURATION_S)
        onsets[name] = np.sort(2 + 1.5 * slots[:count] + rng.uniform(0, 0.3, count))
        slots = slots[count:]
        center = np.array(TEN_TWENTY[place])
        gains[name] = {}
        for row, label in enumerate(labels):
            gain = np.exp(-np.linalg.norm(np.array(TEN_TWENTY[label]) - center) / _FALL_OFF_MM)
            if gain < _LEAST:
                continue
            gains[name][label] = float(gain) * BACKGROUND_UV * 10 ** (snr_db / 20)
            for onset in onsets[name]:
                start = round(onset * RATE_HZ)
                values[row, start : start + len(shapes[name])] += gains[name][label] * shapes[name]
    record = Record(NAME, labels, values.astype(np.float32), RATE_HZ, ("uV",) * len(labels))
    return Planted(record, shapes, onsets, gains)
