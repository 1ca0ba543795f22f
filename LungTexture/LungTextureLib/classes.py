"""The texture classes and what is known of the patches that define them."""

from __future__ import annotations

from dataclasses import dataclass

SIDE = 31
"""Pixels of a patch's side."""

PIXEL_MM = 0.65
"""Taken pixel size of the patches: the source does not store it, and says 0.6 to 0.7 mm."""


@dataclass(frozen=True)
class TextureClass:
    """One expert class.

    Attributes:
        key: as the source names it.
        name: as people read it.
        color: RGB, 0..1, distinct also for color-blind eyes (after Okabe and Ito).
    """

    key: str
    name: str
    color: tuple[float, float, float]


CLASSES = (
    TextureClass("NT", "Normal", (0.34, 0.71, 0.91)),
    TextureClass("PS", "Paraseptal emphysema", (0.80, 0.47, 0.65)),
    TextureClass("PL", "Panlobular emphysema", (0.84, 0.37, 0.00)),
    TextureClass("CL1", "Centrilobular emphysema, mild", (0.94, 0.89, 0.26)),
    TextureClass("CL2", "Centrilobular emphysema, moderate", (0.90, 0.62, 0.00)),
    TextureClass("CL3", "Centrilobular emphysema, severe", (0.00, 0.62, 0.45)),
)
"""In the order of a network's answers."""
KEYS = tuple(item.key for item in CLASSES)
