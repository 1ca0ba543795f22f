"""The picture of a result: trace with events, mean waveforms, and their power over time and frequency."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from EEGWaveformsLib.dictionary.conditioning import band_pass
from EEGWaveformsLib.eeg_result import EegResult, Waveform
from EEGWaveformsLib.report.drawing import COLORS, HAIRLINE, INK, SOFT, TRACE, Box, Canvas, span
from EEGWaveformsLib.report.time_frequency import power

WIDTH = 1100
STRIP_S = 10.0
_STRIPS, _SHOWN = 3, 4  # stretches of the trace; waveforms
_LEFT, _TOP = 46, 26


def result_picture(result: EegResult, values: np.ndarray, width: int = WIDTH) -> np.ndarray:
    """(H, W, 3) uint8.

    Args:
        values: (n,) the channel, finite.
    """
    size, columns = (13, 4) if width >= 800 else (10, 2)  # two plots a waveform
    strip = round(0.1 * width)
    shown = result.waveforms[:_SHOWN]
    plot, room = round((0.7 if columns == 4 else 0.5) * width / columns), size + 26
    rows = -(-2 * len(shown) // columns)
    height = _TOP + _STRIPS * (strip + room) + rows * (plot + room + 14)
    canvas = Canvas(width, height)
    passed = band_pass(values, result.rate_hz, result.band_hz)
    for row, start in enumerate(_starts(result)):
        _strip(canvas, result, passed, start, _TOP + row * (strip + room), strip, size)
    top = _TOP + _STRIPS * (strip + room) + 8
    across = width // columns - _LEFT - 8
    for number, waveform in enumerate(shown):
        row, column = divmod(2 * number, columns)
        left, y = _LEFT + column * (width // columns), top + row * (plot + room + 14)
        _mean(canvas, result, waveform, Box(left, y, across, plot, _times(waveform), _values(waveform)), size)
        _map(canvas, result, waveform, (left + width // columns, y, across, plot), size)
    return canvas.pixels()


def _starts(result: EegResult) -> list[float]:
    """Where the strips begin: around the largest event of each waveform, then of the first ones, none twice."""
    times: list[float] = []
    order = [(w.time_s[int(i)]) for rank in range(12) for w in result.waveforms for i in _largest(w, rank)]
    for time in order:
        start = float(np.clip(time - STRIP_S / 2, 0, max(result.duration_s - STRIP_S, 0)))
        if all(abs(start - other) >= STRIP_S for other in times):
            times.append(start)
        if len(times) == _STRIPS:
            break
    return sorted(times)


def _largest(waveform: Waveform, rank: int) -> Sequence[int]:
    """The event of that rank among the typical ones: from the median of sizes up, so that no artifact comes first."""
    order = np.argsort(waveform.size_sd)[len(waveform.size_sd) // 2 :]
    return order[rank : rank + 1].tolist()


def _strip(
    canvas: Canvas, result: EegResult, passed: np.ndarray, start: float, top: int, height: int, size: int
) -> None:
    first, last = round(start * result.rate_hz), round((start + STRIP_S) * result.rate_hz)
    part = passed[first : last + 1]
    times = (first + np.arange(len(part))) / result.rate_hz
    box = Box(_LEFT, top, canvas.width - _LEFT - 12, height, (start, start + STRIP_S), span(part, 0.15))
    unit = f" ({result.unit})" if result.unit else ""
    canvas.axes(box, f"{result.channel}{unit}, {result.band_hz[0]:g} to {result.band_hz[1]:g} Hz", "time (s)", "", size)
    canvas.curve([box.at(x, y) for x, y in zip(times, part, strict=True)], TRACE, 1.0)
    for number, waveform in enumerate(result.waveforms):
        color = COLORS[number % len(COLORS)] if waveform.beyond_noise else SOFT
        for onset, time in zip(waveform.onsets_s(), waveform.time_s, strict=True):
            if not start <= time <= start + STRIP_S:
                continue
            inside = (times >= onset) & (times <= onset + waveform.duration_s)
            canvas.curve(
                [box.at(x, y) for x, y in zip(times[inside], part[inside], strict=True)] or [(0, 0)], color, 1.9
            )
            x, _ = box.at(time, box.y[1])
            canvas.dot(x, box.top + 5, 3.2, color)
            canvas.text(x + 6, box.top + 5, waveform.name, size - 2, color, "lm")


def _mean(canvas: Canvas, result: EegResult, waveform: Waveform, box: Box, size: int) -> None:
    number = result.waveforms.index(waveform)
    color = COLORS[number % len(COLORS)] if waveform.beyond_noise else SOFT
    title = f"{waveform.name}: {len(waveform.time_s)}, {waveform.verdict}"
    canvas.axes(box, title, "time (s)", result.unit, size, color if waveform.beyond_noise else INK)
    times, mean, sd = waveform.times_of_mean_s(), np.asarray(waveform.mean), np.asarray(waveform.sd)
    upper = [box.at(x, y) for x, y in zip(times, mean + sd, strict=True)]
    lower = [box.at(x, y) for x, y in zip(times[::-1], (mean - sd)[::-1], strict=True)]
    canvas.area(upper + lower, HAIRLINE)
    canvas.curve([box.at(x, y) for x, y in zip(times, mean, strict=True)], color, 2.0)


def _map(canvas: Canvas, result: EegResult, waveform: Waveform, place: tuple[int, int, int, int], size: int) -> None:
    frequencies, values = power(waveform, result.band_hz)
    left, top, width, height = place
    box = Box(left, top, width, height, _times(waveform), (0.0, 1.0))
    canvas.map(box, values)
    canvas.text(left, top - size * 0.5, f"{waveform.name}: power, Hz over s", size, INK, "ls")
    for share in (0.0, 0.5, 1.0):
        frequency = frequencies[round(share * (len(frequencies) - 1))]
        canvas.text(left - 4, top + (1 - share) * (height - 10) + 5, f"{frequency:.2g}", size - 2, SOFT, "rm")
    for x, anchor in ((box.x[0], "la"), (0.0, "ma"), (box.x[1], "ra")):  # none beyond the plot's ends
        canvas.text(box.at(x, 0)[0], top + height + 3, f"{x:.2f}", size - 2, SOFT, anchor)


def _times(waveform: Waveform) -> tuple[float, float]:
    times = waveform.times_of_mean_s()
    return float(times[0]), float(times[-1]) if len(times) > 1 else float(times[0]) + 1


def _values(waveform: Waveform) -> tuple[float, float]:
    mean, sd = np.asarray(waveform.mean), np.asarray(waveform.sd)
    return span(np.concatenate([mean - sd, mean + sd]))
