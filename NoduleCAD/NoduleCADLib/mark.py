"""One mark of a scan: where, how sure, how large, of what kind; plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from DeepMedLib.measurement import Code, Measurement

ACCEPTED, REJECTED, OPEN = "accepted", "rejected", ""
KINDS = ("solid", "part-solid", "ground glass")

_DIAMETER = Code("81827009", "SCT", "Diameter")
_VOLUME = Code("118565006", "SCT", "Volume")


@dataclass(frozen=True)
class NoduleMark:
    """A mark.

    Attributes:
        number: from 1, by falling score.
        position: RAS mm.
        score: probability that a candidate patch of its looks is a nodule; it orders marks.
        detector: what found it.
        location: in words.
        kind: solid, part-solid, ground glass; "" where not outlined.
        long_mm, short_mm, mean_mm, mean_sd_mm: diameters on the slice of the largest area, and of their mean.
        volume_mm3, volume_sd_mm3: volume.
        slices: on which it lies.
        solid_mm: mean diameter of what is denser than -300 HU in a part-solid nodule; None for others.
        mean_hu, dense_share: mean HU, and the share of its voxels above 200 HU.
        opinion: mean score of suspicion, 1 to 5, that LIDC's readers would give, by the network.
        opinion_of_size: the same, from its size alone.
        decision: "accepted", "rejected" or "" for not judged.
    """

    number: int
    position: tuple[float, float, float]
    score: float
    detector: str
    location: str
    kind: str = ""
    long_mm: float | None = None
    short_mm: float | None = None
    mean_mm: float | None = None
    mean_sd_mm: float | None = None
    volume_mm3: float | None = None
    volume_sd_mm3: float | None = None
    slices: int = 0
    solid_mm: float | None = None
    mean_hu: float | None = None
    dense_share: float | None = None
    opinion: float | None = None
    opinion_of_size: float | None = None
    decision: str = OPEN

    @property
    def key(self) -> str:
        """Of its segment and node roles."""
        return f"nodule_{self.number}"

    @property
    def outlined(self) -> bool:
        """Whether it could be outlined and measured."""
        return self.mean_mm is not None

    @property
    def calcified(self) -> bool:
        """Whether a tenth of it or more is denser than 200 HU."""
        return self.dense_share is not None and self.dense_share >= 0.1

    def judged(self, decision: str) -> NoduleMark:
        """The mark with the user's decision."""
        return replace(self, decision=decision)

    def measurements(self) -> tuple[Measurement, ...]:
        """Mean diameter and volume, with their uncertainty."""
        if not self.outlined:
            return ()
        name, source = f"nodule {self.number}", "outline by the network"
        return (
            Measurement(
                f"{self.key}_mm",
                self.mean_mm,
                "mm",
                self.mean_sd_mm,
                _DIAMETER,
                source,
                f"Mean diameter, {name}",
            ),
            Measurement(
                f"{self.key}_mm3", self.volume_mm3, "mm3", self.volume_sd_mm3, _VOLUME, source, f"Volume, {name}"
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return asdict(self) | {"position": list(self.position)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> NoduleMark:
        """The mark that `to_dict` described."""
        x, y, z = record["position"]
        values = {field.name: record[field.name] for field in fields(cls) if field.name != "position"}
        return cls(position=(x, y, z), **values)
