"""The model card, written from measured figures only; its words are in ``card.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from FetalBiometryLib.inference.planes_network import CANVAS
from FetalBiometryLib.planes.abdomen import MAX_SKIN_OFFSET
from FetalBiometryLib.planes.findings import PLANES

#: What a row of the lengths needs to say of its picture.
NOTES = {
    "caliper_screens": " (another machine, calipers burned in)",
    "fetal_planes_extra": " (trained the network; points inferred)",
}


def card(figures: dict[str, Any], calibration: dict[str, Any], template: str = "card.md.j2") -> str:
    """Markdown of a model card."""
    text = (Path(__file__).parent / template).read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text).render(
        figures=figures,
        plane=figures["plane"],
        lengths=figures["lengths"],
        focus=figures["focus_testing"],
        hull=figures["focus_validation_hull"],
        training=figures["training"],
        calibration=calibration,
        canvas=f"{CANVAS[1]} x {CANVAS[0]}",
        planes=PLANES,
        notes=NOTES,
        max_skin_offset=MAX_SKIN_OFFSET,
    )
