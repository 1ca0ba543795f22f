"""The model card, written from measured figures only; its words are in ``card.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from DeepMedLib.ct.regions.slice_picture import SIDE


def card(figures: dict[str, Any], calibration: dict[str, Any]) -> str:
    """Markdown of the model card."""
    text = (Path(__file__).parent / "card.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True).from_string(text)
    plain = figures.get("plain")
    return template.render(figures=figures, calibration=calibration, plain=plain, side=SIDE)
