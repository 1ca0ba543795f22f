"""The model cards, written from measured figures only; their words are in ``card.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from PancreasSegLib.coarse_grid import SLICE_MM
from PancreasSegLib.framing import NOMINAL_WIDTH_MM, PIXEL_MM, WINDOW_HU
from PancreasSegLib.organ_model import FINE
from PancreasSegLib.organs import BY_KEY


def card(bundle: str, figures: dict[str, Any], edges: dict[str, Any], steps: dict[str, int]) -> str:
    """Markdown of a bundle's model card."""
    text = (Path(__file__).parent / "card.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True).from_string(text)
    return template.render(
        fine=bundle == FINE,
        figures=figures,
        edges=edges,
        steps=steps[bundle],
        names={key: organ.name for key, organ in BY_KEY.items()},
        pixel=PIXEL_MM,
        slice_mm=SLICE_MM,
        window=WINDOW_HU,
        width=NOMINAL_WIDTH_MM,
    )
