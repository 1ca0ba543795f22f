"""The report of a scan that was read: one page, and further ones for many organs and for the telling patches."""

from __future__ import annotations

import numpy as np

from DeepMedLib.ct.regions.verdicts import OWN, Verdict
from DeepMedLib.report.model import Band, Chart, ChartPoint, Picture, Report, Section, Series
from ScanCoverageLib.coverage_result import CoverageResult

_SCALE = (
    "Position: 0 at the neck, 100 at mid-thigh. Regions end at the lung apices, the domes of the diaphragm, the iliac "
    "crests and the ischia; near a border the region is not certain."
)
_INTERVAL = "Intervals: of the part on the scan, from where the edge lies; what a mask leaves out is not in them."
_BESIDE = 12  # organs that find room beside the picture
_ROWS = 32  # organs on a page of their own
_LONG = 260  # characters; longer sentences only list what the table of organs says as well
_SENTENCES = 8  # on the first page


def coverage_report(result: CoverageResult, picture: np.ndarray, telling: np.ndarray | None = None) -> Report:
    """Describe a reading as a report.

    Args:
        picture: (H, W, 3) uint8, the coronal view with its bar.
        telling: (H, W, 3) uint8, slices with the patches that told; may be left out.
    """
    sections = []
    regions = [verdict for verdict in result.verdicts if verdict.kind == "region"]
    organs = [verdict for verdict in result.verdicts if verdict.kind == "organ"]
    if regions:
        text = f"By {regions[0].source}."
        sections.append(Section("Regions", header=("Region", "State", "Cut at"), rows=_rows(regions), text=text))
    if organs:
        sections.append(organ_section(organs) if len(organs) <= _BESIDE else _counted(organs))
    if result.masks:
        sections.append(own_section(result))
    chart = position_chart(result)
    sentences = result.warnings()
    shown = [sentence for sentence in sentences if len(sentence) <= _LONG or not organs][:_SENTENCES]
    left_out = "" if len(shown) == len(sentences) else "More sentences about single organs are in result.json."
    caption = "View from the front; each slice in the color of its region, darker where unsure."
    return Report(
        title="Scan coverage",
        subtitle=result.answer(),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=(
            ("Scan", result.scan),
            ("Size", " x ".join(str(count) for count in result.size_ijk)),
            ("Spacing", " x ".join(f"{value:.2f}" for value in result.spacing_mm) + " mm"),
        ),
        pictures=(Picture(picture, caption),),
        warnings=tuple(shown),
        sections=tuple(sections),
        charts=() if chart is None else (chart,),
        notes=(_SCALE, left_out) if left_out else (_SCALE,),
        provenance={k: v for k, v in result.provenance.items() if v},
        more=tuple(_further(result, organs, telling)),
    )


def own_section(result: CoverageResult) -> Section:
    """Lungs and airways: volume with interval, complete or cut."""
    own = [verdict for verdict in result.verdicts if verdict.kind == OWN]
    rows = tuple((v.name, *result.volume_cells(v.name), v.state, ", ".join(v.sides)) for v in own)
    text = f"{result.masks.get('airways', '')} {_INTERVAL}".strip()
    return Section(
        "Lungs and airways", header=("Structure", "Volume", "95 % (ml)", "State", "Cut at"), rows=rows, text=text
    )


def organ_section(organs: list[Verdict]) -> Section:
    """The organs of a segmentation, with its name."""
    sources = ", ".join(dict.fromkeys(verdict.source for verdict in organs))
    return Section("Organs", header=("Organ", "State", "Cut at"), rows=_rows(organs), text=f"By {sources}.")


def _rows(verdicts: list[Verdict]) -> tuple[tuple[str, ...], ...]:
    return tuple((verdict.name, verdict.state, ", ".join(verdict.sides)) for verdict in verdicts)


def _counted(organs: list[Verdict]) -> Section:
    states = [verdict.state for verdict in organs]
    rows = tuple((state, str(states.count(state))) for state in dict.fromkeys(sorted(states)))
    return Section("Organs", header=("State", "Organs"), rows=rows, text="All of them stand on the next page.")


def _further(result: CoverageResult, organs: list[Verdict], telling: np.ndarray | None) -> list[Report]:
    pages = []
    if len(organs) > _BESIDE:
        for start in range(0, len(organs), _ROWS):
            section = organ_section(organs[start : start + _ROWS])
            pages.append(Report("Organs of the segmentation", result.scan, sections=(section,)))
    if telling is not None:
        caption = "Slices as the network sees them; warm patches are those from which the position was read."
        pages.append(Report("Telling patches", result.scan, pictures=(Picture(telling, caption),)))
    return pages


def position_chart(result: CoverageResult) -> Chart | None:
    """Position against the superior coordinate with its 95 % band; None with fewer than two slices seen."""
    seen = result.seen()
    if len(seen) < 2:
        return None
    x = tuple(reading.z_mm for reading in seen)
    y = tuple(float(reading.position or 0) for reading in seen)
    half = [1.96 * float(reading.sd or 0) for reading in seen]
    low = tuple(a - b for a, b in zip(y, half, strict=True))
    high = tuple(a + b for a, b in zip(y, half, strict=True))
    band = Band(x, low, high)
    ends = (ChartPoint(x[0], y[0]), ChartPoint(x[-1], y[-1]))
    return Chart("Position along the body", "z (mm, superior)", "position", (Series(x, y),), (band,), ends)
