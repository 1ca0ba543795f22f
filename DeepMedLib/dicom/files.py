"""DICOM files: known by their content, opened by pydicom, and numbers in their headers.

Header values that identify a person are never printed: pydicom's warnings, which quote them, are silenced here.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from DeepMedLib.errors import BadInput, DependencyMissing
from DeepMedLib.inflation import coded_size, inflates_too_far

SUFFIXES = (".dcm", ".dicom", ".ima")
HEAD_BYTES = 132
"""As many of a file's first bytes tell whether it is DICOM."""
_RLE = "1.2.840.10008.1.2.5"
_END_OF_STREAM = b"\xff\xd9"
_EXPORT_AGAIN = "Export it from its source again."
_LATEST_ELEMENT = 0x0100  # of group 8, that a data set may begin with
_LONGEST_FIRST = 1024  # bytes of its value


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence pydicom's warnings and log, which may quote header values."""
    log = logging.getLogger("pydicom")
    before = log.disabled
    log.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = before


def looks_like_dicom(head: bytes) -> bool:
    """Judge by the first 132 bytes: preamble with DICM, or a data set that begins with group 8 (or 2) without one."""
    return head[128:132] == b"DICM" or any(_begins_with_element(head, order) for order in ("little", "big"))


def _begins_with_element(head: bytes, order: Literal["little", "big"]) -> bool:
    """Whether an element of group 8 or 2 comes first, with a VR or an even length that fits it."""
    if len(head) < 8:
        return False
    group, element = (int.from_bytes(head[i : i + 2], order) for i in (0, 2))
    if group not in (0x0002, 0x0008) or element > _LATEST_ELEMENT:
        return False
    if head[4:6].isalpha() and head[4:6].isupper():
        return True
    length = int.from_bytes(head[4:8], order)
    following = int.from_bytes(head[8 + length : 10 + length], order)
    if order == "big" or length % 2 or length > _LONGEST_FIRST:
        return False
    return 10 + length > len(head) or group <= following <= 0x0028


def begins_as_dicom(path: Path) -> bool:
    """Whether a file looks like DICOM; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return looks_like_dicom(file.read(HEAD_BYTES))
    except OSError:
        return False


def open_dicom(path: Path, with_pixels: bool = True) -> Any:
    """The pydicom data set.

    Raises:
        BadInput: no DICOM file, cut short, or one that would swell without bound.
        DependencyMissing: pydicom is not installed.
    """
    try:
        import pydicom
        from pydicom.errors import InvalidDicomError
    except ImportError:
        raise DependencyMissing("Reading DICOM needs the package pydicom.", "Install it: pip install pydicom") from None
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        forced = head[128:132] != b"DICM" and looks_like_dicom(head)
        with quiet_pydicom():
            if inflates_too_far(path):
                raise BadInput(f"{path.name} would swell to far more than a DICOM file holds.", _EXPORT_AGAIN)
            dataset = pydicom.dcmread(str(path), stop_before_pixels=not with_pixels, force=forced)
            empty, is_index = "SOPClassUID" not in dataset, "DirectoryRecordSequence" in dataset
    except BadInput:
        raise
    except InvalidDicomError:
        raise BadInput(
            f"{path.name} is not a DICOM file, though its name says so.", "Give the original DICOM file."
        ) from None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or 'input error'}).", "Check the file.") from None
    except Exception:
        raise BadInput(f"{path.name} is a damaged DICOM file.", _EXPORT_AGAIN) from None
    if is_index:
        raise BadInput(f"{path.name} is the index of a DICOM medium, not one of its files.", "Give one of its files.")
    if empty:
        raise BadInput(f"{path.name} is a damaged DICOM file.", _EXPORT_AGAIN)
    return dataset


def transfer_syntax(dataset: Any) -> Any:
    """How the pixels are encoded; noted in the data set where it has no file meta, as pydicom asks for it there."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    meta = getattr(dataset, "file_meta", None)
    syntax = None if meta is None else meta.get("TransferSyntaxUID")
    if syntax is None:  # then they are native
        is_implicit, is_little = dataset.original_encoding
        syntax = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian if is_little else ExplicitVRBigEndian
        dataset.file_meta = FileMetaDataset() if meta is None else meta
        dataset.file_meta.TransferSyntaxUID = syntax
    return syntax


def stream_is_whole(dataset: Any, frame: int) -> bool:
    """Whether a frame's code stream ends as it must and has the header's size; True for RLE, which states neither.

    Decoders fill what is missing with grey and say nothing, and make room for what the stream states.
    """
    from pydicom.encaps import get_frame

    if transfer_syntax(dataset) == _RLE:
        return True
    try:
        stream = get_frame(dataset.PixelData, frame, number_of_frames=frames_in(dataset))
    except Exception:
        return False
    if coded_size(stream) not in (None, (int(dataset.Rows), int(dataset.Columns))):
        return False
    return _END_OF_STREAM in stream[-64:].rstrip(b"\0")[-16:]


def modality_of(dataset: Any) -> str:
    """Modality, "" where none is stated."""
    return str(dataset.get("Modality", "") or "")


def frames_in(dataset: Any) -> int:
    """Number of frames, at least 1."""
    try:
        return max(1, int(dataset.get("NumberOfFrames", 1) or 1))
    except (TypeError, ValueError):
        return 1


def stated_number(value: Any) -> float | None:
    """A header value as a number; None where it is none, or not finite."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
