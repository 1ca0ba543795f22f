"""The one-page report of a measured picture, whatever its plane."""

from __future__ import annotations

import numpy as np

from DeepMedLib.report.model import Chart, Picture, Report, Section
from FetalBiometryLib.planes.result import PictureResult

_TITLES = {
    "head": "Fetal head biometry",
    "abdomen": "Fetal abdomen biometry",
    "thorax": "Fetal heart and thorax",
    "other": "Fetal ultrasound picture",
}


def picture_report(result: PictureResult, overlay: np.ndarray, charts: tuple[Chart, ...] = ()) -> Report:
    """Describe a result as a report.

    Args:
        overlay: (H, W, 3) uint8, the picture with outlines and calipers.
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
        title=_TITLES.get(result.plane, f"{result.shape.title} length"),
        subtitle=_subtitle(result),
        date=result.provenance.get("date", "").replace("T", " ").split("+")[0],
        subject=_subject(result),
        key=tuple(m for m in lengths if m.name in result.shape.key),
        pictures=(Picture(overlay, _caption(result), aspect),),
        warnings=tuple(result.warnings()),
        sections=tuple(sections),
        charts=charts,
        notes=_notes(result),
        provenance=_provenance(result),
    )


def _subtitle(result: PictureResult) -> str:
    if result.by_hand:
        return "Drawn by the user"
    if result.edited:
        return "Proposal edited by the user"
    return "Proposal accepted by the user" if result.accepted else "Automatic proposal, to be checked by a person"


def _subject(result: PictureResult) -> tuple[tuple[str, str], ...]:
    rows = [("Picture", result.picture)]
    if result.frame_count > 1:
        rows.append(("Frame", f"{result.frame + 1} of {result.frame_count}"))
    if result.guess is not None:
        share = 100 * result.guess["probabilities"].get(result.guess["plane"], 0.0)
        rows.append(("Plane", f"{result.guess['plane']}, recognised with {share:.0f} %"))
    if result.scale is None:
        rows.append(("Scale", "not known"))
    else:
        rows.append(("Scale", f"{result.scale.mean:.4f} mm per pixel, {result.scale.source}"))
    if result.plane == "head":
        rows.append(("BPD convention", result.options.bpd_convention))
    if result.plane == "thorax":
        rows.append(("Heart/thorax ratio", f"by {result.options.ctr}"))
        rows.append(("Fetal left", result.options.fetal_left))
    if result.options.ga_weeks:
        rows.append(("Known gestational age", f"{result.options.ga_weeks:.2f} weeks"))
    return tuple(rows)


def _caption(result: PictureResult) -> str:
    if not result.lines():
        return "The picture; nothing was found."
    if not result.vouched:
        return "Dashed: what the model saw but does not vouch for."
    return result.shape.caption


def _notes(result: PictureResult) -> tuple[str, ...]:
    notes = [result.shape.method] if result.shape.method else []
    by_person = result.edited or result.accepted
    if result.plane == "head" and result.vouched and not by_person:
        notes.append("The uncertainty was calibrated on pictures of the HC18 set; other scanners may differ.")
    if by_person:
        notes.append("No uncertainty is stated for what a person placed.")
    return tuple(notes)


def _provenance(result: PictureResult) -> dict[str, str]:
    shown = ("model", "version", "sha256", "device", "engine", "software", "date")
    return {key: result.provenance[key] for key in shown if result.provenance.get(key)}
