"""The pictures of one examination in a folder."""

from __future__ import annotations

from pathlib import Path

from DeepMedLib.dicom import SUFFIXES
from DeepMedLib.errors import BadInput, DeepMedError
from DeepMedLib.picture.files import IMAGE_SUFFIXES, frame_count, list_pictures
from DeepMedLib.picture.volume_files import SUFFIXES as VOLUME_SUFFIXES
from FetalBiometryLib.examination.cine import sampled_frames


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder itself, else those below it.

    Raises:
        BadInput: there is none.
    """
    try:
        return list_pictures(folder)
    except BadInput:
        return list_pictures(folder, recursive=True)


def is_series(pictures: list[Path]) -> bool:
    """Whether a folder's pictures are one DICOM file, so that the folder is what people call by name."""
    name = pictures[0].name.lower()
    return len(pictures) == 1 and (name.endswith(SUFFIXES) or not name.endswith(IMAGE_SUFFIXES + VOLUME_SUFFIXES))


def frames_in(path: Path) -> list[int]:
    """The frames of a loop that are looked at, from 0; empty of a still, and of what says why when it is read."""
    try:
        count = frame_count(path)
    except DeepMedError:
        return []
    return sampled_frames(count) if count > 1 else []
