"""The model card, written from measured figures only; its words are in ``card.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from PancreasSegLib.calibration import HAIR, Calibration
from PancreasSegLib.framing import NOMINAL_WIDTH_MM, PIXEL_MM, WINDOW_HU
from PancreasSegLib.organs import BY_KEY


def card(figures: dict[str, Any], edges: dict[str, Any], steps: int) -> str:
    """Markdown of the model card."""
    text = (Path(__file__).parent / "card.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True).from_string(text)
    known = Calibration(dice={organ: of["dice"] for organ, of in figures["scans"].items()})
    judged = [(organ, known.alike(organ.key)) for organ in BY_KEY.values() if organ.bar is not None]
    return template.render(
        hair=HAIR,
        bars=[(organ.name, dice, organ.bar, known.validated(organ.key)) for organ, dice in judged if dice is not None],
        figures=figures,
        edges=edges,
        steps=steps,
        names={key: organ.name for key, organ in BY_KEY.items()},
        pixel=PIXEL_MM,
        window=WINDOW_HU,
        width=NOMINAL_WIDTH_MM,
    )
