"""What is drawn in each plane: ellipses by two axis lines each, single lines, and the names of their numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """An ellipse that two axis lines define.

    Attributes:
        name: of the curve, e.g. "AC".
        axes: its two lines; the first gives the direction.
        circumference, area: names of the numbers taken from it; empty when it has none.
        axes_are_measures: the lines' lengths are measures of their own (TAD, APAD).
        always_axes: dragged lines stay the axes (the first gives the direction, of the second only the length counts);
            else they are two diameters, which need not be perpendicular.
    """

    name: str
    axes: tuple[str, str]
    circumference: str = ""
    area: str = ""
    axes_are_measures: bool = False
    always_axes: bool = False


@dataclass(frozen=True)
class PlaneShape:
    """One plane.

    Attributes:
        title: in reports and tables, e.g. "Fetal abdomen".
        outlines: ellipses, the main one first.
        lines: measured single lines.
        angle: the two lines whose angle is measured; empty without one.
        key: names of the numbers that matter most.
        caption: what a picture of it shows, in a sentence.
        method: how its numbers come about, in a sentence.
    """

    title: str
    outlines: tuple[Outline, ...] = ()
    lines: tuple[str, ...] = ()
    angle: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    caption: str = ""
    method: str = ""

    def groups(self) -> list[tuple[str, ...]]:
        """Lines that stand or fall together: the axes of one ellipse, the arms of the angle, a single line."""
        pairs: list[tuple[str, ...]] = [outline.axes for outline in self.outlines]
        if self.angle:
            pairs.append(self.angle)
        return pairs + [(line,) for line in self.lines]

    def line_names(self) -> tuple[str, ...]:
        """All lines, in the order in which they are shown."""
        return tuple(name for group in self.groups() for name in group)


#: Long bones by the name of their line. Only the femur is proposed by the model; the others are drawn by hand.
BONES: dict[str, str] = {
    "FL": "Femur",
    "HL": "Humerus",
    "TL": "Tibia",
    "FibL": "Fibula",
    "RL": "Radius",
    "UL": "Ulna",
}
HEART, THORAX = "Heart", "Thorax"
AXIS, MIDLINE = "CardiacAxis", "Midline"

_LINE_METHOD = "The length is that of the straight line between the ends of the ossified shaft."

SHAPES: dict[str, PlaneShape] = {
    "head": PlaneShape(
        "Fetal head",
        (Outline("HC", ("OFD", "BPD"), "HC", axes_are_measures=True, always_axes=True),),
        key=("HC", "BPD"),
        caption="Outer border of the skull (ellipse) with occipitofrontal (OFD) and biparietal (BPD) diameter.",
        method="HC is the perimeter of the ellipse (Ramanujan); BPD and OFD are its axes.",
    ),
    "abdomen": PlaneShape(
        "Fetal abdomen",
        (Outline("AC", ("TAD", "APAD"), "AC", axes_are_measures=True),),
        key=("AC",),
        caption="Skin line of the abdomen (ellipse) with transverse (TAD) and anteroposterior (APAD) diameter.",
        method="AC is the perimeter of the ellipse (Ramanujan); TAD and APAD are its axes.",
    ),
    "femur": PlaneShape(
        "Femur", lines=("FL",), key=("FL",), caption="Femur length (FL) along the ossified shaft.", method=_LINE_METHOD
    ),
    "thorax": PlaneShape(
        "Fetal thorax and heart",
        (
            Outline(HEART, ("Heart long", "Heart short"), "HeartCircumference", "HeartArea"),
            Outline(THORAX, ("Thorax long", "Thorax short"), "ThoraxCircumference", "ThoraxArea"),
        ),
        angle=(AXIS, MIDLINE),
        key=("CTR",),
        caption="Heart and thorax (ellipses), cardiac axis and midline.",
        method="Circumferences and areas are those of the ellipses; the cardiac axis is the angle to the midline.",
    ),
    "other": PlaneShape("Unknown plane", caption="The picture; its plane was not recognised."),
} | {
    name: PlaneShape(bone, lines=(name,), key=(name,), caption=f"{bone} length ({name}).", method=_LINE_METHOD)
    for name, bone in BONES.items()
    if name != "FL"
}
#: Planes that can be drawn by hand.
HAND_PLANES = ("abdomen", "femur", "thorax", *(name for name in BONES if name != "FL"))


def plane_of_bone(name: str) -> str:
    """The plane of a long bone's line: the femur has one of its own."""
    return "femur" if name == "FL" else name
