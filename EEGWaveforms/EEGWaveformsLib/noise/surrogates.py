"""Records of the same spectrum in which nothing recurs: phases drawn at random (Theiler et al., 1992)."""

from __future__ import annotations

import numpy as np
from scipy import fft

from EEGWaveformsLib.dictionary.conditioning import Conditioned, condition


def surrogate(conditioned: Conditioned, rng: np.random.Generator) -> Conditioned:
    """A channel with the spectrum of this one and random phases, made ready for the search in the same way."""
    values = conditioned.values
    spectrum = fft.rfft(values)
    phase = rng.uniform(0, 2 * np.pi, len(spectrum))
    turned = np.abs(spectrum) * np.exp(1j * phase)
    turned[0] = 0.0
    noise = fft.irfft(turned, len(values))
    low, high = conditioned.band_hz
    return condition(noise, conditioned.good, conditioned.rate_hz, (low, min(high, conditioned.rate_hz / 2)))
