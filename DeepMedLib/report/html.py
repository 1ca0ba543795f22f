"""The report as one HTML file that needs nothing else: pictures inside, no script, no network."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from DeepMedLib.errors import DependencyMissing
from DeepMedLib.report.charts import chart_svg
from DeepMedLib.report.files import write_whole
from DeepMedLib.report.fit import chart_columns, chart_size, text_scale
from DeepMedLib.report.model import Picture, Report, Section
from DeepMedLib.report.numbers import is_number
from DeepMedLib.report.png import encode_png, shrink
from DeepMedLib.report.rows import Row, provenance_items, row_of, rows_of, spread_text

_JOINTS = re.compile(r"(?<=[^\W\d])[_./](?=\w)|(?<=\w)[_./](?=[^\W\d])")
_TEMPLATES = Path(__file__).resolve().parent / "templates"


def render_html(report: Report, language: str = "en") -> str:
    """The report as HTML text. All text of the report is escaped.

    Raises:
        DependencyMissing: Jinja2 is not installed.
    """
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise DependencyMissing(
            "The HTML report needs the Python package Jinja2.", "Install it: pip install jinja2."
        ) from error
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["breakable"] = breakable
    template = environment.from_string((_TEMPLATES / "page.html").read_text(encoding="utf-8"))
    return template.render(
        title=report.title,
        language=language,
        css=Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8").strip()),
        pages=[_page(page) for page in report.pages],
    )


def breakable(text: object) -> Any:
    """Escaped text that may go on in the next line behind the signs that join parts of file names, never in numbers."""
    from markupsafe import Markup, escape

    return Markup(_JOINTS.sub(r"\g<0><wbr>", str(escape(str(text)))))


def _page(report: Report) -> dict[str, Any]:
    """One page as the template reads it."""
    from markupsafe import Markup

    width, height = chart_size(report)
    return {
        "report": report,
        "pictures": [_picture(picture) for picture in report.pictures],
        "key": [
            {**_row(row_of(measurement)), "spread": spread_text(row_of(measurement))} for measurement in report.key
        ],
        "narrow": [_section(section) for section in report.sections if not section.wide],
        "wide": [_section(section) for section in report.sections if section.wide],
        "charts": [Markup(chart_svg(chart, width, height)) for chart in report.charts],
        "charts_beside": report.charts_beside,
        "columns": chart_columns(report),
        "scale": f"{text_scale(report):g}",
        "provenance": provenance_items(report.provenance),
    }


def write_html(report: Report, path: str | Path, language: str = "en") -> Path:
    """Write the report as one self-contained HTML file, whole or not at all.

    Raises:
        DependencyMissing: Jinja2 is not installed.
        OSError: the file cannot be written.
    """
    return write_whole(path, render_html(report, language).encode("utf-8"))


def _picture(picture: Picture) -> dict[str, Any]:
    pixels = shrink(picture.pixels)
    data = base64.b64encode(encode_png(pixels)).decode("ascii")
    width = pixels.shape[1]
    return {
        "uri": f"data:image/png;base64,{data}",
        "width": width,
        "height": max(1, round(width * picture.aspect)),
        "caption": picture.caption,
    }


def _row(row: Row, with_source: bool = True) -> dict[str, Any]:
    return {
        "label": row.label,
        "value": row.value,
        "unit": row.unit_alone,
        "figure": row.figure,
        "interval": row.interval,
        "unmeasured": row.unmeasured,
        "remark": row.remark(with_source),
    }


def _section(section: Section) -> dict[str, Any]:
    rows, source = rows_of(section.measurements)
    return {
        "title": section.title,
        "rows": [_row(row, with_source=not source) for row in rows],
        "source": source,
        "header": section.header,
        "table": section.rows,
        "numeric": [is_number(column) for column in zip(*section.rows, strict=True)] or [False] * len(section.header),
        "text": section.text,
    }
