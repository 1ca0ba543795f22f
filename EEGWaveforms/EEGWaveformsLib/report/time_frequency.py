"""The power of a mean waveform over time and frequency (complex Morlet wavelets)."""

from __future__ import annotations

import numpy as np

from EEGWaveformsLib.eeg_result import Waveform

CYCLES = 5.0  # of each wavelet
ROWS = 60


def power(waveform: Waveform, band_hz: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies (f,) in Hz, of equal ratios, and power (f, n) of the mean, its greatest value 1.

    Wavelets have unit energy, so that a short wave and a long oscillation of one amplitude stand side by side.
    """
    rate, mean = waveform.mean_rate_hz, np.asarray(waveform.mean)
    lowest = max(band_hz[0], 1 / max(len(mean) / rate, 1e-6), 0.5)
    frequencies = np.geomspace(lowest, max(band_hz[1], 1.2 * lowest), ROWS)
    found = np.empty((ROWS, len(mean)))
    for row, frequency in enumerate(frequencies):
        sigma = CYCLES / (2 * np.pi * frequency)
        half = max(round(3 * sigma * rate), 1)
        times = np.arange(-half, half + 1) / rate
        wavelet = np.exp(2j * np.pi * frequency * times - times**2 / (2 * sigma**2))
        wavelet /= np.linalg.norm(wavelet)
        padded = np.pad(mean, half)
        found[row] = np.abs(np.convolve(padded, wavelet, "valid")) ** 2
    return frequencies, found / max(float(found.max()), 1e-300)
