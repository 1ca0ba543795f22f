"""The worker's task: a record in, the recurrent waveforms of one channel out (numpy and scipy)."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.remark import Gravity, Remark
from EEGWaveformsLib.dictionary.judging import likeness
from EEGWaveformsLib.eeg_result import EegResult, Waveform
from EEGWaveformsLib.options import HIGHEST_HZ
from EEGWaveformsLib.records.quality import Channel, channel_of, is_flat
from EEGWaveformsLib.records.record import Record
from EEGWaveformsLib.search.channel import Found, FoundWaveform, count_in, search
from EEGWaveformsLib.search.growth import ALIKE

MOST_CHANNELS = 128
"""In more channels than that the waveforms are not counted."""
_SHARE = 0.85  # of the work, where other channels are looked at, too


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Search one channel, and count its waveforms in the others.

    Args:
        arrays: ``values`` (C, n), NaN where nothing was recorded.
        options: those of `options.OPTIONS`, ``record`` its name, ``labels`` and ``units`` of the channels, ``rate_hz``,
            ``remarks`` what is known of it already (`Remark.to_dict`).

    Returns:
        values ``result`` as EegResult.to_json, ``device``, ``engine``.

    Raises:
        BadInput: the channel cannot be searched.
    """
    started = time.perf_counter()
    record = Record(
        options["record"],
        tuple(options["labels"]),
        arrays["values"],
        float(options["rate_hz"]),
        tuple(options["units"]),
    )
    channel = channel_of(record, options["channel"])
    band = band_of(record.rate_hz, options["low"], options["high"])
    lengths = (options["length"],) if options["length"] else ()
    share = _SHARE if options["everywhere"] and len(record.labels) > 1 else 1.0
    found = search(
        channel.values,
        channel.good,
        record.rate_hz,
        band,
        lengths,
        options["most"],
        options["refractory"],
        options["seed"],
        lambda fraction, message: progress(share * fraction, message),
    )
    counts, left_out = _counts(record, channel, found, options, progress) if share < 1 else ({}, ())
    known = (Remark.from_dict(remark) for remark in options.get("remarks", ()))
    remarks = (*known, *channel.remarks, *left_out, *_inverted(found))
    result = EegResult(
        record=record.name,
        channel=channel.label,
        unit=channel.unit,
        rate_hz=record.rate_hz,
        duration_s=record.duration_s,
        usable_s=float(found.conditioned.good.sum()) / found.conditioned.rate_hz,
        band_hz=band,
        waveforms=tuple(_plain(f"W{number}", each) for number, each in enumerate(found.waveforms, 1)),
        explained=found.explained,
        channel_counts=counts,
        checks=remarks,
        seconds=time.perf_counter() - started,
    )
    device = f"CPU {platform.machine()}, {os.cpu_count()} cores"
    engine = f"numpy {np.__version__}, scipy {scipy.__version__}"
    return TaskResult({}, {"result": result.to_json(), "device": device, "engine": engine})


def band_of(rate_hz: float, low: float, high: float) -> tuple[float, float]:
    """The band that is searched; an upper end of 0 stands for `HIGHEST_HZ`, or 0.45 of the rate where that is less.

    Raises:
        BadInput: the band is empty or goes beyond half the rate.
    """
    limit = rate_hz / 2
    high = high or min(HIGHEST_HZ, 0.9 * limit)
    if high > limit:
        raise BadInput(
            f"The band ends at {high:g} Hz; a rate of {rate_hz:g} Hz holds {limit:g} Hz at most.", "Lower its end."
        )
    if low >= high:
        raise BadInput(f"The band from {low:g} to {high:g} Hz is empty.", "Give a lower end below the upper one.")
    return float(low), float(high)


def _plain(name: str, found: FoundWaveform) -> Waveform:
    shape = found.shape
    return Waveform(
        name=name,
        beyond_noise=found.beyond_noise,
        p=found.p,
        expected=found.expected,
        threshold_sd=found.threshold_sd,
        stable_halves=found.stable_halves,
        stable_seeds=found.stable_seeds,
        main_hz=shape.main_hz(),
        mean=tuple(shape.mean.tolist()),
        sd=tuple(shape.sd.tolist()),
        mean_rate_hz=shape.rate_hz,
        first_s=shape.first_s,
        onset_s=shape.onset_s,
        duration_s=shape.duration_s,
        time_s=tuple(found.time_s.tolist()),
        size=tuple(found.size.tolist()),
        size_sd=tuple(found.size_sd.tolist()),
    )


def _inverted(found: Found) -> tuple[Remark, ...]:
    """Pairs that are one waveform with both signs; events are counted with one sign each."""
    remarks = []
    for k, one in enumerate(found.waveforms):
        for other, second in enumerate(found.waveforms[:k]):
            if likeness(-one.atom, second.atom) >= ALIKE:
                text = f"W{k + 1} is W{other + 1} turned upside down: most likely one waveform with both signs."
                remarks.append(Remark(text))
    return tuple(remarks)


def _counts(
    record: Record, channel: Channel, found: Found, options: Mapping[str, Any], progress: Progress
) -> tuple[dict[str, tuple[int, ...]], tuple[Remark, ...]]:
    """Events of each waveform in every channel that can be searched, and what was left out."""
    own = tuple(len(each.time_s) for each in found.waveforms)
    counts, unusable = {}, []
    labels = record.labels[:MOST_CHANNELS]
    for number, label in enumerate(labels):
        progress(_SHARE + (1 - _SHARE) * number / len(labels), f"Counting in {label}")
        if label == channel.label:
            counts[label] = own
            continue
        row = record.values[number]
        if is_flat(row):
            unusable.append(label)
            continue
        try:
            single = Record(record.name, (label,), row[None], record.rate_hz, (record.units[number],))
            other = channel_of(single, label)
        except BadInput:
            unusable.append(label)
            continue
        counts[label] = tuple(count_in(found, other.values, other.good, record.rate_hz, options["refractory"]).tolist())
    remarks = []
    if unusable:
        shown = ", ".join(unusable[:8]) + (" ..." if len(unusable) > 8 else "")
        remarks.append(Remark(f"Channels without a usable signal: {shown}.", Gravity.NOTE))
    if len(record.labels) > MOST_CHANNELS:
        remarks.append(
            Remark(
                f"The waveforms were counted in the first {MOST_CHANNELS} of {len(record.labels)} channels.",
                Gravity.NOTE,
            )
        )
    return counts, tuple(remarks)
