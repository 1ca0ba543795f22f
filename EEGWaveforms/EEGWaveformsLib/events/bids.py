"""Events as BIDS writes them: events.tsv, and events.json that says what its columns are."""

from __future__ import annotations

import json

from EEGWaveformsLib.eeg_result import EegResult

COLUMNS = ("onset", "duration", "trial_type", "channel", "amplitude", "beyond_noise")


def events_tsv(result: EegResult) -> str:
    """The text of events.tsv, events by time; tab-separated, "n/a" for what is not known."""
    rows = sorted(
        (onset, waveform.duration_s, waveform.name, size, waveform.beyond_noise)
        for waveform in result.waveforms
        for onset, size in zip(waveform.onsets_s().tolist(), waveform.size, strict=True)
    )
    channel = result.channel.replace("\t", " ") or "n/a"
    lines = ["\t".join(COLUMNS)]
    lines += [
        f"{onset:.4f}\t{duration:.4f}\t{name}\t{channel}\t{size:.4f}\t{str(real).lower()}"
        for onset, duration, name, size, real in rows
    ]
    return "\n".join(lines) + "\n"


def events_json(result: EegResult) -> str:
    """The text of events.json."""
    levels = {
        waveform.name: f"Recurrent waveform of {waveform.duration_s:.2f} s about {waveform.main_hz:.1f} Hz, "
        f"{waveform.verdict}."
        for waveform in result.waveforms
    }
    columns = {
        "trial_type": {"LongName": "Recurrent waveform", "Description": "Which waveform occurs.", "Levels": levels},
        "channel": {"Description": "The channel that was searched."},
        "amplitude": {"Description": "Peak to peak in the band.", "Units": result.unit or "n/a"},
        "beyond_noise": {"Description": "Whether noise of the same spectrum does not explain the waveform."},
    }
    return json.dumps(columns, indent=2) + "\n"
