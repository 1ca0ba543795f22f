"""A measured head as entries of a DICOM structured report."""

from __future__ import annotations

import numpy as np

from FetalBiometryLib.growth.head_growth import head_age, head_placements
from FetalBiometryLib.picture.files import Picture
from FetalBiometryLib.planes.head_result import HeadResult
from FetalBiometryLib.structured_report.model import Entry, ImageReference, ReportedAge, ReportedGrowth


def head_entries(result: HeadResult, picture: Picture) -> list[Entry]:
    """BPD and OFD as lines, HC as an ellipse, the cephalic index; age and growth beside the measures they follow from.

    Raises:
        BadInput: the picture did not come from DICOM.
    """
    image = ImageReference.of(picture)
    lengths = result.lengths()
    age = head_age(lengths, result.options)
    placed = head_placements(lengths, result.options)
    if result.ofd_px is None or result.bpd_px is None:
        return []
    outlines = {
        "OFD": ("line", result.ofd_px),
        "BPD": ("line", result.bpd_px),
        "HC": ("ellipse", np.vstack([result.ofd_px, result.bpd_px])),
    }
    ellipse = result.ellipse_px()
    if ellipse is not None:  # an edited pair of lines need not cross in the middle; the ellipse's own axes do
        outlines["HC"] = ("ellipse", np.vstack(ellipse.axis_ends()))
    entries = []
    for m in lengths:
        shape, points = outlines.get(m.name, ("", None))
        growth = ReportedGrowth.of(placed[m.name]) if m.name in placed else None
        reported = ReportedAge.of(age) if age is not None and m.name == "HC" else None
        entries.append(Entry(m, image, shape, points, age=reported, growth=growth))
    return entries
