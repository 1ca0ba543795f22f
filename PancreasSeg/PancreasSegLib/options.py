"""What can be asked of a segmentation."""

from __future__ import annotations

from DeepMedLib.options import DEVICE, Option

OPTIONS = (
    Option(
        "organs",
        "all",
        "Organs to find, with commas between: pancreas, liver, spleen, kidneys, gallbladder, stomach, aorta; or all.",
    ),
    Option(
        "uncertainty",
        False,
        "Also keep how unsure the network is of each voxel, as a volume from 0 (sure) to 100 (a toss-up).",
        label="Keep the voxel uncertainty",
    ),
    DEVICE,
)
