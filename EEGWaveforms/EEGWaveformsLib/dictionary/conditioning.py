"""A channel made ready for the search: band-passed, brought to a small rate, its background made white and even.

Whitening by the background's spectrum makes a correlation with a waveform the best linear detector (North 1943), and
its size a count of the background's standard deviations; the running background of power keeps that true where the
background waxes and wanes, as it does over the stages of sleep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage, signal
from scipy.stats import chi2

_SEGMENT_S = 2.0  # of the spectrum; half a hertz is its resolution
_QUIET = 0.3  # the background is what so many of the segments and cells do not exceed: most hold no event
_FLOOR = 1e-4  # of the spectrum's greatest value: what a filter of the amplifier has removed is not brought back
_CELL_S, _BACKGROUND_S = 0.5, 60.0  # power is averaged over a cell, its quantile taken over a minute
_NARROW = 2.0  # a band below an octave has a background that is white enough
_RATE_PER_HZ = 3.2  # samples for each Hz of the band's upper end


@dataclass(frozen=True)
class Conditioned:
    """A channel as the search sees it.

    Attributes:
        values: (n,) float64, so that the background has an inner product of standard deviation 1 with any waveform of
            unit energy within the band; 0 where nothing was recorded.
        good: (n,) whether the sample and its neighborhood were recorded.
        rate_hz: samples a second.
        band_hz: lowest and highest frequency that passes.
    """

    values: np.ndarray
    good: np.ndarray
    rate_hz: float
    band_hz: tuple[float, float]


def band_pass(
    values: np.ndarray, rate_hz: float, band_hz: tuple[float, float], to_hz: float | None = None
) -> np.ndarray:
    """The part of a signal within a band, without a shift of phase, and at another rate when one is given.

    Args:
        values: (n,) finite.
        to_hz: rate of what is returned, at least twice the band's upper end; None keeps the rate.
    """
    count = len(values)
    out = count if to_hz is None else round(count * to_hz / rate_hz)
    spectrum, frequencies, padded, pad = _spectrum(values, rate_hz)
    return _back(spectrum * _pass(frequencies, band_hz), padded, pad, count, out)


def condition(values: np.ndarray, good: np.ndarray, rate_hz: float, band_hz: tuple[float, float]) -> Conditioned:
    """Bring a channel to the form that waveforms are searched in.

    Args:
        values: (n,) finite; what was not recorded is filled by a line.
        good: (n,) whether a sample was recorded.
        band_hz: within 0 and half the rate.
    """
    count = len(values)
    rate = min(rate_hz, _RATE_PER_HZ * band_hz[1])
    out = round(count * rate / rate_hz)
    spectrum, frequencies, padded, pad = _spectrum(values, rate_hz)
    passed = _pass(frequencies, band_hz)
    if band_hz[1] > _NARROW * band_hz[0]:
        passed = passed / np.sqrt(np.interp(frequencies, *background_spectrum(values, good, rate_hz, band_hz)))
    white = _back(spectrum * passed, padded, pad, count, out)
    sound = _at_rate(good, out)
    # Noise of a band has neighbors that agree: scaled so that a waveform of unit energy sees a deviation of 1, not of
    # a sample.
    width = band_hz[1] - band_hz[0]
    share = min(2 * width / rate, 1.0)
    return Conditioned(np.sqrt(share) * _even(white, sound, rate, width), sound, rate, band_hz)


def background_spectrum(
    values: np.ndarray, good: np.ndarray, rate_hz: float, band_hz: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies (Hz) and power of the background: a low quantile of segments, smoothed over an eighth octave."""
    size = min(round(_SEGMENT_S * rate_hz), len(values))
    step = max(size // 2, 1)
    starts = np.arange(0, len(values) - size + 1, step)
    whole = np.concatenate([[0], np.cumsum(~good)])
    starts = starts[whole[starts + size] == whole[starts]] if (whole[starts + size] == whole[starts]).any() else starts
    window = signal.get_window("hann", size)
    segments = np.lib.stride_tricks.sliding_window_view(values, size)[starts]
    power = np.abs(fft.rfft((segments - segments.mean(axis=1, keepdims=True)) * window, axis=1)) ** 2
    frequencies, quiet = fft.rfftfreq(size, 1 / rate_hz), np.quantile(power, _QUIET, axis=0)
    inside = (frequencies >= band_hz[0]) & (frequencies <= band_hz[1])
    if inside.sum() < 3:
        return frequencies, np.ones_like(frequencies)
    # On a grid of equal ratios an eighth of an octave is the same number of steps everywhere.
    grid = np.geomspace(max(frequencies[inside][0], 1e-3), frequencies[inside][-1], 240)
    # Power, not its logarithm, is smoothed: beside the edge of a filter the background is then not taken for too low.
    steps = (1 / 8) * np.log(2) / np.log(grid[1] / grid[0])
    smooth = ndimage.gaussian_filter1d(np.interp(grid, frequencies[inside], quiet[inside]), steps, mode="nearest")
    smooth = np.maximum(smooth, 1e-300)
    return grid, np.maximum(smooth, _FLOOR * smooth.max())


def _spectrum(values: np.ndarray, rate_hz: float) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Spectrum of the signal mirrored at its ends, its frequencies, the length, and the samples before the signal."""
    pad = min(round(2 * rate_hz), len(values) - 1)
    mirrored = np.pad(np.asarray(values, float) - np.mean(values), pad, mode="reflect")
    length = fft.next_fast_len(len(mirrored), real=True)
    return fft.rfft(mirrored, length), fft.rfftfreq(length, 1 / rate_hz), length, pad


def _pass(frequencies: np.ndarray, band_hz: tuple[float, float]) -> np.ndarray:
    """Gain of the band: 1 inside, to 0 over a tenth of each end's frequency, at least 0.2 Hz."""
    low, high = band_hz
    rise, fall = max(0.1 * low, 0.2), max(0.1 * high, 0.2)
    up = np.clip((frequencies - low) / rise + 1, 0, 1) if low > 0 else np.ones_like(frequencies)
    down = np.clip((high - frequencies) / fall + 1, 0, 1)
    return np.sin(np.pi / 2 * up) ** 2 * np.sin(np.pi / 2 * down) ** 2


def _back(spectrum: np.ndarray, padded: int, pad: int, count: int, out: int) -> np.ndarray:
    """The signal of a spectrum without its mirrored ends, `out` samples over the time of `count`."""
    signal_back = fft.irfft(spectrum, padded)[pad : pad + count]
    if out == count:
        return signal_back
    at = np.arange(out) * (count / out)
    return ndimage.map_coordinates(signal_back, at[None, :], order=3, mode="nearest")


def _at_rate(good: np.ndarray, out: int) -> np.ndarray:
    index = np.minimum((np.arange(out) * (len(good) / out)).astype(int), len(good) - 1)
    return np.asarray(good)[index]


def _even(white: np.ndarray, good: np.ndarray, rate_hz: float, width_hz: float) -> np.ndarray:
    """White noise over its running standard deviation; 0 where nothing was recorded.

    The quantile of a cell's power stands below its mean as that of a chi-square distribution with two degrees of
    freedom for each Hz and second.
    """
    cell = max(round(_CELL_S * rate_hz), 1)
    count = max(len(white) // cell, 1)
    edges = np.linspace(0, len(white), count + 1).astype(int)
    weight = np.add.reduceat(good.astype(float), edges[:-1])
    power = np.add.reduceat(np.where(good, white, 0) ** 2, edges[:-1]) / np.maximum(weight, 1)
    usable = weight > 0.5 * cell
    if not usable.any():
        return np.zeros_like(white)
    power = np.interp(np.arange(count), np.flatnonzero(usable), power[usable])
    over = min(2 * round(_BACKGROUND_S / _CELL_S / 2) + 1, 2 * (count // 2) + 1)
    freedom = max(2 * width_hz * _CELL_S, 1.0)
    quiet = ndimage.percentile_filter(power, 100 * _QUIET, over, mode="nearest") * freedom / chi2.ppf(_QUIET, freedom)
    floor = 1e-12 * float(power.max()) + 1e-300
    middles = (edges[:-1] + edges[1:]) / 2
    spread = np.interp(np.arange(len(white)), middles, np.sqrt(np.maximum(quiet, floor)))
    return np.where(good, white / spread, 0.0)
