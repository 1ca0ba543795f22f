"""What people write for an option, the same on the command line, in a table and in a file: ``28w3d``, ``F``, ``0,21``.

Each function takes the text and returns the value. All raise BadInput, which says what may be written; the caller says
which option it was.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence

from DeepMedLib.errors import BadInput

FEMALE, MALE = "female", "male"
_SEXES = {
    FEMALE: ("f", "female", "girl", "woman"),
    MALE: ("m", "male", "boy", "man"),
}
_YES, _NO = ("yes", "y", "true", "on", "1"), ("no", "n", "false", "off", "0")


def number(text: str) -> float:
    """A finite number; a decimal comma is one, too."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(f"'{text.strip()}' is no number.", "Write it as 0.21.")
    return value


def count(text: str) -> int:
    """A whole number from 1."""
    plain = text.strip()
    if not plain.isdecimal() or int(plain) < 1:
        raise BadInput(f"'{plain}' is no whole number from 1.", "Write it as 12.")
    return int(plain)


def numbers(text: str, how_many: int) -> tuple[float, ...]:
    """Several numbers with spaces (or semicolons) between them."""
    found = tuple(number(word) for word in re.split(r"[\s;]+", text.strip()) if word)
    if len(found) != how_many:
        raise BadInput(f"'{text.strip()}' is not {how_many} numbers.", "Put spaces between them.")
    return found


def weeks(text: str) -> float:
    """A gestational age in weeks from ``28.4``, ``28w3d``, ``28+3``, ``28 3/7`` or ``28w``."""
    plain = text.strip().lower()
    found = re.fullmatch(r"(\d{1,2})\s*(?:w|\+|\s)\s*([0-6])\s*(?:d|/\s*7)?", plain)
    if found:
        return int(found[1]) + int(found[2]) / 7
    try:
        return number(re.sub(r"\s*(?:w|weeks?)$", "", plain))
    except BadInput:
        raise BadInput(f"'{text.strip()}' is no gestational age.", "Write 28.4, 28w3d or 28+3.") from None


def years(text: str) -> float:
    """An age in years from ``12.5``, ``12y6m``, ``12y`` or ``12;6``."""
    plain = text.strip().lower()
    found = re.fullmatch(r"(\d{1,3})\s*(?:y|;)\s*(?:(\d{1,2})\s*m?)?", plain)
    if found and int(found[2] or 0) < 12:
        return int(found[1]) + int(found[2] or 0) / 12
    try:
        return number(re.sub(r"\s*years?$", "", plain))
    except BadInput:
        raise BadInput(f"'{text.strip()}' is no age in years.", "Write 12.5 or 12y6m.") from None


def sex(text: str) -> str:
    """`FEMALE` or `MALE`, from ``female``, ``F``, ``girl``, ``M`` and the like."""
    plain = text.strip().lower()
    for known, words in _SEXES.items():
        if plain in words:
            return known
    raise BadInput(f"'{text.strip()}' is no sex.", "Write female or male.")


def date(text: str) -> str:
    """A day as ISO 8601, ``2026-01-31``."""
    try:
        return datetime.date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise BadInput(f"'{text.strip()}' is no date.", "Write it as 2026-01-31.") from None


def switch(text: str) -> bool:
    """``yes`` or ``no``."""
    plain = text.strip().lower()
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise BadInput(f"'{text.strip()}' is neither yes nor no.", "Write yes or no.")


def choice(text: str, known: Sequence[str]) -> str:
    """One of the known words; letter case, spaces, hyphens and underscores do not matter."""

    def plain(word: str) -> str:
        return re.sub(r"[\s_-]+", "", word.casefold())

    for word in known:
        if plain(word) == plain(text):
            return word
    raise BadInput(f"'{text.strip()}' is not known here.", f"Choose one of: {', '.join(known)}.")
