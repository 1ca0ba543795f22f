"""The mean of a waveform's events in the signal itself, with its spread and its true extent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from EEGWaveformsLib.dictionary.pursuit import windows

_SIGNIFICANT = 3.0  # standard errors
_SMOOTH_S, _JOIN_S = 0.02, 0.1  # of the test where a waveform begins and ends
_LEAST_S = 0.03


@dataclass(frozen=True)
class Shape:
    """A mean waveform.

    Attributes:
        mean, sd: (n,) mean over the events and standard deviation of one event, in the channel's unit.
        rate_hz: samples a second.
        first_s: time of the first sample; 0 is the greatest deflection of the mean.
        onset_s, duration_s: where the mean differs from nothing, on the same time axis.
        peak_s: the greatest deflection, from where the search placed the event.
    """

    mean: np.ndarray
    sd: np.ndarray
    rate_hz: float
    first_s: float
    onset_s: float
    duration_s: float
    peak_s: float

    def times_s(self) -> np.ndarray:
        """(n,) the time axis."""
        return self.first_s + np.arange(len(self.mean)) / self.rate_hz

    def peak_to_peak(self) -> float:
        """From the least to the greatest value of the mean."""
        return float(np.ptp(self.mean))

    def main_hz(self) -> float:
        """The frequency at which its power has its center."""
        spectrum = np.abs(np.fft.rfft(self.mean - self.mean.mean(), 4 * len(self.mean))) ** 2
        return float((np.fft.rfftfreq(4 * len(self.mean), 1 / self.rate_hz) * spectrum).sum() / spectrum.sum())


def mean_shape(
    values: np.ndarray, rate_hz: float, times_s: np.ndarray, weight: np.ndarray, length_s: float
) -> tuple[Shape, np.ndarray]:
    """The mean waveform around events, and the size of each event.

    Args:
        values: (n,) the channel in its band.
        times_s: (e,) middles of the events.
        weight: (e,) their amplitudes.
        length_s: of the waveform that was searched; as much again is looked at on either side.

    Returns:
        The shape; (e,) peak-to-peak sizes, by least squares against the mean.
    """
    reach = max(round(length_s * rate_hz), 2)
    count = 2 * reach + 1
    at = np.round(times_s * rate_hz).astype(int)
    at = np.clip(at, 0, len(values) - 1)
    segments = windows(values, at, count)
    weight = np.minimum(weight, 2 * np.median(weight))
    mean = weight @ segments / weight.sum()
    sd = segments.std(axis=0, ddof=1) if len(segments) > 1 else np.zeros(count)
    onset, end = _extent(mean, sd / np.sqrt(len(segments)), rate_hz)
    peak = onset + int(np.argmax(np.abs(mean[onset : end + 1])))
    part = slice(onset, end + 1)
    size = segments[:, part] @ mean[part] / max(float(mean[part] @ mean[part]), 1e-300) * np.ptp(mean[part])
    margin = max(round(0.25 * (end - onset)), 1)
    first, last = max(onset - margin, 0), min(end + margin, count - 1)
    shape = Shape(
        mean[first : last + 1],
        sd[first : last + 1],
        rate_hz,
        (first - peak) / rate_hz,
        (onset - peak) / rate_hz,
        (end - onset) / rate_hz,
        (peak - count // 2) / rate_hz,
    )
    return shape, size


def _extent(mean: np.ndarray, error: np.ndarray, rate_hz: float) -> tuple[int, int]:
    """First and last sample of the part around the middle in which the mean differs from nothing."""
    width = max(round(_SMOOTH_S * rate_hz), 1)
    power = np.sqrt(ndimage.uniform_filter1d(mean**2, width))
    floor = max(_SIGNIFICANT * float(np.median(error)), 0.1 * float(power.max()))
    join = max(round(_JOIN_S * rate_hz), 1)
    differs = ndimage.binary_closing(np.pad(power > floor, join), iterations=join)[join:-join]
    labels, _number = ndimage.label(differs)
    top = int(np.argmax(power))
    inside = np.flatnonzero(labels == labels[top]) if labels[top] else np.array([top])
    least = max(round(_LEAST_S * rate_hz), 1)
    return int(max(inside[0] - least // 2, 0)), int(min(inside[-1] + least // 2, len(mean) - 1))
