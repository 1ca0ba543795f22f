"""DICOM files: known by their content and opened (`files`), and what is written as DICOM beside a module's results."""

from DeepMedLib.dicom.files import (
    SUFFIXES,
    begins_as_dicom,
    frames_in,
    looks_like_dicom,
    modality_of,
    open_dicom,
    quiet_pydicom,
    stated_number,
    stream_is_whole,
    transfer_syntax,
)

__all__ = [
    "SUFFIXES",
    "begins_as_dicom",
    "frames_in",
    "looks_like_dicom",
    "modality_of",
    "open_dicom",
    "quiet_pydicom",
    "stated_number",
    "stream_is_whole",
    "transfer_syntax",
]
