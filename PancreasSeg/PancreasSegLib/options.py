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
        "unvalidated",
        False,
        "Also show organs whose outlines by the shipped network did not reach the bar on scans it never saw; they are "
        "marked on every line.",
        label="Show unvalidated organs",
    ),
    Option(
        "uncertainty",
        False,
        "Also keep how unsure the network is of each voxel, as a volume from 0 (sure) to 100 (a toss-up).",
        label="Keep the voxel uncertainty",
    ),
    Option(
        "engine",
        "",
        "A network of yours instead of the shipped one: a MONAI bundle or an nnU-Net v2 result folder (folder or zip), "
        "or totalsegmentator.",
        label="Your network",
        metavar="PATH",
    ),
    Option(
        "trust",
        "",
        "SHA-256 of a network whose code you trust, as the refusal names it; it then runs in a process of its own.",
        label="Trusted hash",
        metavar="SHA256",
    ),
    Option(
        "runs",
        3,
        "How often your network is asked, its frame moved a little each time; the spread becomes the interval.",
        limits=(1, 9),
        label="Runs of your network",
    ),
    Option(
        "windowed",
        False,
        "The input is an axial slice as an 8-bit picture, not a CT in Hounsfield units.",
        label="The input is an 8-bit slice picture",
    ),
    DEVICE,
)
