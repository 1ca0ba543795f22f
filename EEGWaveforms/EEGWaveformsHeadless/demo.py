"""EEG Waveforms' part of the demo: generated records with planted waveforms, and a real ECG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import measurements_named
from deepmed_headless.cli.demo.real_inputs import real_inputs
from EEGWaveformsHeadless.command import COMMAND

RATES = ("W1_rate", "W2_rate")
PHANTOMS = """
Generated EEG of 21 channels over five minutes: 1/f noise with a sharp-and-slow wave and a burst at 13 Hz planted at
known times. The order of the waveforms is by what they explain.
"""
RECORDS = "A public ECG: heart beats are the one waveform that recurs. Experts marked 2,273 beats in 30.1 minutes."
ECG = real_inputs(
    DemoJob(Path("electrophysiology/ecg-mitbih100/100.hea"), "MIT-BIH 100", "public ECG", {"W1_rate": 75.53})
)


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """Generated records, searched where both waveforms are."""
    from EEGWaveformsLib.phantom.files import write_brainvision
    from EEGWaveformsLib.phantom.sample import CHANNEL, planted

    for seed in (1, 2):
        made = planted(seed=seed)
        path = write_brainvision(made.record, run.inputs, f"eeg_{seed}")
        often = sorted((len(times) for times in made.onsets_s.values()), reverse=True)
        truth = {name: 60 * count / made.record.duration_s for name, count in zip(RATES, often, strict=True)}
        yield DemoJob(path, f"Record {seed}", f"channel {CHANNEL}", truth, {"channel": CHANNEL})


SECTIONS = (
    DemoSection("Recurrent waveforms: generated EEG", PHANTOM, PHANTOMS, RATES, phantoms, "1/min"),
    DemoSection("Recurrent waveforms: a real ECG", REAL, RECORDS, RATES, ECG, "1/min"),
)
DEMO = Demo(COMMAND, SECTIONS, measurements_named(RATES), photographed=False)
