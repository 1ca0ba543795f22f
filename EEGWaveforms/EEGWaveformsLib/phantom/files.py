"""A record as BrainVision files: header, markers and 32-bit samples."""

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
