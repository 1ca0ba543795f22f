"""What pictures a module takes: a module states it once, and the reading, the scene and the panel keep to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.scale import CLICK_SD_PX, Scale, mm_between_clicks

if TYPE_CHECKING:
    from DeepMedLib.picture.picture import Picture

SCREEN_MODALITIES = ("SC", "OT", "XC", "")
"""DICOM modalities of screen pictures, and of files that state none."""


@dataclass(frozen=True)
class PictureKind:
    """What a module takes.

    Attributes:
        noun: what the sentences call it, e.g. "film".
        what: the same with its article, e.g. "an X-ray film".
        example: what to give instead, e.g. "a lateral cephalogram".
        modalities: DICOM modalities that show it; screen pictures are taken, too, with a remark.
        smallest_side, largest_pixels: limits of its size, looked at before anything is decoded.
        smallest_mm, largest_mm: limits of its pixel size.
        remedies: modality -> what to do with a file of it.
        choose_one: what to do with a file of several frames.
        object_plane: of a projection the plane that a typed or clicked pixel size holds in; "" else.
        check: brings a picture into the module's form and looks at its content; raises BadInput.
    """

    noun: str
    what: str
    example: str
    modalities: tuple[str, ...]
    smallest_side: int
    largest_pixels: int
    smallest_mm: float
    largest_mm: float
    remedies: Mapping[str, str] = field(default_factory=dict)
    choose_one: str = "Choose one of them."
    object_plane: str = ""
    check: Callable[[Picture], Picture] | None = None

    @property
    def projection(self) -> bool:
        """Whether it magnifies what it shows."""
        return bool(self.object_plane)

    def check_size(self, height: int, width: int, name: str) -> None:
        """Raises:
        BadInput: a side is too short, or there are far too many pixels.
        """
        if min(height, width) < self.smallest_side:
            raise BadInput(
                f"{name} has only {width} x {height} pixels.",
                f"Give the full-size {self.noun}, at least {self.smallest_side} pixels on each side.",
            )
        if height * width > self.largest_pixels:
            raise BadInput(
                f"{name} has {width} x {height} pixels, far more than {self.what}.", "Export it at a smaller size."
            )

    def check_modality(self, modality: str, name: str) -> None:
        """Raises:
        BadInput: a DICOM file of this modality does not show it.
        """
        if modality in self.modalities + SCREEN_MODALITIES:
            return
        raise BadInput(
            f"{name} is of modality {modality[:16]}, not {self.what}.",
            self.remedies.get(modality, f"Give {self.example}."),
        )

    def pick_frame(self, count: int, frame: int | None, name: str) -> int:
        """The frame's index, from 0.

        Raises:
            BadInput: there are several and none was chosen, or the chosen one is not there.
        """
        if frame is None:
            if count > 1:
                raise BadInput(f"{name} holds {count} frames or slices, not one {self.noun}.", self.choose_one)
            return 0
        if not 0 <= frame < count:
            raise BadInput(f"{name} has no frame {frame + 1}: it holds {count}.", f"Choose a frame from 1 to {count}.")
        return frame

    def checked(self, scale: Scale) -> Scale:
        """The same scale.

        Raises:
            BadInput: no such picture has pixels of this size.
        """
        for value in (scale.mm_per_px_x, scale.mm_per_px_y):
            if not self.smallest_mm <= value <= self.largest_mm:
                raise BadInput(
                    f"A pixel size of {value:g} mm is not possible in {self.what}.",
                    f"Give a number between {self.smallest_mm:g} and {self.largest_mm:g} mm per pixel.",
                )
        return scale

    def typed_scale(self, mm_per_px: float, aspect: float = 1.0) -> Scale:
        """A pixel's width in mm that the user typed (``--spacing``).

        Args:
            aspect: height of a pixel over its width.

        Raises:
            BadInput: it is zero, negative, not finite or not possible in such a picture.
        """
        width = float(mm_per_px)
        return self.checked(Scale(width, width * aspect, "pixel size given by the user", plane=self.object_plane))

    def clicked_scale(
        self,
        p: Sequence[float] | np.ndarray,
        q: Sequence[float] | np.ndarray,
        length: float,
        aspect: float = 1.0,
        click_sd_px: float = CLICK_SD_PX,
    ) -> Scale:
        """Pixel size from two clicks (x, y) on a known length in mm; see `mm_between_clicks`.

        Raises:
            BadInput: the clicks are too close, the length is not positive, or the pixel size is not possible.
        """
        mm, relative_sd = mm_between_clicks(p, q, length, aspect, click_sd_px)
        source = f"two clicks on {length:g} mm"
        return self.checked(Scale(mm, mm * aspect, source, relative_sd=relative_sd, plane=self.object_plane))
