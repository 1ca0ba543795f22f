"""`deepmed eeg`: which waveforms recur in a channel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case, file_case
from deepmed_headless.cli.run.declaration import ModuleCommand, Values
from deepmed_headless.cli.run.epilog import epilog
from DeepMedLib import option_words
from DeepMedLib.command_options import CommandOption
from EEGWaveformsLib.options import OPTIONS

HELP = """Find the **waveforms that recur** in a channel of an EEG or another recording, learned without labels.

Takes EDF, BDF, BrainVision, FIF, EEGLAB (by MNE), WFDB, CSV and TSV. Waveforms that noise explains are marked.
"""
EXAMPLES = {
    "night.edf --channel C3-A2": "searches a channel from 0.5 to 40 Hz",
    "night.edf --channel C3-A2 --band 11 16": "searches the band of sleep spindles",
    "100.hea": "reads a WFDB record and searches its first channel",
    "excerpt.txt --rate 200": "reads a bare list of values",
}
WRITTEN = "waveforms.csv, events.csv, channels.csv, and events.tsv with events.json as BIDS has them"
BAND = CommandOption(
    "band", "Band to search.", lambda text: option_words.numbers(text, 2), metavar="LOW HIGH", words=2,
    shown="0.5 to 40 Hz",
)  # fmt: skip
RATE = CommandOption("rate", "Sampling rate of a text file without a column of times.", option_words.number, 0.0, "HZ")
ELECTRODES = CommandOption(
    "electrodes", "Fiducials labelled as the channels (.mrk.json, .fcsv).", Path, metavar="FILE", of_one_input=True
)


def records(folder: Path, values: Values) -> list[Case]:
    """The records of a folder.

    Raises:
        BadInput: there is none.
    """
    from EEGWaveformsLib.records.reading import records_in

    return [file_case(path) for path in records_in(folder)]


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """The record under the case's name, and its electrodes where they are given."""
    values = case.values
    record = logic.loadRecord(case.path, values["rate"])
    record.SetName(case.stem)
    return record, None if values["electrodes"] is None else logic.loadElectrodes(values["electrodes"])


def band(values: Values) -> dict[str, float]:
    """Both ends of the band, which the panel asks for one by one."""
    return {} if values["band"] is None else dict(zip(("low", "high"), values["band"], strict=True))


COMMAND = ModuleCommand(
    name="eeg",
    module="EEGWaveforms",
    help=HELP,
    epilog=epilog("eeg", EXAMPLES, "record", WRITTEN),
    options=tuple(option for option in OPTIONS if option.name not in ("low", "high")),
    cases_of_folder=records,
    more=(BAND, RATE, ELECTRODES),
    load=load,
    asked=band,
    summary=("channel", "waveforms", "events", "expected_from_noise"),
)
