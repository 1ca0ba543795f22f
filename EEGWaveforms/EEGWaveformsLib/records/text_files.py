"""Records as text: CSV or TSV with one row a sample, or the bare list of values of the DREAMS collection."""

from __future__ import annotations

import io
import lzma
import re
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from EEGWaveformsLib.records.record import Record, checked_rate
from EEGWaveformsLib.records.times import from_times

_TIME = re.compile(r"(time|times|t|seconds|sec|s)?\s*[\[(_]?\s*(s|sec|seconds|ms)?\s*[\])]?", re.IGNORECASE)
_UNIT = re.compile(r"^(.*?)\s*[\[(]\s*([^\])]+?)\s*[\])]\s*$")


def read_text(path: Path, rate_hz: float = 0.0) -> Record:
    """Read a table of samples.

    A first column called time (s or ms) gives the rate; without one the rate must be given. A header ``C3 (uV)`` names
    channel and unit. A file of one value a line may begin with its channel in brackets.

    Args:
        rate_hz: samples a second where no column of times says it; 0 for not given.

    Raises:
        BadInput: it holds no table of numbers, no rate, or irregular times.
    """
    lines = _text(path).splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    if not lines:
        raise BadInput(f"{path.name} is empty.", "Give a table with one row for each sample.")
    separator = next((mark for mark in ("\t", ";", ",") if mark in lines[0]), None)
    header = [word.strip().strip('"') for word in (lines[0].split(separator) if separator else [lines[0]])]
    named = not all(_is_number(word) for word in header)
    values = _numbers(lines[1:] if named else lines, separator, len(header), path.name)
    if not named:
        header = [f"Channel {number + 1}" for number in range(len(header))]
    timed = named and len(header) > 1 and _TIME.fullmatch(header[0]) is not None and header[0] != ""
    if timed:
        times = values[0] / (1000 if re.search(r"ms", header[0]) else 1)
        signals, rate, remarks = from_times(times, values[1:], path.name)
        header = header[1:]
    elif rate_hz > 0:
        signals, rate, remarks = values, checked_rate(rate_hz, path.name), ()
    else:
        raise BadInput(f"{path.name} does not say its sampling rate.", "Give a first column time_s, or the rate.")
    labels, units = zip(*(_label_and_unit(name) for name in header), strict=True)
    return Record(path.name, labels, signals, rate, units, remarks)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if path.suffix.lower() == ".xz":
            data = lzma.decompress(data)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not text.", "Give CSV or TSV in UTF-8.") from error
    except (OSError, lzma.LZMAError) as error:
        raise BadInput(f"{path.name} cannot be read.", "Check the file.") from error


def _numbers(lines: list[str], separator: str | None, columns: int, name: str) -> np.ndarray:
    """(columns, rows); empty cells and words for nothing are NaN."""
    if not lines:
        raise BadInput(f"{name} has a header and no rows.", "Give a table with one row for each sample.")
    stream = io.StringIO("\n".join(lines))
    missing = ("", "nan", "NaN", "NA", "n/a", "null", "None")
    try:
        table = np.genfromtxt(
            stream, delimiter=separator, missing_values=missing, filling_values=np.nan, invalid_raise=True, ndmin=2
        )
    except ValueError as error:
        raise BadInput(
            f"The rows of {name} differ in their number of cells.", "Give the same cells in each row."
        ) from error
    if table.shape[1] == 1 and columns == 1:
        table = table.reshape(-1, 1)
    if table.shape[1] != columns:
        raise BadInput(f"The rows of {name} have {table.shape[1]} cells, its header {columns}.", "Check the file.")
    if not np.isfinite(table).any():
        raise BadInput(f"{name} holds no numbers.", "Give a table of samples with a decimal point.")
    return np.ascontiguousarray(table.T)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _label_and_unit(header: str) -> tuple[str, str]:
    bare = re.fullmatch(r"\[(.+)\]", header.strip())
    if bare:
        return bare[1], "uV"
    found = _UNIT.fullmatch(header)
    return (found[1], found[2].replace("µ", "u")) if found and found[1] else (header, "")
