"""The model card, written from measured figures only; its words are in ``card.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from PancreasSegLib.framing import NOMINAL_WIDTH_MM, PIXEL_MM, WINDOW_HU
from PancreasSegLib.organs import BY_KEY


def card(figures: dict[str, Any], edges: dict[str, Any], steps: int) -> str:
    """Markdown of the model card."""
    text = (Path(__file__).parent / "card.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True).from_string(text)
    return template.render(
        figures=figures,
        edges=edges,
        steps=steps,
        names={key: organ.name for key, organ in BY_KEY.items()},
        pixel=PIXEL_MM,
        window=WINDOW_HU,
        width=NOMINAL_WIDTH_MM,
    )
