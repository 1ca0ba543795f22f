"""Small files that swell on reading; asked before anything is decoded, so that none can fill the memory."""

from __future__ import annotations

import zlib
from pathlib import Path

_MOST_INFLATION = 400
_ALWAYS_FINE = 64 * 2**20  # bytes
_DEFLATED = "1.2.840.10008.1.2.1.99"


def swells_too_far(decoded_bytes: int, stored_bytes: int) -> bool:
    """Whether stored bytes would swell further on decoding than pictures do."""
    return decoded_bytes > max(_ALWAYS_FINE, _MOST_INFLATION * stored_bytes)


def inflates_too_far(path: Path) -> bool:
    """Whether a deflated DICOM file, which its reader inflates as a whole, holds far more than its size tells.

    False for every other file.
    """
    if not _is_deflated(path):
        return False
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


def _is_deflated(path: Path) -> bool:
    from pydicom.filereader import read_file_meta_info

    try:
        return str(read_file_meta_info(path).get("TransferSyntaxUID", "")) == _DEFLATED
    except Exception:  # no preamble, or a damaged one: the reader itself judges
        return False


def coded_size(stream: bytes) -> tuple[int, int] | None:
    """(height, width) that a JPEG, JPEG-LS or JPEG 2000 code stream states; None where it states none.

    ISO/IEC 10918-1 B.2.2 (frame header), 14495-1 C.2.2, 15444-1 A.5.1 (SIZ).
    """
    if stream[:4] == b"\xff\x4f\xff\x51":
        right, bottom, left, top = (int.from_bytes(stream[i : i + 4], "big") for i in (8, 12, 16, 20))
        return bottom - top, right - left
    if stream[:2] != b"\xff\xd8":
        return None
    place = 2
    while place + 9 <= len(stream) and stream[place] == 0xFF:
        marker = stream[place + 1]
        if marker == 0xFF:  # fill bytes may come before a marker
            place += 1
            continue
        if (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            return int.from_bytes(stream[place + 5 : place + 7], "big"), int.from_bytes(
                stream[place + 7 : place + 9], "big"
            )
        place += 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
    return None
