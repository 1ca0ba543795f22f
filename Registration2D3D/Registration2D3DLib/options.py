"""What can be asked of a registration."""

from __future__ import annotations

from DeepMedLib.options import DEVICE, Option

ALL, BONE = "all tissue", "bone only"
SEARCH, NETWORK, PUBLISHED = "search", "network", "published network"
BUNDLES: dict[str, str | None] = {SEARCH: None, NETWORK: "displacements", PUBLISHED: "published"}
"""The bundle of each first stage."""

OPTIONS = (
    Option(
        "reach_deg",
        10.0,
        "How far the start may be turned away, about each axis; 0 with no reach in mm only refines.",
        limits=(0.0, 30.0),
        unit="deg",
        label="Start within",
    ),
    Option(
        "reach_mm",
        25.0,
        "How far the start may be shifted across the beam, at the object.",
        limits=(0.0, 100.0),
        unit="mm",
        label="Start within",
    ),
    Option(
        "tissue",
        ALL,
        "What of a CT is rendered: all tissue, or bone only (from 150 HU), e.g. for bones that were cut out.",
        choices=(ALL, BONE),
        label="Render",
    ),
    Option(
        "first_stage",
        SEARCH,
        "What brings the start near before it is refined: a search by correlation, a network whose streams share their "
        "weights, or one as published. After a network the search follows where the outcome is not trusted.",
        choices=(SEARCH, NETWORK, PUBLISHED),
        label="First stage",
    ),
    DEVICE,
)
