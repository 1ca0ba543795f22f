"""How large a scan may be; asked before anything is decoded, so that no small file can fill the memory."""

from __future__ import annotations

from DeepMedLib.errors import BadInput

LARGEST_VOXELS = 1_500_000_000
"""Some 2800 slices of 732 x 732; 3 GB as int16."""
LARGEST_SIDE = 8192
"""Rows or columns of a slice."""


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
