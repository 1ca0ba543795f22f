"""Who is trained on, who selects, who calibrates and who judges: fixed once, by examination or patient.

HC18: the published split of the landmark table by file number (examination). Its test numbers are halved into
`calibration` and `test`; 1 in 12 of its training numbers is `selection`. FETAL_PLANES pictures: by patient.
"""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

SPLITS = ("train", "selection", "calibration", "test")


def share(key: str) -> float:
    """A fixed pseudo-random number 0..1 of a text: the same on every machine and Python."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32


def hc18_number(name: str) -> str:
    """Examination number of an HC18 file name, e.g. ``010_2HC.jpg`` -> ``010``."""
    match = re.match(r"(\d+)_", name)
    if not match:
        raise ValueError(f"{name} is not an HC18 file name.")
    return match.group(1)


def patient_of(name: str) -> str:
    """Patient of a FETAL_PLANES file name; pictures without one are their own patient."""
    match = re.match(r"(Patient\d+)_", name)
    return match.group(1) if match else Path(name).stem


def hc18_split(folder: Path) -> dict[str, str]:
    """File stem -> split, from ``bpd_ofd_landmarks.csv`` of the HC18 folder."""
    with open(folder / "bpd_ofd_landmarks.csv", newline="") as file:
        published = {Path(r["image_name"]).stem: r["Split"] for r in csv.DictReader(file)}
    result = {}
    for stem, split in published.items():
        value = share("hc18 " + hc18_number(stem))
        if split == "Test":
            result[stem] = "calibration" if value < 0.5 else "test"
        else:
            result[stem] = "selection" if value < 1 / 12 else "train"
    return result


def patient_split(name: str) -> str:
    """train 75 %, selection 8 %, test 17 % of the FETAL_PLANES patients."""
    value = share("planes " + patient_of(name))
    return "train" if value < 0.75 else "selection" if value < 0.83 else "test"
