"""Names that networks have for organs, brought to one form."""

from __future__ import annotations

import re

_SIDES = {"left": "left", "lt": "left", "l": "left", "right": "right", "rt": "right", "r": "right"}
_OTHER_WORDS = {
    "urinary bladder": "bladder",
    "gall bladder": "gallbladder",
    "kidneys": "kidney",
    "lungs": "lung",
    "liver tumor": "liver lesion",
    "liver tumour": "liver lesion",
    "hepatic tumor": "liver lesion",
    "hepatic tumour": "liver lesion",
    "liver lesions": "liver lesion",
    "abdominal aorta": "aorta",
    "lkidney": "left kidney",
    "rkidney": "right kidney",
    "pancreas head": "pancreas",
}


def organ_key(name: str) -> str:
    """One form for an organ's name: "kidney_left", "Left kidney" and "LKidney" are all "left_kidney".

    Args:
        name: as a network's author wrote it.
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip())
    words = re.sub(r"[\s_./()-]+", " ", words).strip().lower()
    words = _OTHER_WORDS.get(words.replace(" ", ""), _OTHER_WORDS.get(words, words))
    parts = words.split()
    sides = [_SIDES[part] for part in parts if part in _SIDES] if len(parts) > 1 else []
    rest = " ".join(part for part in parts if not sides or part not in _SIDES)
    rest = _OTHER_WORDS.get(rest, rest)
    return "_".join([*sides[:1], *rest.split()])


def title_of(name: str) -> str:
    """A name for people: "kidney_left" becomes "Left kidney"; words that say nothing about organs stay."""
    words = organ_key(name).replace("_", " ")
    return words[:1].upper() + words[1:]
