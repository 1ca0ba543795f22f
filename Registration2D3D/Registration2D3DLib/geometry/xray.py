"""What pictures count as X-rays."""

from __future__ import annotations

from DeepMedLib.picture.kind import PictureKind

XRAY = PictureKind(
    noun="X-ray",
    what="an X-ray picture",
    example="a fluoroscopy frame or a radiograph",
    modalities=("XA", "RF", "CR", "DX", "RG"),
    smallest_side=32,
    largest_pixels=60_000_000,
    smallest_mm=0.005,
    largest_mm=20.0,
    remedies=dict.fromkeys(("CT", "MR", "PT", "NM"), "Choose it as the CT, and an X-ray as the picture."),
    choose_one="Export the frame as a file of its own, or choose it with --frame.",
)
