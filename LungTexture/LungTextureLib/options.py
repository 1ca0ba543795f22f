"""What can be asked of a lung texture reading."""

from __future__ import annotations

from DeepMedLib.options import DEVICE, Option

OPTIONS = (
    Option(
        "textures",
        True,
        "Also tell textures; without, densitometry alone.",
        label="Tell textures",
    ),
    DEVICE,
)
