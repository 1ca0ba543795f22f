"""What a structured report of fetal measurements holds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code, Measurement
from DeepMedLib.picture.picture import Picture
from FetalBiometryLib.growth.dating import GestationalAge
from FetalBiometryLib.growth.standards import Placement


@dataclass(frozen=True)
class ImageReference:
    """The picture that was measured. ``frame`` counts from 0; None for a single-frame image."""

    sop_class_uid: str = field(repr=False)
    sop_instance_uid: str = field(repr=False)
    frame: int | None = None

    @classmethod
    def of(cls, picture: Picture) -> ImageReference:
        """The reference of a picture read from DICOM.

        Raises:
            BadInput: the picture did not come from a DICOM file.
        """
        if picture.dicom is None:
            raise BadInput(f"{picture.name} is not a DICOM picture.", "Only DICOM input gets a DICOM report.")
        many = picture.dicom.frame_count > 1
        return cls(picture.dicom.sop_class_uid, picture.dicom.sop_instance_uid, picture.frame if many else None)


@dataclass(frozen=True)
class ReportedAge:
    """Gestational age that follows from the measure: weeks, uncertainty, formula in words, its code."""

    weeks: float
    sd: float | None
    source: str
    code: Code | None = None

    @classmethod
    def of(cls, age: GestationalAge) -> ReportedAge:
        """From a computed age; its uncertainty holds the scatter of the formula."""
        return cls(age.weeks, age.prediction_sd, age.source, age.code)


@dataclass(frozen=True)
class ReportedGrowth:
    """Where the measure stands on a growth standard."""

    standard: str
    centile: float
    z: float

    @classmethod
    def of(cls, placement: Placement) -> ReportedGrowth | None:
        """From a placement; None when the measure could not be placed."""
        if placement.z is None or placement.centile is None:
            return None
        return cls(placement.standard, placement.centile, placement.z)


@dataclass(frozen=True)
class Entry:
    """One number of the report.

    Attributes:
        measurement: with name, value, unit, sd, code and source. Without a value it is left out of the report.
        image: the picture it was taken in; None for numbers computed from several.
        shape: "line", "ellipse" or "" without an outline.
        points_px: (2, 2) ends of a line, or (4, 2) ends of an ellipse's long and then short axis; (x, y) pixels.
        equation: the equation's code, for computed numbers such as the weight.
        age, growth: what follows from it.
        derivation: `codes.MEAN` for the mean of ``repeats``; None for a number that was measured.
        repeats: the numbers that a derived one was made from, each with its own picture; they come before it.
        fetus: name of the fetus when there are several; empty for a single one.
    """

    measurement: Measurement
    image: ImageReference | None = None
    shape: str = ""
    points_px: np.ndarray | None = None
    equation: Code | None = None
    age: ReportedAge | None = None
    growth: ReportedGrowth | None = None
    derivation: Code | None = None
    repeats: tuple[Entry, ...] = ()
    fetus: str = ""


@dataclass(frozen=True)
class StructuredReport:
    """What `read_sr` found: entries in the order of the document, comments, the images it cites."""

    entries: tuple[Entry, ...]
    comments: tuple[str, ...]
    images: tuple[ImageReference, ...]
    study_instance_uid: str = field(repr=False, default="")
