"""The one-page report of a scan that was read."""

from __future__ import annotations

import numpy as np

from DeepMedLib.report.model import Band, Chart, ChartPoint, Picture, Report, Section, Series
from ScanCoverageLib.coverage_result import CoverageResult

_SCALE = (
    "Position: 0 at the neck, 100 at mid-thigh. Regions end at the lung apices, the domes of the diaphragm, the iliac "
    "crests and the ischia; near a border the region is not certain."
)


def coverage_report(result: CoverageResult, picture: np.ndarray, telling: np.ndarray | None = None) -> Report:
    """Describe a reading as a report.

    Args:
        picture: (H, W, 3) uint8, the coronal view with its bar.
        telling: (H, W, 3) uint8, slices with the patches that told; may be left out.
    """
    rows = tuple((v.name, v.state, ", ".join(v.sides), v.source) for v in result.verdicts)
    sections = [Section("On the scan", header=("Region or organ", "State", "Cut at", "Source"), rows=rows)]
    if result.masks:
        cells = tuple((name, text) for name, text in mask_rows(result))
        sections.append(Section("Lungs and airways", header=("Measure", "Value"), rows=cells))
    pictures = [Picture(picture, "View from the front; each slice in the color of its region, paler where unsure.")]
    if telling is not None:
        pictures.append(Picture(telling, "Slices with the patches from which the position was read."))
    chart = position_chart(result)
    return Report(
        title="Scan coverage",
        subtitle=result.headline(),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=(
            ("Scan", result.scan),
            ("Size", " x ".join(str(count) for count in result.size_ijk)),
            ("Spacing", " x ".join(f"{value:.2f}" for value in result.spacing_mm) + " mm"),
        ),
        pictures=tuple(pictures),
        warnings=tuple(result.all_sentences()),
        sections=tuple(sections),
        charts=() if chart is None else (chart,),
        notes=(_SCALE,),
        provenance={k: v for k, v in result.provenance.items() if v},
    )


def mask_rows(result: CoverageResult) -> list[tuple[str, str]]:
    """Measures of lungs and airways as pairs of name and text."""
    names = {"lung_right_ml": "Right lung", "lung_left_ml": "Left lung", "airways_ml": "Airways"}
    rows = [(names[key], f"{float(result.masks[key]):.0f} ml") for key in names if key in result.masks]
    return rows + [(key, str(value)) for key, value in result.masks.items() if key not in names]


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
    ends = (ChartPoint(x[0], y[0], seen[0].region), ChartPoint(x[-1], y[-1], seen[-1].region))
    return Chart("Position along the body", "z (mm, superior)", "position", (Series(x, y),), (band,), ends)
