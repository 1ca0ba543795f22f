"""EDF, EDF+, BDF, BrainVision, FIF and EEGLAB files, by MNE-Python, which is asked for when one of them is opened.

MNE rather than pyEDFlib: it is as well kept, reads BrainVision too, needs no compiler, and knows the units of each.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from DeepMedLib.dependencies import require
from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Remark
from EEGWaveformsLib.records.edf_gaps import with_gaps
from EEGWaveformsLib.records.record import MOST_SAMPLES, Record, checked_rate

MNE = "mne>=1.6"
SUFFIXES = (".edf", ".bdf", ".vhdr", ".fif", ".set")
_VOLTS = ("eeg", "eog", "ecg", "emg", "seeg", "ecog", "dbs", "bio", "misc")


def read_by_mne(path: Path) -> Record:
    """Read a record; signals in volts become uV.

    Raises:
        DependencyMissing: MNE is not installed.
        BadInput: the file cannot be read.
    """
    require(MNE)
    import mne  # type: ignore[import-untyped]

    readers = {
        ".edf": mne.io.read_raw_edf,
        ".bdf": mne.io.read_raw_bdf,
        ".vhdr": mne.io.read_raw_brainvision,
        ".fif": mne.io.read_raw_fif,
        ".set": mne.io.read_raw_eeglab,
    }
    try:
        raw = readers[path.suffix.lower()](path, preload=False, verbose="ERROR")
    except Exception as error:  # what a damaged file makes its many readers raise is no closed list
        logging.debug("MNE: %s", error)
        raise BadInput(f"{path.name} cannot be read as a record.", "Check that the file is whole.") from error
    picks = [number for number, kind in enumerate(raw.get_channel_types()) if kind not in ("stim", "ref_meg")]
    if not picks or raw.n_times < 1:
        raise BadInput(f"{path.name} holds no signals.", "Give a record with channels.")
    if len(picks) * raw.n_times > MOST_SAMPLES:
        raise BadInput(
            f"{path.name} holds {len(picks)} channels of {raw.n_times} samples, more than fits into memory.",
            "Crop it, or keep the channels of interest.",
        )
    try:
        values = raw.get_data(picks).astype(np.float32)
    except Exception as error:  # as above: a truncated file is found out only now
        raise BadInput(f"{path.name} ends before its signals do.", "Fetch the file again.") from error
    kinds = [raw.get_channel_types()[number] for number in picks]
    volts = np.array([kind in _VOLTS for kind in kinds])
    values[volts] *= np.float32(1e6)
    labels = tuple(raw.ch_names[number] for number in picks)
    units = tuple("uV" if volt else "" for volt in volts)
    rate = checked_rate(float(raw.info["sfreq"]), path.name)
    remarks = _gaps(raw, values)
    if path.suffix.lower() in (".edf", ".bdf"):
        values, lost = with_gaps(path, values, rate)
        remarks += (Remark(f"The recording was interrupted for {lost:.1f} s."),) if lost else ()
    return Record(path.name, labels, values, rate, units, remarks)


def _gaps(raw: object, values: np.ndarray) -> tuple[Remark, ...]:
    """Stretches that the file marks as not recorded become NaN."""
    annotations = raw.annotations  # type: ignore[attr-defined]
    rate, first, lost = raw.info["sfreq"], raw.first_time, 0.0  # type: ignore[attr-defined]
    for mark in annotations:
        if "BAD_ACQ_SKIP" in mark["description"] or mark["description"] == "EDGE boundary":
            start = max(round((mark["onset"] - first) * rate), 0)
            values[:, start : start + round(mark["duration"] * rate)] = np.nan
            lost += mark["duration"]
    return (Remark(f"{lost:.1f} s were not recorded, as the file marks them."),) if lost else ()
