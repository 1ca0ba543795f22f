"""A record as files: BrainVision (header, markers, 32-bit samples), EDF and WFDB."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from EEGWaveformsLib.records.record import Record


def write_brainvision(record: Record, folder: Path, stem: str) -> Path:
    """Write ``stem.vhdr``, ``.vmrk`` and ``.eeg``; returns the header's path. Values are in uV."""
    folder.mkdir(parents=True, exist_ok=True)
    channels = "\n".join(f"Ch{number}={label},,1,uV" for number, label in enumerate(record.labels, 1))
    header = f"""Brain Vision Data Exchange Header File Version 1.0

[Common Infos]
Codepage=UTF-8
DataFile={stem}.eeg
MarkerFile={stem}.vmrk
DataFormat=BINARY
DataOrientation=MULTIPLEXED
NumberOfChannels={len(record.labels)}
SamplingInterval={1e6 / record.rate_hz:g}

[Binary Infos]
BinaryFormat=IEEE_FLOAT_32

[Channel Infos]
{channels}
"""
    markers = f"""Brain Vision Data Exchange Marker File, Version 1.0

[Common Infos]
Codepage=UTF-8
DataFile={stem}.eeg

[Marker Infos]
Mk1=New Segment,,1,1,0,20260101000000000000
"""
    (folder / f"{stem}.eeg").write_bytes(np.ascontiguousarray(record.values.T, "<f4").tobytes())
    (folder / f"{stem}.vmrk").write_text(markers, encoding="utf-8")
    path = folder / f"{stem}.vhdr"
    path.write_text(header, encoding="utf-8")
    return path


def write_edf(record: Record, path: Path) -> Path:
    """Write an EDF file of 1 s blocks, 16 bit between the channels' own limits; a last part of a second is left out."""
    values, rate = record.values, round(record.rate_hz)
    blocks, count = values.shape[1] // rate, len(record.labels)
    low, high = np.floor(values.min(axis=1)), np.ceil(values.max(axis=1)) + 1
    columns: list[tuple[int, list[object]]] = [
        (16, list(record.labels)),
        (80, [""] * count),
        (8, list(record.units)),
        (8, [f"{limit:g}" for limit in low]),
        (8, [f"{limit:g}" for limit in high]),
        (8, [-32768] * count),
        (8, [32767] * count),
        (80, [""] * count),
        (8, [rate] * count),
        (32, [""] * count),
    ]
    head = [(8, 0), (80, "X"), (80, record.name), (8, "01.01.26"), (8, "00.00.00"), (8, 256 * (count + 1)), (44, "")]
    head += [(8, blocks), (8, 1), (4, count)]
    text = "".join(f"{word!s:<{width}}"[:width] for width, word in head)
    text += "".join(f"{word!s:<{width}}"[:width] for width, words in columns for word in words)
    scaled = np.round((values - low[:, None]) / (high - low)[:, None] * 65535 - 32768).astype("<i2")
    parts = scaled[:, : blocks * rate].reshape(count, blocks, rate).transpose(1, 0, 2)
    path.write_bytes(text.encode("ascii") + np.ascontiguousarray(parts).tobytes())
    return path


def write_wfdb(record: Record, folder: Path, stem: str, gain: float = 20.0) -> Path:
    """Write ``stem.hea`` and ``stem.dat`` of format 16; returns the header's path."""
    counts = np.round(np.asarray(record.values.T) * gain).astype("<i2")
    (folder / f"{stem}.dat").write_bytes(np.ascontiguousarray(counts).tobytes())
    pairs = zip(record.labels, record.units, strict=True)
    lines = [f"{stem} {len(record.labels)} {record.rate_hz:g} {len(counts)}"]
    lines += [f"{stem}.dat 16 {gain:g}(0)/{unit} 16 0 0 0 0 {label}" for label, unit in pairs]
    path = folder / f"{stem}.hea"
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path
