"""A picture that was read: its pixels as they are shown, and what its file says about their size and origin.

Pixel coordinates everywhere: 0-based, (0, 0) = center of the first pixel, x = column, y = row. Frames count from 0 here
and from 1 in words and in DICOM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.picture.grey import to_grey
from DeepMedLib.picture.regions import UltrasoundRegion
from DeepMedLib.picture.scale import Scale


@dataclass(frozen=True)
class DicomReference:
    """What a structured report needs to point at the picture. Identifiers stay out of the printed form."""

    modality: str
    frame_count: int
    sop_class_uid: str = field(repr=False)
    sop_instance_uid: str = field(repr=False)
    study_instance_uid: str = field(repr=False)
    series_instance_uid: str = field(repr=False)


@dataclass(frozen=True)
class Origin:
    """What a file says beside its pixels; it stays with the picture wherever the pixels go.

    Attributes:
        name: file or node name without its folder.
        frame: index of the frame, from 0.
        frame_count: frames (slices, pages) in the source.
        regions: the scanner's calibrated regions; empty when it states none.
        scale: the pixel size that the file states for the whole picture; None when it states none.
        aspect: height of a pixel over its width, also where its size is not known.
        notes: what the user should know, in sentences.
        dicom: reference for a structured report; None when the source was not DICOM.
    """

    name: str
    frame: int = 0
    frame_count: int = 1
    regions: tuple[UltrasoundRegion, ...] = field(default=(), repr=False)
    scale: Scale | None = None
    aspect: float = 1.0
    notes: tuple[str, ...] = ()
    dicom: DicomReference | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form, as a scene keeps it; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Origin:
        """Read `to_dict`."""
        made = dict(record)
        made["regions"] = tuple(UltrasoundRegion(**item) for item in record["regions"])
        made["scale"] = Scale.from_dict(record["scale"]) if record["scale"] else None
        made["notes"] = tuple(record["notes"])
        made["dicom"] = DicomReference(**record["dicom"]) if record["dicom"] else None
        return cls(**made)


@dataclass(frozen=True)
class Picture:
    """One still or film.

    Attributes:
        pixels: (H, W) grey or (H, W, 3) RGB, as a viewer shows them: uint8 or uint16, for films bright is dense.
        origin: what its file says.
        path: source file; None for a picture from an array.
    """

    pixels: np.ndarray = field(repr=False)
    origin: Origin
    path: Path | None = field(default=None, repr=False)

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def name(self) -> str:
        """See `Origin`."""
        return self.origin.name

    @property
    def frame(self) -> int:
        """See `Origin`."""
        return self.origin.frame

    @property
    def frame_count(self) -> int:
        """See `Origin`."""
        return self.origin.frame_count

    @property
    def regions(self) -> tuple[UltrasoundRegion, ...]:
        """See `Origin`."""
        return self.origin.regions

    @property
    def scale(self) -> Scale | None:
        """See `Origin`; under a measurement ask `region_scale.scale_for`."""
        return self.origin.scale

    @property
    def aspect(self) -> float:
        """See `Origin`."""
        return self.origin.aspect

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Origin`."""
        return self.origin.notes

    @property
    def dicom(self) -> DicomReference | None:
        """See `Origin`."""
        return self.origin.dicom

    def grey(self) -> np.ndarray:
        """(H, W) in the pixels' own number type."""
        return to_grey(self.pixels)
