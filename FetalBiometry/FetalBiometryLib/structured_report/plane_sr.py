"""A measured picture as entries of a DICOM structured report."""

from __future__ import annotations

import numpy as np

from FetalBiometryLib.growth.plane_growth import plane_age, plane_placements
from FetalBiometryLib.picture.files import Picture
from FetalBiometryLib.planes.head_result import HeadResult
from FetalBiometryLib.planes.plane_result import PlaneResult
from FetalBiometryLib.structured_report.head_sr import head_entries
from FetalBiometryLib.structured_report.model import Entry, ImageReference, ReportedAge, ReportedGrowth


def result_entries(result: HeadResult | PlaneResult, picture: Picture) -> list[Entry]:
    """The numbers with their outlines, age and growth beside the measures they follow from.

    Raises:
        BadInput: the picture did not come from DICOM.
    """
    return head_entries(result, picture) if isinstance(result, HeadResult) else plane_entries(result, picture)


def plane_entries(result: PlaneResult, picture: Picture) -> list[Entry]:
    """As `result_entries`, for any plane but the head."""
    image = ImageReference.of(picture)
    lengths = result.lengths()
    age = plane_age(lengths, result.options)
    placed = plane_placements(lengths, result.options)
    outlines: dict[str, tuple[str, np.ndarray]] = {name: ("line", ends) for name, ends in result.lines_px.items()}
    for outline in result.shape.outlines:
        ellipse = result.ellipses().get(outline.name)
        if ellipse is None:
            continue
        # An edited pair of lines need not cross in the middle; the ellipse's own axes do.
        factor = result.factor()
        axes = np.vstack(ellipse.scaled(1 / factor[0], 1 / factor[1]).axis_ends())
        for name in (outline.circumference, outline.area):
            outlines[name] = ("ellipse", axes)
    entries = []
    for m in lengths:
        shape, points = outlines.get(m.name, ("", None))
        growth = ReportedGrowth.of(placed[m.name]) if m.name in placed else None
        reported = ReportedAge.of(age) if age is not None and m.name in age.parameters else None
        entries.append(Entry(m, image, shape, points, age=reported, growth=growth))
    return entries
