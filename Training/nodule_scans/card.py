"""The model cards of both networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def candidates_card(found: dict[str, Any]) -> str:
    """Of the candidates' stream."""
    return _TEMPLATES.get_template("candidates.md.j2").render(**found, value=value) + "\n"


def nodules_card(found: dict[str, Any], calibration: dict[str, Any]) -> str:
    """Of the outlining network."""
    return _TEMPLATES.get_template("nodules.md.j2").render(**found, **calibration, value=value) + "\n"


def value(figures: dict[str, Any], name: str) -> str:
    """A figure with its 95 % interval."""
    low, high = figures[f"{name}_95"]
    return f"{figures[name]:.3f} ({low:.3f} to {high:.3f})"
