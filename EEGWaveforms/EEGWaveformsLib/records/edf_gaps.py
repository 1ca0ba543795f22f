"""When the blocks of an interrupted EDF+ or BDF+ file were recorded; MNE puts them one after another without a word."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from EEGWaveformsLib.records.record import MOST_SAMPLES

_INTERRUPTED = {b"EDF+D": 2, b"BDF+D": 3}
"""What the reserved field begins with -> bytes a sample (edfplus.info/specs/edfplus.html)."""
_BEFORE_COUNTS = 216  # bytes of header for each signal before the samples in a block


def with_gaps(path: Path, values: np.ndarray, rate_hz: float) -> tuple[np.ndarray, float]:
    """The samples where they belong in time, NaN between, and how many seconds were not recorded.

    Args:
        values: (C, n) the blocks one after another.

    Raises:
        BadInput: the blocks' times cannot be read, run backwards, or span more than fits into memory.
    """
    found = _block_times(path)
    if found is None:
        return values, 0.0
    times, block_s = found
    block = round(block_s * rate_hz)
    starts = np.round((times - times[0]) * rate_hz).astype(np.int64)
    if block < 1 or len(times) * block != values.shape[1] or (np.diff(starts) < block - 1).any():
        raise BadInput(f"The times of the blocks of {path.name} do not fit its signals.", "Fetch the file again.")
    total = int(starts[-1]) + block
    if total * len(values) > MOST_SAMPLES:
        raise BadInput(
            f"With its gaps {path.name} spans {total / rate_hz / 3600:.0f} h, more than fits into memory.", "Crop it."
        )
    spread = np.full((len(values), total), np.nan, values.dtype)
    for number, start in enumerate(starts.tolist()):
        spread[:, start : start + block] = values[:, number * block : (number + 1) * block]
    return spread, float((total - values.shape[1]) / rate_hz)


def _block_times(path: Path) -> tuple[np.ndarray, float] | None:
    """(b,) onset of each block in s, and the length of a block; None where the file is not interrupted."""
    with path.open("rb") as stream:
        head = stream.read(256)
        size = _INTERRUPTED.get(head[192:197])
        if size is None:
            return None
        try:
            header_bytes, blocks, signals = int(head[184:192]), int(head[236:244]), int(head[252:256])
            block_s = float(head[244:252])
            rest = stream.read(256 * signals)
            labels = [rest[16 * number : 16 * number + 16].strip() for number in range(signals)]
            at = _BEFORE_COUNTS * signals
            counts = [int(rest[at + 8 * number : at + 8 * number + 8]) for number in range(signals)]
            channel = next(number for number, label in enumerate(labels) if label.endswith(b"Annotations"))
            offset, width = size * sum(counts[:channel]), size * counts[channel]
            times = []
            for block in range(blocks):
                stream.seek(header_bytes + block * size * sum(counts) + offset)
                times.append(float(stream.read(width).split(b"\x14", 1)[0]))
        except (ValueError, StopIteration) as error:
            raise BadInput(
                f"{path.name} was interrupted, and does not say when its blocks were recorded.", "Fetch the file again."
            ) from error
    return np.array(times), block_s
