"""The model card, written from measured figures only; its words are in ``card.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from FetalBiometryLib.inference.head_network import CANVAS


def _row(name: str, figures: dict[str, Any]) -> str:
    return (
        f"| {name} | {figures['mae_mm']:.2f} | {figures['bias_mm']:+.2f} | {figures['median_mm']:.2f} "
        f"| {figures['p95_mm']:.2f} | {100 * figures['coverage95']:.0f} % |"
    )


def card(figures: dict[str, Any], calibration: dict[str, Any]) -> str:
    """Markdown of the model card."""
    text = (Path(__file__).parent / "card.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True).from_string(text)
    return template.render(
        figures=figures,
        test=figures["hc18_test"],
        nohead=figures["no_head"],
        structures=figures["head_structures_test"],
        calibration=calibration,
        row=_row,
        canvas=f"{CANVAS[1]} x {CANVAS[0]}",
    )
