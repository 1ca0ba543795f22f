"""Charts of a result: mean waveforms with spread, rate over time, and a stretch of the trace with its events."""

from __future__ import annotations

import numpy as np

from DeepMedLib.report.model import Band, Chart, ChartPoint, Series
from EEGWaveformsLib.eeg_result import EegResult, Waveform

MOST_CHARTS = 3
_BINS = 30
_POINTS = 160  # of a mean in a chart


def mean_chart(result: EegResult, waveform: Waveform) -> Chart:
    """The mean waveform with one standard deviation of the events."""
    step = max(len(waveform.mean) // _POINTS, 1)
    times = tuple(waveform.times_of_mean_s()[::step].tolist())
    mean, sd = np.asarray(waveform.mean)[::step], np.asarray(waveform.sd)[::step]
    band = Band(times, tuple((mean - sd).tolist()), tuple((mean + sd).tolist()))
    return Chart(
        f"{waveform.name} ({waveform.verdict}): mean and SD of {len(waveform.time_s)} events",
        "time (s)",
        result.unit or "value",
        (Series(times, tuple(mean.tolist())),),
        (band,),
    )


def rate_chart(result: EegResult) -> Chart:
    """Events a minute over the record, a line for each waveform."""
    minutes = result.duration_s / 60
    bins = int(np.clip(np.ceil(minutes), 2, _BINS))
    edges = np.linspace(0, result.duration_s, bins + 1)
    middles = tuple(((edges[:-1] + edges[1:]) / 120).tolist())
    lines = []
    for waveform in result.waveforms:
        counts, _edges = np.histogram(waveform.time_s, edges)
        lines.append(
            Series(middles, tuple((counts / (minutes / bins)).tolist()), waveform.name, not waveform.beyond_noise)
        )
    return Chart("Rate over time", "time (min)", "events a minute", tuple(lines))


def trace_chart(result: EegResult, passed: np.ndarray, start_s: float, length_s: float) -> Chart:
    """A stretch of the channel in its band, with a point at the greatest deflection of each event.

    Args:
        passed: (n,) the channel in its band.
    """
    first = int(np.clip(round(start_s * result.rate_hz), 0, max(len(passed) - 2, 0)))
    part = passed[first : first + max(round(length_s * result.rate_hz), 2)]
    times = (first + np.arange(len(part))) / result.rate_hz
    points = []
    for waveform in result.waveforms:
        for time in waveform.time_s:
            if times[0] <= time <= times[-1]:
                points.append(ChartPoint(time, float(np.interp(time, times, part)), waveform.name))
    title = f"{result.channel}, {result.band_hz[0]:g} to {result.band_hz[1]:g} Hz"
    line = Series(tuple(times.tolist()), tuple(part.tolist()))
    return Chart(title, "time (s)", result.unit or "value", (line,), (), tuple(points))
