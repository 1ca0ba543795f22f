"""Weights of a network in little space: an .npz of numbers only, read without pickle.

Format 1. The archive (a zip, deflated) holds ``header``, JSON as uint8 UTF-8 bytes:

    {"format": "deepmed-packed", "version": 1, "tensors": [{"name": "...", "shape": [...], "bits": 10}, ...]}

and, for the n-th tensor of that list, counted from 0, one of two forms:

- ``bits`` 0: ``<n>.plain``, the tensor as it is, in its own type (biases, norms, counters, small tensors).
- ``bits`` b, 8 to 16: a float tensor of shape (C, ...), each output channel c in steps of its own. With the largest
  number Q = 2^(b-1) - 1, a value is ``q * step[c]``, q whole, -Q <= q <= Q, and step[c] = max |tensor[c]| / Q.
  ``<n>.step`` is (C,) float32. ``<n>.leading`` is the tensor's shape in int8: q >> (b - 8), which a deflated archive
  stores in about seven bits a value. ``<n>.trailing`` holds the b - 8 low bits of every q, the highest first, in C
  order of the tensor, eight to a byte (`numpy.packbits`); absent for b = 8.

Everything is unpacked to float32; networks compute as if the weights had been stored so.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

FORMAT, VERSION = "deepmed-packed", 1
#: Below so many values a tensor is kept as it is.
SMALLEST = 1024
LEADING_BITS, MOST_BITS = 8, 16


class NotPacked(ValueError):
    """The bytes are no packed weights; the sentence says why."""


def pack(state: Mapping[str, np.ndarray], bits: int = 10) -> bytes:
    """A state dict as the bytes of an .npz. The same tensors give the same bytes.

    Args:
        state: tensors by name. Floats of two or more axes and at least `SMALLEST` values are stored in steps.
        bits: of a step's number, 8 to 16.

    Raises:
        ValueError: bits outside 8..16, or a tensor to be stored in steps is not finite.
    """
    if not LEADING_BITS <= bits <= MOST_BITS:
        raise ValueError(f"{bits} bits; {LEADING_BITS} to {MOST_BITS} can be packed")
    arrays: dict[str, np.ndarray] = {}
    tensors = []
    for number, (name, tensor) in enumerate(state.items()):
        stepped = is_stepped(tensor)
        tensors.append({"name": name, "shape": list(tensor.shape), "bits": bits if stepped else 0})
        parts = _in_steps(tensor, bits) if stepped else {"plain": tensor}
        arrays |= {f"{number}.{part}": array for part, array in parts.items()}
    header = json.dumps({"format": FORMAT, "version": VERSION, "tensors": tensors})
    arrays = {"header": np.frombuffer(header.encode(), np.uint8), **arrays}
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def is_stepped(tensor: np.ndarray) -> bool:
    """Whether `pack` stores a tensor in steps."""
    return tensor.dtype.kind == "f" and tensor.ndim > 1 and tensor.size >= SMALLEST


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """The state dict that `pack` stored; floats as float32.

    Raises:
        NotPacked: the bytes are something else, damaged, or of a later version.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes())
            if header["format"] != FORMAT or header["version"] != VERSION:
                raise NotPacked(f"it has the format {header['format']} {header['version']}, not {FORMAT} {VERSION}")
            return {str(told["name"]): _tensor(stored, number, told) for number, told in enumerate(header["tensors"])}
    except NotPacked:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise NotPacked(f"it cannot be read ({type(error).__name__}: {error})") from error


def _in_steps(tensor: np.ndarray, bits: int) -> dict[str, np.ndarray]:
    exact = tensor.astype(np.float64)
    if not np.isfinite(exact).all():
        raise ValueError("a tensor holds values that are not finite")
    largest = np.abs(exact).reshape(len(exact), -1).max(axis=1)
    step = np.where(largest > 0, largest / (2 ** (bits - 1) - 1), 1.0).astype(np.float32)
    q = np.rint(exact / _along_channels(step, exact).astype(np.float64)).astype(np.int32)
    q = q.clip(-(2 ** (bits - 1) - 1), 2 ** (bits - 1) - 1)  # the rounded step may be a hair too small
    low = bits - LEADING_BITS
    parts: dict[str, np.ndarray] = {"step": step, "leading": (q >> low).astype(np.int8)}
    if low:
        places = np.arange(low - 1, -1, -1)
        parts["trailing"] = np.packbits((q.reshape(-1, 1) >> places & 1).astype(np.uint8))
    return parts


def _tensor(stored: Mapping[str, np.ndarray], number: int, tensor: Mapping[str, Any]) -> np.ndarray:
    shape, bits = tuple(tensor["shape"]), tensor["bits"]
    value: np.ndarray
    if bits == 0:
        value = stored[f"{number}.plain"]
        if value.dtype.kind == "f":
            value = value.astype(np.float32)
    else:
        if not (isinstance(bits, int) and LEADING_BITS <= bits <= MOST_BITS):
            raise NotPacked(f"a tensor has {bits} bits")
        low = bits - LEADING_BITS
        leading = stored[f"{number}.leading"]
        q = leading.astype(np.int32) << low
        if low:
            trailing = stored[f"{number}.trailing"]
            if 8 * trailing.size < low * leading.size:
                raise NotPacked("low bits are missing")
            flat = np.unpackbits(trailing, count=low * leading.size).reshape(-1, low)
            q |= (flat @ (1 << np.arange(low - 1, -1, -1, dtype=np.int32))).reshape(leading.shape).astype(np.int32)
        value = q.astype(np.float32) * _along_channels(stored[f"{number}.step"], q)
    if value.shape != shape:
        raise NotPacked(f"'{tensor['name']}' has the shape {value.shape}, not {shape}")
    return value


def _along_channels(step: np.ndarray, tensor: np.ndarray) -> np.ndarray:
    return step.reshape(-1, *[1] * (tensor.ndim - 1))
