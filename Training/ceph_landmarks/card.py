"""The model card, written from measured figures only; its words are in ``card.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from CephSketcherLib.landmarks.calibration import Calibration
from CephSketcherLib.landmarks.inference import LOOKS
from CephSketcherLib.landmarks.network import CANVAS, FACE
from DeepMedLib.models.bundles import PACKED
from DeepMedLib.models.packed import unpack

from .bundle import RESOURCES
from .data import FACE_PX_A_MM


def _row(name: str, figures: dict[str, Any]) -> str:
    shares = " | ".join(f"{figures[f'sdr_{limit}mm']:.1f} %" for limit in ("2", "2.5", "3", "4"))
    return f"| {name} | {figures['mre_mm']:.2f} | {figures['median_mm']:.2f} | {shares} |"


def _millions(kind: str) -> str:
    state = unpack((RESOURCES / f"landmarks_{kind}" / PACKED).read_bytes())
    return f"{sum(value.size for value in state.values()) / 1e6:.1f}"


def card(figures: dict[str, Any], calibration: Calibration, symbols: tuple[str, ...], stability_films: int) -> str:
    """Markdown of the model card.

    Args:
        figures: as `finish.finish` collects them.
        stability_films: how many films the changes were tried on.
    """
    text = (Path(__file__).parent / "card.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True).from_string(text)
    held = figures["hamedan_kept_out"]
    return template.render(
        count=len(symbols),
        symbols=symbols,
        calibration=calibration,
        test=figures["isbi_151_300"],
        held=held,
        hamedan_trained=76 - held["films"],
        stage_a=figures.get("isbi_alone"),
        drift=figures["drift"],
        flags=figures["flags"],
        stability=figures["stability"],
        stability_films=stability_films,
        refusals=figures["refusals"],
        worst=figures["worst"],
        row=_row,
        parameters={kind: _millions(kind) for kind in ("coarse", "fine")},
        agreement=f"{calibration.agreement / FACE_PX_A_MM:.2f}",
        canvas=f"{CANVAS[1]} x {CANVAS[0]}",
        face=f"{FACE[1]} x {FACE[0]}",
        face_mm=f"{1 / FACE_PX_A_MM:.2f}",
        looks=len(LOOKS) - 1,
    )
