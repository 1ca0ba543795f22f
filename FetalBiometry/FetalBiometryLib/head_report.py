"""The one-page report of a measured head."""

from __future__ import annotations

import numpy as np

from DeepMedLib.report.model import Chart, Picture, Report, Section

from .head_result import HeadResult


def head_report(result: HeadResult, overlay: np.ndarray, charts: tuple[Chart, ...] = ()) -> Report:
    """Describe a result as a report.

    Args:
        overlay: (H, W, 3) uint8, the picture with outline and calipers.
    """
    lengths = result.lengths()
    growth = [m for m in result.measurements() if m.name not in {length.name for length in lengths}]
    sections = []
    if lengths:
        sections.append(Section("Biometry", tuple(lengths)))
    if growth:
        sections.append(Section("Age and growth", tuple(growth)))
    quality = result.quality_sentences()
    if quality:
        sections.append(Section("Plane and picture", text=" ".join(quality)))
    aspect = 1.0 if result.scale is None else result.scale.mm_per_px_y / result.scale.mm_per_px_x
    return Report(
        title="Fetal head biometry",
        subtitle="Proposal edited by the user" if result.edited else "Automatic proposal, to be checked by a person",
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=_subject(result),
        key=tuple(m for m in lengths if m.name in ("HC", "BPD")),
        pictures=(Picture(overlay, _caption(result), aspect),),
        warnings=tuple(result.warnings()),
        sections=tuple(sections),
        charts=charts,
        notes=_notes(result),
        provenance=_provenance(result),
    )


def _subject(result: HeadResult) -> tuple[tuple[str, str], ...]:
    rows = [("Picture", result.picture)]
    if result.frame_count > 1:
        rows.append(("Frame", f"{result.frame + 1} of {result.frame_count}"))
    if result.scale is None:
        rows.append(("Scale", "not known"))
    else:
        rows.append(("Scale", f"{result.scale.mean:.4f} mm per pixel, {result.scale.source}"))
    rows.append(("BPD convention", result.options.bpd_convention))
    if result.options.ga_weeks:
        rows.append(("Known gestational age", f"{result.options.ga_weeks:.2f} weeks"))
    return tuple(rows)


def _caption(result: HeadResult) -> str:
    if result.ofd_px is None:
        return "The picture; no head was found."
    if not result.vouched:
        return "Dashed: what the model saw but does not vouch for."
    return "Outer border of the skull (ellipse) with occipitofrontal (OFD) and biparietal (BPD) diameter."


def _notes(result: HeadResult) -> tuple[str, ...]:
    notes = ["HC is the perimeter of the ellipse (Ramanujan); BPD and OFD are its axes."]
    if result.vouched and not result.edited:
        notes.append("The uncertainty was calibrated on pictures of the HC18 set; other scanners may differ.")
    if result.edited:
        notes.append("No uncertainty is stated for what a person placed.")
    return tuple(notes)


def _provenance(result: HeadResult) -> dict[str, str]:
    shown = ("model", "version", "sha256", "device", "engine", "software", "date")
    return {key: result.provenance[key] for key in shown if result.provenance.get(key)}
