"""Pictures in NRRD, NIfTI and MetaImage files, read by SimpleITK."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.file_kinds import META, NIFTI, NRRD, is_packed

EXPORT_AGAIN = "Export it again."
LARGEST_BYTES = 2**30
"""Of all slices together, decoded."""
SUFFIXES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
#: Kind of a file -> names that its reader takes; the first is given to a copy of a file named otherwise.
_NAMES = {NRRD: (".nrrd", ".nhdr"), NIFTI: (".nii",), META: (".mha", ".mhd")}
_PACKED_NAMES = (".nii.gz",)


@contextmanager
def open_volume(path: Path, kind: str) -> Iterator[Any]:
    """A SimpleITK reader that knows the header of a volume file; nothing is decoded yet.

    Args:
        kind: one of `VOLUME_KINDS`, as the file's content says.

    Raises:
        BadInput: damaged, its spacing is zero or not a number, or it states more than any picture holds.
    """
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    with _named_rightly(path, _PACKED_NAMES if is_packed(path) else _NAMES[kind]) as readable:
        reader = sitk.ImageFileReader()
        reader.SetFileName(str(readable))
        try:
            reader.ReadImageInformation()
        except RuntimeError as error:
            if "pacing" in str(error):
                raise BadInput(
                    f"{path.name} states a pixel size that is zero or not a number.", "Correct the file's spacing."
                ) from None
            raise BadInput(f"{path.name} is damaged or not what its name says.", EXPORT_AGAIN) from None
        if math.prod(reader.GetSize()) * reader.GetNumberOfComponents() * 2 > LARGEST_BYTES:
            raise BadInput(f"{path.name} states more pixels than any picture holds.", "Export the slice alone.")
        yield reader


@contextmanager
def _named_rightly(path: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    if path.name.lower().endswith(suffixes):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="deepmed-") as folder:
        copy = Path(folder) / f"picture{suffixes[0]}"
        shutil.copyfile(path, copy)
        yield copy


def slices_of(reader: Any) -> int:
    """Slices of an open volume, all further axes together."""
    size = reader.GetSize()
    return int(math.prod(size[2:])) if len(size) > 2 else 1


def pixels_of(reader: Any, path: Path) -> np.ndarray:
    """The numbers of an open volume: (slices, H, W) or (slices, H, W, channels).

    Raises:
        BadInput: cut short or damaged.
    """
    import SimpleITK as sitk

    try:
        image = reader.Execute()
    except RuntimeError:
        raise BadInput(f"{path.name} is cut short or damaged.", EXPORT_AGAIN) from None
    array = sitk.GetArrayFromImage(image)
    if reader.GetFileName().endswith(".nii") and array.nbytes > path.stat().st_size:
        # The NIfTI reader fills what is missing with zeros and says nothing.
        raise BadInput(f"{path.name} is cut short or damaged.", EXPORT_AGAIN)
    size = reader.GetSize()
    shape = (slices_of(reader), int(size[1]), int(size[0]))
    channels = image.GetNumberOfComponentsPerPixel()
    return array.reshape(shape if channels == 1 else (*shape, channels))
