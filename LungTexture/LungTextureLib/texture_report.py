"""The report of a lung texture reading: one page, and the zones on another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from DeepMedLib.measurement import decimals
from DeepMedLib.report.model import Picture, Report, Section
from LungTextureLib.airways import Airways
from LungTextureLib.densitometry import CALIBRATION_SD
from LungTextureLib.shares import NOT_SURE
from LungTextureLib.texture_result import NAMES, SIDES, WHOLE, TextureResult
from LungTextureLib.zones import PEEL_MM, ZONES

_DENSITY = (
    "LAA: share of the voxels below -950 and -910 HU; HAA: from -600 to -250 HU; PD15: 15th percentile. Intervals "
    f"(95 %): what a calibration known to {CALIBRATION_SD:g} HU (1 SD, taken, not measured here) makes of them."
)
_SHARES = (
    "Intervals (95 %): the network's mistakes on patches kept aside, and the scatter between slices. Classes are those "
    "of COPDGene's emphysema patches; fibrosis, consolidation and ground glass are unknown to the network."
)
_ZONES = f"Thirds of each lung's own height on the scan; the peel lies within {PEEL_MM:g} mm of the lung's surface."


def texture_report(result: TextureResult, pictures: Mapping[str, np.ndarray]) -> Report:
    """Describe a reading as a report.

    Args:
        pictures: (H, W, 3) uint8, "overlay".
    """
    sections = []
    if result.densities:
        sections.append(_density_section(result))
    if result.shares:
        sections.append(_share_section(result))
    if result.airways is not None:
        sections.append(_airway_section(result.airways))
    caption = "Upper, middle and lower lungs, window -1000 to -500 HU; below in the colors of their textures."
    if not result.shares:
        caption = "Upper, middle and lower lungs, window -1000 to -500 HU; below with the lungs' outlines."
    zones = [make(result) for make in (_density_by_zone, _shares_by_zone)]
    further = tuple(Report(zone.title, result.scan, sections=(zone,)) for zone in zones if zone.rows)
    return Report(
        title="Lung texture",
        subtitle=result.answer(),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=(
            ("Scan", result.scan),
            ("Size", " x ".join(str(count) for count in result.size_ijk)),
            ("Spacing", " x ".join(f"{value:.2f}" for value in result.spacing_mm) + " mm"),
        ),
        pictures=(Picture(pictures["overlay"], caption),),
        warnings=tuple(result.warnings()),
        sections=tuple(sections),
        provenance={key: value for key, value in result.provenance.items() if value},
        more=further,
    )


def _density_section(result: TextureResult) -> Section:
    rows = []
    for name, label, unit, digits in (
        ("laa950", "LAA-950", "%", 1),
        ("laa910", "LAA-910", "%", 1),
        ("pd15", "PD15", "HU", 0),
        ("haa", "HAA", "%", 1),
    ):
        measured = next((item for item in result.measurements() if item.name == name), None)
        if measured is None or measured.value is None:
            continue
        low, high = measured.interval() or (measured.value, measured.value)
        low = max(low, 0.0) if unit == "%" else low
        sides = []
        for zone in SIDES:
            density = result.density(zone)
            values = {} if density is None else {**vars(density), "pd15": density.pd15_hu}
            sides.append(decimals(values[name], digits) if values else "")
        interval = f"{decimals(low, digits)} to {decimals(high, digits)}"
        rows.append((f"{label} ({unit})", decimals(measured.value, digits), interval, *sides))
    volumes = [item for item in result.measurements() if item.unit == "ml"]
    text = "Volumes: " + "; ".join(f"{item.label} {item.text(0)}" for item in volumes) + "."
    header = ("Both lungs", "Value", "95 %", "Right", "Left") if rows else ()
    return Section("Densitometry", header=header, rows=tuple(rows), text=f"{text} {_DENSITY}" if rows else text)


def _share_section(result: TextureResult) -> Section:
    rows = []
    for key, name in NAMES.items():
        whole = result.share(key, WHOLE)
        if whole is None:
            continue
        interval = "" if key == NOT_SURE or whole.sd is None else share_interval(whole.percent, whole.sd)
        sides = [result.share(key, zone) for zone in SIDES]
        rows.append(
            (name, decimals(whole.percent, 0), interval, *("" if s is None else decimals(s.percent, 0) for s in sides))
        )
    header = ("Texture", "Both (%)", "95 %", "Right", "Left")
    return Section("Textures", header=header, rows=tuple(rows), text=_SHARES)


def _airway_section(airways: Airways) -> Section:
    text = (
        f"{decimals(airways.length_mm / 10, 0)} cm of airways in {len(airways.branches)} branches were followed, "
        f"{decimals(airways.volume_ml, 1)} ml; a lower bound of what is there. {airways.told}"
    )
    rows = []
    for number, wall in enumerate(airways.walls, start=1):
        place = ", ".join(decimals(value, 0) for value in wall.place)
        lumen = _within(wall.lumen_mm, wall.lumen_sd) if wall.middle else ""
        thick = "" if wall.wall_mm is None or wall.wall_sd is None else _within(wall.wall_mm, wall.wall_sd)
        rows.append((f"{number}: {place}", lumen, thick, wall.reason))
    header = ("Place (RAS, mm)", "Lumen (mm, 95 %)", "Wall (mm, 95 %)", "Withheld") if rows else ()
    return Section("Airways", header=header, rows=tuple(rows), text=text)


def _within(value: float, sd: float) -> str:
    return f"{decimals(value, 1)} ({decimals(value - 1.96 * sd, 1)} to {decimals(value + 1.96 * sd, 1)})"


def _density_by_zone(result: TextureResult) -> Section:
    rows = []
    for item in result.densities:
        d, told = item.density, not result.no_density
        shares = [decimals(value, 1) if told else "" for value in (d.laa950, d.laa910, d.haa)]
        pd15 = decimals(d.pd15_hu, 0) if told else ""
        rows.append((item.zone.name, decimals(d.ml, 0), decimals(d.mean_hu, 0), *shares, pd15))
    header = ("Zone", "ml", "Mean (HU)", "LAA-950 (%)", "LAA-910 (%)", "HAA (%)", "PD15 (HU)")
    return Section("Densitometry by zone", header=header, rows=tuple(rows), text=_ZONES)


def _shares_by_zone(result: TextureResult) -> Section:
    rows = []
    for zone in ZONES:
        found = [result.share(key, zone) for key in NAMES]
        if any(found):
            rows.append((zone.name, *("" if one is None else decimals(one.percent, 0) for one in found)))
    header = ("Zone", *(f"{key} (%)" for key in NAMES))
    keys = "; ".join(f"{key} {name.lower()}" for key, name in NAMES.items() if key != NOT_SURE)
    return Section("Textures by zone", header=header, rows=tuple(rows), text=f"{keys}. {_ZONES} SDs are in shares.csv.")


def share_interval(percent: float, sd: float) -> str:
    """95 % interval of a share, within 0 to 100."""
    low, high = max(0.0, percent - 1.96 * sd), min(100.0, percent + 1.96 * sd)
    return f"{decimals(low, 0)} to {decimals(high, 0)}"
