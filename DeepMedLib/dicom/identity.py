"""Whose and of which study a document is: copied from the header of what was measured, in values that DICOM allows.

Headers of clinics and of anonymizers hold dates such as "2020-01-31", a sex "female" or character sets that do not
exist. A document takes what is meant where that is plain and leaves the rest empty; it is always in UTF-8.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from DeepMedLib.dicom.files import quiet_pydicom
from DeepMedLib.errors import BadInput


class CannotBeNamed(BadInput):
    """A source lacks what a document must name of it, or is another one by now."""


_UIDS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_MUST_HOLD = (  # type 2: empty where nothing is known
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"),
    *("AccessionNumber", "ReferringPhysicianName"),
)
_MAY_HOLD = ("IssuerOfPatientID", "PatientAge", "StudyDescription", "TimezoneOffsetFromUTC")
_DATE = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})")
_TIME = re.compile(r"([01]\d|2[0-3])(?::?([0-5]\d)(?::?([0-5]\d)(\.\d{1,6})?\d*)?)?")
_AGE = re.compile(r"\d{3}[DWMY]")
_ZONE = re.compile(r"[+-]\d{4}")
_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M", "o": "O", "other": "O"}


def identity_of(header: Any, name: str) -> Any:
    """A data set with the UIDs of an instance, its patient and its study, for documents to copy and refer to.

    Args:
        header: of the instance, as pydicom has it.
        name: of its file, for the error's sentence.

    Raises:
        CannotBeNamed: one of the UIDs that a document must name is missing.
    """
    from pydicom.dataset import Dataset

    with quiet_pydicom():
        for keyword in _UIDS:
            if not header.get(keyword):
                words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=SOP)(?=[A-Z])", " ", keyword)
                raise CannotBeNamed(f"{name} states no {words}.", "Export it again with its whole DICOM header.")
        made = Dataset()
        made.SpecificCharacterSet = "ISO_IR 192"
        for keyword in _UIDS:
            setattr(made, keyword, str(header.get(keyword)))
        for keyword in (*_MUST_HOLD, *_MAY_HOLD):
            value = _PLAIN.get(keyword, str)(_text(header, keyword))
            if value or keyword in _MUST_HOLD:
                setattr(made, keyword, value)
    return made


def _text(header: Any, keyword: str) -> str:
    """A value as text; several as they stand in the file. Identifiers are never shortened: that would name another."""
    try:
        value = header.get(keyword)
    except Exception:  # whatever pydicom makes of bytes that are none of that kind
        return ""
    from pydicom.multival import MultiValue

    several = value if isinstance(value, MultiValue) else [] if value is None else [value]
    return "\\".join(str(one) for one in several).strip()


def _date(text: str) -> str:
    found = _DATE.fullmatch(text)
    if not found:
        return ""
    try:
        return dt.date(*map(int, found.groups())).strftime("%Y%m%d")
    except ValueError:
        return ""


def _time(text: str) -> str:
    found = _TIME.fullmatch(text)
    return "".join(part or "" for part in found.groups()) if found else ""


def _sex(text: str) -> str:
    return _SEXES.get(text.lower(), "")


def _first(text: str) -> str:
    return text.split("\\", maxsplit=1)[0]


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: text if pattern.fullmatch(text) else ""


_PLAIN: dict[str, Callable[[str], str]] = {
    "PatientBirthDate": _date,
    "StudyDate": _date,
    "StudyTime": _time,
    "PatientSex": _sex,
    "PatientName": _first,
    "ReferringPhysicianName": _first,
    "PatientAge": _matching(_AGE),
    "TimezoneOffsetFromUTC": _matching(_ZONE),
}
