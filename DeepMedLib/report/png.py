"""Pictures as PNG bytes with the standard library alone."""

from __future__ import annotations

import struct
import zlib

import numpy as np

_LEVEL = 3  # of zlib: on filtered ultrasound and CT as small as 6, in a third of the time


def encode_png(pixels: np.ndarray) -> bytes:
    """PNG file of a picture, lossless.

    Args:
        pixels: (H, W) grey or (H, W, 3) red, green, blue; uint8.
    """
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise ValueError("PNG pictures are (H, W) or (H, W, 3) of uint8")
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    # Filter 2 ("up"): each byte less the one above, modulo 256; compresses anatomy well (PNG specification, section 9).
    filtered = rows.copy()
    filtered[1:] -= rows[:-1]
    data = np.concatenate([np.full((height, 1), 2, np.uint8), filtered], axis=1).tobytes()

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    color_type = 0 if pixels.ndim == 2 else 2
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data, _LEVEL))
        + chunk(b"IEND", b"")
    )


def shrink(pixels: np.ndarray, longest: int = 1600) -> np.ndarray:
    """The picture with its longer side brought to at most ``longest`` pixels by averaging whole blocks."""
    step = -(-max(pixels.shape[:2]) // longest)
    if step == 1:
        return pixels
    height, width = (size // step * step for size in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(height // step, step, width // step, step, *pixels.shape[2:])
    return np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
