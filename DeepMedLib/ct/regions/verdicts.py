"""What a scan shows, slice by slice and as a whole; plain data that JSON holds (numpy only)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from DeepMedLib.ct.regions.position import BORDERS, REGIONS

ABSENT, COMPLETE, CUT = "absent", "complete", "cut"
UNSURE = "not judged"
OWN = "lungs and airways"
"""Kind of the verdicts on what the module segments itself."""

_CLEAR = 1.64  # standard uncertainties beyond a border that count as past it


@dataclass(frozen=True)
class SliceReading:
    """One axial slice.

    Attributes:
        index: of the slice in the volume as given, along its axis nearest to the patient's long axis.
        z_mm: superior coordinate (RAS) of the slice's middle.
        position: 0 (neck) to 100 (thigh), smoothed along the scan; None where no body is seen.
        sd: its standard uncertainty.
        region: the most probable region, empty where no body is seen.
        probability: of that region.
    """

    index: int
    z_mm: float
    position: float | None
    sd: float | None
    region: str
    probability: float | None


@dataclass(frozen=True)
class Verdict:
    """Whether a region or an organ is wholly on the scan.

    Attributes:
        name: region or organ.
        kind: "region", "organ" when a segmentation was given, or `OWN`.
        state: absent, complete, cut or not judged.
        sides: anatomical sides where it is cut.
        source: what the verdict rests on.
    """

    name: str
    kind: str
    state: str
    sides: tuple[str, ...] = ()
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**asdict(self), "sides": list(self.sides)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Verdict:
        """Read `to_dict`."""
        return cls(**{**record, "sides": tuple(record["sides"])})


def region_verdicts(position: np.ndarray, sd: np.ndarray, source: str) -> list[Verdict]:
    """Which regions the scan holds wholly, in part or not at all.

    A border counts as passed where the scan reaches beyond it by 1.64 standard uncertainties; in between, the
    verdict is "not judged". The neck's upper and the thigh's lower border lie outside what the recogniser
    knows, so those two are never called complete.

    Args:
        position, sd: (n,) of the slices that show a body.
    """
    first, last = int(np.argmin(position)), int(np.argmax(position))
    (top, top_sd), (bottom, bottom_sd) = (position[first], sd[first]), (position[last], sd[last])
    verdicts = []
    for number, name in enumerate(REGIONS):
        upper = BORDERS[number - 1] if number else -np.inf
        lower = BORDERS[number] if number < len(BORDERS) else np.inf
        if bottom < upper - _CLEAR * bottom_sd or top > lower + _CLEAR * top_sd:
            verdicts.append(Verdict(name, "region", ABSENT, (), source))
            continue
        if bottom < upper + _CLEAR * bottom_sd or top > lower - _CLEAR * top_sd:
            verdicts.append(Verdict(name, "region", UNSURE, (), source))
            continue
        starts_above = top < upper - _CLEAR * top_sd
        ends_below = bottom > lower + _CLEAR * bottom_sd
        starts_inside = top > upper + _CLEAR * top_sd
        ends_inside = bottom < lower - _CLEAR * bottom_sd
        sides = (("superior",) if starts_inside else ()) + (("inferior",) if ends_inside else ())
        if starts_above and ends_below:
            verdicts.append(Verdict(name, "region", COMPLETE, (), source))
        elif sides:
            verdicts.append(Verdict(name, "region", CUT, sides, source))
        else:
            verdicts.append(Verdict(name, "region", UNSURE, (), source))
    return verdicts


@dataclass(frozen=True)
class OrganRange:
    """Where along the body an organ usually lies, on the scale 0..100: mean and SD of its upper and lower end."""

    name: str
    top: float
    top_sd: float
    bottom: float
    bottom_sd: float
    scans: int


def end_sentences(
    position: np.ndarray, sd: np.ndarray, organs: list[OrganRange], skip: frozenset[str] = frozenset()
) -> list[str]:
    """Sentences about organs that the scan's first or last slice usually runs through.

    Args:
        position, sd: (n,) of the slices that show a body.
        organs: usual ranges.
        skip: organs that a segmentation already answers for.
    """
    sentences = []
    ends = (("begins", int(np.argmin(position))), ("ends", int(np.argmax(position))))
    for verb, index in ends:
        here, spread = float(position[index]), float(sd[index])
        inside = [
            organ.name
            for organ in organs
            if organ.name not in skip
            and here > organ.top + np.hypot(organ.top_sd, spread)
            and here < organ.bottom - np.hypot(organ.bottom_sd, spread)
        ]
        if len(inside) == 1:
            sentences.append(
                f"The scan {verb} where the {inside[0]} usually lies: its volume is probably a lower bound."
            )
        elif inside:
            names = f"{', '.join(inside[:-1])} and {inside[-1]}"
            sentences.append(f"The scan {verb} where {names} usually lie: their volumes are probably lower bounds.")
    return sentences
