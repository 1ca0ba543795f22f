"""The report of a channel that was searched."""

from __future__ import annotations

import numpy as np

from DeepMedLib.report.model import Picture, Report, Section
from EEGWaveformsLib.eeg_result import WORDING, EegResult
from EEGWaveformsLib.report.charts import MOST_CHARTS, mean_chart, rate_chart

_CAPTION = (
    "Stretches of the channel with its events; below, the mean of each waveform with one standard deviation of the "
    "events, and the power of the mean over time and frequency."
)
_NOISE = (
    "Noise: events that the same search finds in records of the same spectrum with random phases. p: the chance that "
    "the best waveform of such a record explains held-out data as well."
)
_STABLE = (
    "Least: size from which events count, in standard deviations of the background. Halves, seeds: correlation with "
    "the waveform learned from the other half of the record, and with another seed."
)
_CHANNELS = 24


def eeg_report(result: EegResult, picture: np.ndarray) -> Report:
    """Describe a result as a report.

    Args:
        picture: (H, W, 3) uint8, see `report.picture`.
    """
    sections = [result.table("waveforms").section(_NOISE), result.table("shapes").section(_STABLE)]
    if result.measurements():
        sections.append(Section("Rates and sizes", tuple(result.measurements())))
    if result.channel_counts:
        channels = result.table("channels")
        left_out = len(channels.rows) - _CHANNELS
        text = f"{left_out} more in channels.csv." if left_out > 0 else ""
        rows = tuple(channels.texts()[:_CHANNELS])
        sections.append(Section(channels.title, header=channels.titles(), rows=rows, text=text))
    charts = [mean_chart(result, waveform) for waveform in result.waveforms[:MOST_CHARTS]] + [rate_chart(result)]
    return Report(
        title="Recurrent waveforms",
        subtitle=result.answer(),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=(
            ("Record", result.record),
            ("Channel", result.channel),
            ("Searched", f"{result.usable_s:.0f} of {result.duration_s:.0f} s at {result.rate_hz:g} Hz"),
            ("Band", f"{result.band_hz[0]:g} to {result.band_hz[1]:g} Hz"),
        ),
        pictures=(Picture(picture, _CAPTION),),
        warnings=tuple(remark.text for remark in result.remarks if remark.text != WORDING),
        sections=tuple(sections),
        notes=(WORDING,),
        provenance={key: value for key, value in result.provenance.items() if value},
        more=(Report("Waveforms and rate over time", result.record, charts=tuple(charts)),),
    )
