"""Lungs and airways as segments with their names, colors and codes."""

from __future__ import annotations

from DeepMedLib.measurement import Code
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec
from DeepMedLib.mrml.nodes.terminology import ANATOMICAL_STRUCTURE

_LUNG = Code("39607008", "SCT", "Lung")
LUNG_SEGMENTS = (
    SegmentSpec(
        "lung_right",
        "Right lung",
        (0.45, 0.70, 0.90),
        (ANATOMICAL_STRUCTURE, _LUNG, Code("24028007", "SCT", "Right")),
    ),
    SegmentSpec(
        "lung_left", "Left lung", (0.55, 0.85, 0.65), (ANATOMICAL_STRUCTURE, _LUNG, Code("7771000", "SCT", "Left"))
    ),
    SegmentSpec(
        "airways", "Airways", (0.95, 0.60, 0.35), (ANATOMICAL_STRUCTURE, Code("89187006", "SCT", "Airway structure"))
    ),
)
"""Labels 1, 2 and 3: right lung, left lung, airways."""
