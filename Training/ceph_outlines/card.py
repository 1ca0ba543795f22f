"""The outlines' model card, from what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from CephSketcherLib.outlines.model import load_outline_model

from .fit import write_manifest


def write_card(folder: Path, figures: dict[str, Any]) -> None:
    """README.md beside the learned data, and the manifest that lists both."""
    learned = load_outline_model(folder).figures
    kinds = list(next(iter(figures["disturbed"].values())))
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=False, keep_trailing_newline=True
    )
    text = environment.get_template("card.md.j2").render(
        figures=figures, tables=learned["tables"], learned=learned["films"], kinds=kinds
    )
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
    write_manifest(folder)
