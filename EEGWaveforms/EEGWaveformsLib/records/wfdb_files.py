"""WFDB records (PhysioNet): a text header ``.hea`` beside signal files of format 16, 212 or 80.

A reader of our own: these three formats hold nearly all of PhysioNet's signals and take a page, while the wfdb package
asks for pandas, requests and soundfile. Format: https://physionet.org/physiotools/wag/header-5.htm and signal-5.htm.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from EEGWaveformsLib.records.record import Record, checked_rate

_GAIN = re.compile(r"([\d.eE+-]+)(?:\((-?\d+)\))?(?:/(\S+))?")
_INVALID = {16: -(1 << 15), 212: -(1 << 11), 80: -(1 << 7)}
_REMEDY = "Convert it to format 16 or 212, or to EDF."


def read_wfdb(path: Path) -> Record:
    """Read a record by its header, or by a signal file beside it.

    Raises:
        BadInput: header or signals are missing, contradict each other, or are of a format that is not read.
    """
    header = path.with_suffix(".hea")
    try:
        lines = [line.strip() for line in header.read_text(encoding="latin-1").splitlines()]
    except OSError as error:
        raise BadInput(f"There is no header {header.name} beside {path.name}.", "Keep both in one folder.") from error
    lines = [line for line in lines if line and not line.startswith("#")]
    try:
        first = lines[0].split()
        if "/" in first[0]:
            raise BadInput(f"{header.name} is a record of several segments.", "Give one of its segments.")
        signals = int(first[1])
        rate = float(re.split(r"[/(]", first[2])[0]) if len(first) > 2 else 250.0
        length = int(first[3]) if len(first) > 3 else 0
        rows = [line.split(maxsplit=8) for line in lines[1 : 1 + signals]]
        if len(rows) != signals or not signals:
            raise ValueError("rows")
        columns = [_column(row, number) for number, row in enumerate(rows)]
    except (ValueError, IndexError) as error:
        raise BadInput(f"{header.name} is not the header of a WFDB record.", "Check the file.") from error
    values: list[np.ndarray] = [np.zeros(0)] * signals
    for file in dict.fromkeys(column[0] for column in columns):
        members = [number for number, column in enumerate(columns) if column[0] == file]
        kinds = {columns[number][1] for number in members}
        raw = _samples(header.parent / file, kinds, len(members), length)
        for place, number in enumerate(members):
            _file, kind, gain, baseline, _unit, _label = columns[number]
            counts = raw[:, place]
            physical = (counts.astype(np.float32) - np.float32(baseline)) / np.float32(gain)
            physical[counts == _INVALID[kind]] = np.nan
            values[number] = physical
    if len({len(each) for each in values}) > 1:
        raise BadInput(f"The signals of {header.name} differ in length.", "Check the files.")
    labels, units = tuple(column[5] for column in columns), tuple(column[4] for column in columns)
    return Record(header.stem, labels, np.stack(values), checked_rate(rate, header.name), units)


def _column(row: list[str], number: int) -> tuple[str, int, float, float, str, str]:
    """File, format, gain (counts a unit), baseline, unit and label of a signal's line."""
    kind = int(re.split(r"[x:+]", row[1])[0])
    if kind not in _INVALID or row[1] != str(kind):
        raise BadInput(f"The signals are of WFDB format {row[1]}, which is not read.", _REMEDY)
    found = _GAIN.match(row[2]) if len(row) > 2 else None
    gain = float(found[1]) if found else 0.0
    zero = float(row[4]) if len(row) > 4 else 0.0
    baseline = float(found[2]) if found and found[2] is not None else zero
    unit = found[3] if found and found[3] else "mV"
    label = row[8] if len(row) > 8 else f"Signal {number + 1}"
    return row[0], kind, gain or 200.0, baseline, unit.replace("µ", "u"), label


def _samples(path: Path, kinds: set[int], members: int, length: int) -> np.ndarray:
    """(n, members) counts of a signal file."""
    if len(kinds) != 1:
        raise BadInput(f"The signals of {path.name} are of several formats.", _REMEDY)
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise BadInput(f"There is no signal file {path.name}.", "Keep it beside its header.") from error
    kind = kinds.pop()
    if kind == 16:
        counts = data[: len(data) // 2 * 2].view("<i2").astype(np.int32)
    elif kind == 80:
        counts = data.astype(np.int32) - 128
    else:
        triples = data[: len(data) // 3 * 3].reshape(-1, 3).astype(np.int32)
        pair = np.stack([triples[:, 0] | (triples[:, 1] & 0x0F) << 8, triples[:, 2] | (triples[:, 1] & 0xF0) << 4], 1)
        counts = np.where(pair > 2047, pair - 4096, pair).ravel()
    count = len(counts) // members
    if count == 0 or (length and count < length):
        raise BadInput(f"{path.name} is shorter than its header says.", "Fetch the file again.")
    return counts[: count * members].reshape(count, members)[: length or None]
