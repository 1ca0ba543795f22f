"""What can be asked of a search."""

from __future__ import annotations

from DeepMedLib.options import Option

HIGHEST_HZ = 40.0
"""Upper end of the band where none is given: above it scalp EEG is mostly muscle and mains."""

OPTIONS = (
    Option(
        "channel", "", "Channel to search; the first that is not flat if not given.", label="Channel", metavar="NAME"
    ),
    Option("low", 0.5, "Lower end of the band.", limits=(0.0, 500.0), unit="Hz", label="Band from"),
    Option(
        "high",
        0.0,
        "Upper end of the band; if not given 40 Hz, or nine twentieths of the sampling rate where that is less.",
        limits=(0.1, 1000.0),
        unit="Hz",
        label="Band to",
        unknown="40 Hz",
    ),
    Option(
        "length",
        0.0,
        "Length of the waveforms; if not given several time scales are tried and held-out data choose.",
        limits=(0.05, 5.0),
        unit="s",
        label="Waveform length",
        unknown="by held-out data",
    ),
    Option("most", 6, "Waveforms at most; held-out data say how many there are.", limits=(1, 12), label="At most"),
    Option(
        "refractory",
        0.5,
        "Least time between two events of one waveform, as a share of its length.",
        limits=(0.1, 2.0),
        label="Refractory time",
    ),
    Option(
        "everywhere",
        True,
        "Also count the waveforms in the record's other channels, for the rates at the electrodes.",
        label="Count in all channels",
    ),
    Option("seed", 1, "Seed of everything that is drawn at random.", limits=(1, 1_000_000)),
)
