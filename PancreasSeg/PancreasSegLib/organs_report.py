"""The report of the organs of a CT, or of a slice picture: one page."""

from __future__ import annotations

import numpy as np

from DeepMedLib.report.model import Picture, Report, Section
from PancreasSegLib.organs_result import OrgansResult, SliceResult

_INTERVALS = (
    "Intervals follow from the errors of outlines on the scans that the network never saw, which are few (see its "
    "model card). Of a cut organ the interval is that of the part on the scan."
)
_RANGES = "Usual volumes are wide limits set to catch slips; they are no reference values."
_SENTENCES = 10


def organs_report(result: OrgansResult, picture: np.ndarray) -> Report:
    """Describe the organs of a CT.

    Args:
        picture: (H, W, 3) uint8, slices with outlines (`organs_picture`).
    """
    rows = tuple(
        (
            organ.name,
            organ.volume_text(),
            organ.state + (f" ({', '.join(organ.sides)})" if organ.sides else ""),
            "" if organ.mean_hu is None else f"{organ.mean_hu:.0f} ± {organ.sd_hu:.0f} HU",
        )
        for organ in result.organs
    )
    measured = any(organ.coverage is not None for organ in result.organs)  # else a network of the user's
    section = Section(
        "Organs", header=("Organ", "Volume", "State", "Density"), rows=rows, text=f"By {result.engine_name}."
    )
    return Report(
        title="Abdominal organs",
        subtitle=result.abstained_because or f"{len(result.found())} of {len(result.organs)} organs found",
        date=_date(result.provenance.get("date", "")),
        subject=(
            ("Scan", result.scan),
            ("Size", " x ".join(str(count) for count in result.size_ijk)),
            ("Spacing", " x ".join(f"{value:.2f}" for value in result.spacing_mm) + " mm"),
        ),
        pictures=(Picture(picture, "Axial slices from head to feet, the patient's right at the left."),),
        warnings=tuple(result.warnings()[:_SENTENCES]),
        sections=(section, *_lesions(result)),
        notes=(_INTERVALS, _RANGES) if measured else (_RANGES,),
        provenance={key: value for key, value in result.provenance.items() if value},
    )


def _lesions(result: OrgansResult) -> tuple[Section, ...]:
    if not result.lesions:
        return ()
    rows = tuple((str(one.number), f"{one.volume_ml:.2f} ml", f"{one.diameter_mm:.1f} mm") for one in result.lesions)
    text = "Candidates, as the network marks them inside the liver."
    if result.tumor_burden is not None:
        text += f" Together they are {100 * result.tumor_burden:.1f} % of the liver."
    return (Section("Liver lesions", header=("Lesion", "Volume", "Longest diameter"), rows=rows, text=text),)


def slice_report(result: SliceResult, picture: np.ndarray) -> Report:
    """Describe the organs of a slice picture.

    Args:
        picture: (H, W, 3) uint8 with outlines (`slice_overlay`).
    """
    rows = tuple((result.name(key), str(count)) for key, count in result.pixels.items())
    return Report(
        title="Abdominal organs in a slice",
        subtitle=result.answer(),
        date=_date(result.provenance.get("date", "")),
        subject=(("Picture", result.picture), ("Size", " x ".join(str(count) for count in result.size))),
        pictures=(Picture(picture, "The picture as it was given, with the outlines found."),),
        warnings=tuple(result.warnings()),
        sections=(Section("Organs", header=("Organ", "Pixels"), rows=rows),),
        provenance={key: value for key, value in result.provenance.items() if value},
    )


def _date(text: str) -> str:
    return text.replace("T", " ").split("+", maxsplit=1)[0]
