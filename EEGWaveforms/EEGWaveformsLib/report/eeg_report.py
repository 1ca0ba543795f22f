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
    "From noise: events that the same search finds in records of the same spectrum with random phases. p: the chance "
    "that the best waveform of such a record explains held-out data as well. Halves, seeds: correlation of a waveform "
    "with the one learned from the other half of the record, and with another seed."
)
_CHANNELS = 24


def eeg_report(result: EegResult, picture: np.ndarray) -> Report:
    """Describe a result as a report.

    Args:
        picture: (H, W, 3) uint8, see `report.picture`.
    """
    table = result.table("waveforms")
    chosen = (
        "waveform",
        "verdict",
        "events",
        "rate_per_min",
        "expected_from_noise",
        "p",
        "stable_halves",
        "stable_seeds",
    )
    columns = [index for index, column in enumerate(table.columns) if column.key in chosen]
    header = tuple(table.titles()[index] for index in columns)
    rows = tuple(tuple(row[index] for index in columns) for row in table.texts())
    sections = [Section("Recurrent waveforms", header=header, rows=rows, text=_NOISE)]
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
