"""All measures by name."""

from __future__ import annotations

from CephSketcherLib.analysis.dental_measures import DENTAL
from CephSketcherLib.analysis.measure_definition import MeasureDefinition
from CephSketcherLib.analysis.skeletal_measures import SKELETAL
from CephSketcherLib.analysis.soft_measures import SOFT

MEASURES: dict[str, MeasureDefinition] = {m.name: m for m in (*SKELETAL, *DENTAL, *SOFT)}

#: Points that no landmark network of the 19-point layout gives; where present they were read off outlines.
OUTLINE_POINTS = ("U1A", "L1A", "U6", "L6", "Prn", "Co", "Ba")

#: Measures people look for that no point of ours gives, by analysis, with the reason. Named rather than guessed.
NEVER: dict[str, tuple[tuple[str, str], ...]] = {
    "Steiner": (
        ("SND", "point D (middle of the symphysis) is not marked"),
        ("S-E", "the hindmost point of the condyle is not marked"),
    ),
    "Tweed": (("Chin thickness", "the bony chin is not measured along the profile line"),),
    "Ricketts": (
        ("Facial axis (Ba-N to Pt-Gn)", "the pterygoid point Pt is not marked"),
        ("Lower face height angle (ANS-Xi-Pm)", "Xi and Pm are not marked"),
        ("Mandibular arc", "Xi, Pm and DC are not marked"),
        ("Upper molar to PTV", "the pterygoid vertical is not marked"),
    ),
    "McNamara": (
        ("Facial axis (Ba-N to PTM-Gn)", "the pterygomaxillary fissure is not marked"),
        ("Airway widths", "the pharynx is not outlined"),
    ),
    "Soft tissue": (
        ("Facial convexity (G'-Sn-Pog')", "the soft glabella is not marked"),
        ("Soft facial angle", "the soft nasion is not marked"),
    ),
}
