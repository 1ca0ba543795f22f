"""The report of a map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from DeepMedLib.report.model import Chart, Picture, Report, Section, Series
from EPMappingLib.ep_result import WORDING, EpResult

_CAPTIONS = {
    "overlay": "The map from six sides. Colors fade where half of the 95 % interval is wider than the step between "
    "isochrones; gray: nothing was measured nearby.",
    "voltage": "Bipolar voltage.",
    "velocity": "Conduction velocity of each triangle; gray triangles were excluded.",
}
_INTERVALS = (
    "Numbers of interpolated maps are mean and interval of the same number over random maps that the points allow (a "
    "Gaussian process on the surface, its noise and length fitted, its width calibrated on left-out points), widened "
    "by what drawn atria differ from their truth."
)


def ep_report(result: EpResult, pictures: Mapping[str, np.ndarray]) -> Report:
    """Describe a map as a report.

    Args:
        pictures: (H, W, 3) uint8 by name, see `report.map_pictures`.
    """
    sections = [Section("Map", tuple(result.measurements()), text=_INTERVALS if result.fits else "")]
    sections += [table.section() for table in result.tables() if table.name in ("sites", "lines", "excluded")]
    if result.fits:
        sections.append(_fits(result))
    more = [
        Report(title, result.shell, pictures=(Picture(pictures[name], _CAPTIONS[name]),))
        for name, title in (("voltage", "Bipolar voltage"), ("velocity", "Conduction velocity"))
        if name in pictures
    ]
    if result.points:
        charts = (_distance_chart(result),) if len(result.points) > 1 else ()
        distances = result.table("distances").section(_told_distances(result))
        more.append(Report("Points and shell", result.shell, sections=(distances,), charts=charts))
    return Report(
        title="Electroanatomical map",
        subtitle=result.answer(),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=(
            ("Shell", f"{result.shell}, {result.vertices} vertices"),
            ("Activation", result.lat_name or "none"),
            ("Voltage", result.bipolar_name or "none"),
            ("Points", str(len(result.points)) if result.points else "as interpolated by the system"),
        ),
        pictures=(Picture(pictures["overlay"], _CAPTIONS["overlay"]),),
        warnings=tuple(remark.text for remark in result.remarks if remark.text != WORDING),
        sections=tuple(sections),
        notes=(WORDING,),
        provenance={key: value for key, value in result.provenance.items() if value},
        more=tuple(more),
    )


def _fits(result: EpResult) -> Section:
    names = {"lat": ("Activation", "ms"), "bipolar": ("Voltage", "ln mV")}
    rows = tuple(
        (
            names[name][0],
            str(fit.points),
            f"{fit.length_mm:.0f}",
            f"{fit.noise:.2g} {names[name][1]}",
            f"{100 * fit.covered:.0f} %",
        )
        for name, fit in result.fits.items()
    )
    header = ("Interpolated", "Points", "Length (mm)", "Noise of a point", "Left-out points in their 95 %")
    return Section("Interpolation", header=header, rows=rows)


def _told_distances(result: EpResult) -> str:
    distances = result.distances()
    left_out = sum(not point.used for point in result.points)
    text = f"Median {np.median(distances):.1f} mm, 95 % within {np.quantile(distances, 0.95):.1f} mm."
    return text + (f" {left_out} points lie too far off and were left out." if left_out else "")


def _distance_chart(result: EpResult) -> Chart:
    distances = np.sort(result.distances())
    share = 100 * np.arange(1, len(distances) + 1) / len(distances)
    line = Series(tuple(distances.tolist()), tuple(share.tolist()))
    return Chart("Distance of points from the shell", "mm", "% of points within", (line,))
