"""What can be asked of a reading."""

from __future__ import annotations

from DeepMedLib.options import DEVICE, Option

OPTIONS = (
    Option(
        "lungs",
        True,
        "Also segment lungs and airways; takes some seconds more.",
        label="Segment lungs and airways",
    ),
    Option(
        "telling",
        False,
        "Also keep a picture of the patches that the position was read from; it goes into the report.",
        label="Show the patches that told",
    ),
    DEVICE,
)
