"""Bursts: stretches in which a band stands out and its recurrent waveforms occur.

An oscillation of a second is several events of a waveform of a few cycles, one burst to the eye. A burst is where the
band's running amplitude exceeds `ABOVE` of its medians, where the band holds `SHARE` of the power of its wider
neighborhood (an arousal or a muscle raises both), and where an event lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from EEGWaveformsLib.dictionary.conditioning import band_pass
from EEGWaveformsLib.search.channel import Found

WINDOW_S = 0.75
"""Over which the amplitude is a root mean square."""
ABOVE = 2.25
"""Medians of the running amplitude."""
SHARE = 0.5
"""Of the power between a third of the band's lower end and four thirds of its upper."""
JOIN_S, SHORTEST_S, LONGEST_S = 0.3, 0.4, 3.0
_NEAR_S = 0.1  # an event beside a burst belongs to it


@dataclass(frozen=True)
class Burst:
    """A stretch: beginning and length in s, greatest amplitude (unit of the signal), and its largest waveform."""

    onset_s: float
    duration_s: float
    amplitude: float
    waveform: int


def bursts(found: Found, values: np.ndarray, good: np.ndarray, rate_hz: float) -> list[Burst]:
    """The bursts of a channel, by time.

    Args:
        found: its waveforms.
        values, good: (n,) the channel as `search` was given it.
    """
    low, high = found.conditioned.band_hz
    amplitude = _running(band_pass(values, rate_hz, (low, high)), rate_hz)
    wider = _running(band_pass(values, rate_hz, (low / 3, min(4 * high / 3, 0.49 * rate_hz))), rate_hz)
    stands_out = good & (amplitude > ABOVE * float(np.median(amplitude[good])))
    selective = amplitude**2 >= SHARE * wider**2
    stretches: list[tuple[int, int]] = []
    for (place,) in ndimage.find_objects(ndimage.label(stands_out)[0]):
        if stretches and place.start <= stretches[-1][1] + JOIN_S * rate_hz:
            stretches[-1] = stretches[-1][0], place.stop
        else:
            stretches.append((place.start, place.stop))
    times = np.concatenate([np.zeros(0), *(each.time_s for each in found.waveforms)])
    sizes = np.concatenate([np.zeros(0), *(each.size_sd for each in found.waveforms)])
    which = np.repeat(np.arange(len(found.waveforms)), [len(each.time_s) for each in found.waveforms])
    made = []
    for start, end in stretches:
        onset, duration = start / rate_hz, (end - start) / rate_hz
        inside = np.flatnonzero((times >= onset - _NEAR_S) & (times <= onset + duration + _NEAR_S))
        if SHORTEST_S <= duration <= LONGEST_S and len(inside) and selective[start:end].any():
            largest = int(inside[np.argmax(sizes[inside])])
            made.append(Burst(onset, duration, float(amplitude[start:end].max()), int(which[largest])))
    return made


def _running(values: np.ndarray, rate_hz: float) -> np.ndarray:
    """(n,) running root mean square over `WINDOW_S`."""
    mean = ndimage.uniform_filter1d(values**2, max(round(WINDOW_S * rate_hz), 1))
    return np.asarray(np.sqrt(np.maximum(mean, 0)))
