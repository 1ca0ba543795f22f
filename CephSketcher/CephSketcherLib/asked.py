"""The options of a command or a table row as the module's own settings, checked before any film is opened.

Imports what it needs when it is called: a command is declared with it, and its help must come at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from DeepMedLib.errors import BadInput

if TYPE_CHECKING:
    from DeepMedLib.picture.scale import Scale


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `options.ASKED` with ``settings`` (CephOptions) added and ``method`` filled in.

    Raises:
        BadInput: a value that no film could be traced with.
    """
    from CephSketcherLib.analysis.analyses import chosen_measures
    from CephSketcherLib.comparison.superimposition import METHODS
    from CephSketcherLib.film.lateral_film import ruler_scale, typed_scale
    from CephSketcherLib.tracing.result import CephOptions
    from DeepMedLib.picture.scale import LARGEST_MAGNIFICATION

    ruler, magnification, age = values["ruler"], values["magnification"], values["age"]
    method, compare = values["method"], values["compare"]
    if values["spacing"] is not None and ruler is not None:
        raise BadInput("A pixel size and a ruler are given.", "Give either --spacing or --ruler, not both.")
    for given in (values["spacing"], values["compare_spacing"]):
        if given is not None:
            typed_scale(given)
    if ruler is not None:
        ruler_scale(ruler[:2], ruler[2:4], ruler[4])
    if magnification is not None and not 1 <= magnification <= LARGEST_MAGNIFICATION:
        raise BadInput(f"A magnification of {magnification:g} is not possible.", "Give a factor from 1 to 2.")
    if age is not None and not (math.isfinite(age) and 0 < age < 120):
        raise BadInput(f"An age of {age:g} years is not possible.", "Give the age in years.")
    chosen_measures(values["analysis"])
    if method is not None and method not in METHODS:
        raise BadInput(f"Films cannot be laid upon '{method}'.", f"Choose among: {', '.join(METHODS)}.")
    if compare is not None and not compare.exists():
        raise BadInput(f"There is no file {compare.name}.", "Check --compare.")
    settings = CephOptions(analyses=values["analysis"], age=age, sex=values["sex"] or "", **_norms(values["norms"]))
    return {**values, "settings": settings, "method": method or next(iter(METHODS))}


def _norms(name: str | None) -> dict[str, Any]:
    """A shipped set by its name, else a file."""
    from CephSketcherLib.analysis.norm_files import norm_set_names, read_norm_set

    if name is None:
        return {}
    if name in norm_set_names():
        return {"norms": name}
    if not Path(name).is_file():
        known = ", ".join(norm_set_names())
        raise BadInput(f"There is no norm set '{name}'.", f"Choose a file or one of: {known}.")
    own = read_norm_set(name)
    return {"norms": own.name, "own_norms": asdict(own)}


def scale_asked(aspect: float, spacing: float | None, ruler: tuple[float, ...] | None = None) -> Scale | None:
    """The scale that a pixel size or two marks of a ruler give; None where neither is given.

    Args:
        aspect: height of the film's pixels over their width.
        spacing: mm per pixel. ruler: x and y of either mark in pixels, and the mm between them.

    Raises:
        BadInput: it is not possible.
    """
    from CephSketcherLib.film.lateral_film import ruler_scale, typed_scale

    if spacing is not None:
        return typed_scale(spacing, aspect)
    if ruler is not None:
        x1, y1, x2, y2, mm = ruler
        return ruler_scale((x1, y1), (x2, y2), mm, aspect)
    return None
