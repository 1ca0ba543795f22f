"""The page that `deepmed demo` writes."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

from deepmed_headless.cli.demo.declaration import Section
from deepmed_headless.cli.files.folder import replace_file

TEMPLATE = "page.html.j2"


def write_page(out: Path, sections: list[Section]) -> Path:
    """Writes ``index.html``; all its links are relative, so the folder can be moved as a whole.

    Returns:
        its path.
    """
    import jinja2

    from DeepMedLib import __version__
    from DeepMedLib.report.numbers import unit_text

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["signed"] = signed
    environment.filters["readable"] = readable
    environment.filters["unit"] = unit_text
    html = environment.get_template(TEMPLATE).render(
        sections=[{"section": section, "figures": figures(section)} for section in sections],
        version=__version__,
        date=datetime.datetime.now(datetime.timezone.utc).strftime("%d %B %Y, %H:%M UTC"),
    )
    path = out / "index.html"
    replace_file(path, html)
    return path


def number(value: float | None, digits: int = 1) -> str:
    """A number for people; a dash where there is none."""
    return "\u2013" if value is None else f"{value:.{digits}f}"


def readable(name: str) -> str:
    """A measure's short name as words: ``BPD_centile`` is "BPD centile", ``HeartArea`` "Heart area"."""
    apart = re.sub(r"(?<=[a-z])[A-Z](?=[a-z])", lambda match: f" {match.group().lower()}", name)
    return apart.replace("_", " ")


def signed(value: float | None, digits: int = 1) -> str:
    """A difference for people, with its sign."""
    if value is None:
        return "\u2013"
    rounded = round(value, digits) + 0.0  # no "-0.0"
    return f"{rounded:+.{digits}f}".replace("-", "\u2212") if rounded else f"{0:.{digits}f}"


def figures(section: Section) -> dict[str, dict[str, Any]]:
    """Mean absolute error and covered intervals of each column, with how many pictures they stand on.

    A column without any truth beside it is left out.
    """
    found = {}
    for name in section.columns:
        numbers = [n for shown in section.pictures for n in shown.beside_truth((name,), section.unit)]
        errors = [abs(item.error) for item in numbers if item.error is not None]
        covered = [item.covered for item in numbers if item.covered is not None]
        if not errors:
            continue
        found[name] = {
            "n": len(errors),
            "mae": sum(errors) / len(errors) if errors else None,
            "covered": sum(covered),
            "covered_n": len(covered),
        }
    return found
