"""How large a scan may be; asked before anything is decoded, so that no small file can fill the memory."""

from __future__ import annotations

import zlib
from pathlib import Path

from DeepMedLib.errors import BadInput

LARGEST_VOXELS = 1_500_000_000
"""Some 2800 slices of 732 x 732; 3 GB as int16."""
LARGEST_SIDE = 8192
"""Rows or columns of a slice."""
_MOST_INFLATION = 400
_ALWAYS_FINE = 64 * 2**20  # bytes


def check_size(voxels: int, side: int, what: str) -> None:
    """Raises:
    BadInput: more voxels, or a longer slice, than any CT has.
    """
    if side > LARGEST_SIDE:
        raise BadInput(f"{what} states slices of {side} pixels, more than any CT has.", "Export it again.")
    if voxels > LARGEST_VOXELS:
        raise BadInput(
            f"{what} states {voxels / 1e9:.1f} thousand million voxels, more than are read at once.",
            "Give a part of the scan, or thicker slices.",
        )


def swells_too_far(decoded_bytes: int, stored_bytes: int) -> bool:
    """Whether stored bytes would swell further on decoding than pictures do."""
    return decoded_bytes > max(_ALWAYS_FINE, _MOST_INFLATION * stored_bytes)


def inflates_too_far(path: Path) -> bool:
    """Whether a deflated DICOM file, which its reader inflates as a whole, holds far more than its size tells."""
    most = max(_ALWAYS_FINE, _MOST_INFLATION * path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(144)
        length = int.from_bytes(head[140:144], "little")  # of the file meta group, which is not deflated
        file.seek(144 + length)
        inflate, total, rest = zlib.decompressobj(-zlib.MAX_WBITS), 0, b""
        while not inflate.eof:
            rest = inflate.unconsumed_tail or file.read(1 << 16)
            if not rest:
                return False
            total += len(inflate.decompress(rest, 1 << 20))
            if total > most:
                return True
    return False
