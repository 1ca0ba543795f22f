"""A measured picture as entries of a DICOM structured report."""

from __future__ import annotations

import numpy as np

from DeepMedLib.picture.picture import Picture
from FetalBiometryLib.planes.growth import age_of, placements_of
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.structured_report.model import Entry, ImageReference, ReportedAge, ReportedGrowth


def result_entries(result: PictureResult, picture: Picture) -> list[Entry]:
    """The numbers with their outlines, age and growth beside the measures they follow from.

    Raises:
        BadInput: the picture did not come from DICOM.
    """
    image = ImageReference.of(picture)
    lengths = result.lengths()
    age = age_of(lengths, result.options)
    placed = placements_of(lengths, result.options)
    outlines: dict[str, tuple[str, np.ndarray]] = {name: ("line", ends) for name, ends in result.lines_px.items()}
    for outline in result.shape.outlines:
        ellipse = result.ellipses_px().get(outline.name)
        if ellipse is None:
            continue
        # An edited pair of lines need not cross in the middle; the ellipse's own axes do.
        axes = np.vstack(ellipse.axis_ends())
        for name in (outline.circumference, outline.area):
            outlines[name] = ("ellipse", axes)
    entries = []
    for m in lengths:
        shape, points = outlines.get(m.name, ("", None))
        growth = ReportedGrowth.of(placed[m.name]) if m.name in placed else None
        # One age follows from all measures of a picture: it stands once, beside the last of them.
        reported = ReportedAge.of(age) if age is not None and m.name == age.parameters[-1] else None
        entries.append(Entry(m, image, shape, points, age=reported, growth=growth))
    return entries
