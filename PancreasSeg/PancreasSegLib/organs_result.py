"""What was found in a CT or in a slice picture: plain data that a scene, result.json and a report keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from DeepMedLib.measurement import Measurement
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import Result, remarks_from_json, remarks_to_json
from DeepMedLib.results.table import Cell, Column, Table
from PancreasSegLib.findings import OrganFinding
from PancreasSegLib.lesions import Lesion
from PancreasSegLib.organs import BY_KEY

ORGAN_COLUMNS = (
    Column("organ", "Organ"),
    Column("state", "State"),
    Column("cut_at", "Cut at"),
    Column("volume_ml", "Volume (ml)", 1),
    Column("low_ml", "From (ml)", 1),
    Column("high_ml", "To (ml)", 1),
    Column("coverage", "Chance", 2),
    Column("whole_ml", "Whole (ml)", 1),
    Column("whole_low_ml", "Whole from (ml)", 1),
    Column("whole_high_ml", "Whole to (ml)", 1),
    Column("whole_coverage", "Chance of whole", 2),
    Column("mean_hu", "Mean (HU)", 1),
    Column("sd_hu", "SD (HU)", 1),
    Column("parts", "Parts"),
    Column("sure", "Mean probability", 2),
)
LESION_COLUMNS = (
    Column("lesion", "Lesion"),
    Column("volume_ml", "Volume (ml)", 2),
    Column("diameter_mm", "Longest diameter in a slice (mm)", 1),
    Column("r_mm", "R (mm)", 1),
    Column("a_mm", "A (mm)", 1),
    Column("s_mm", "S (mm)", 1),
)


@dataclass(frozen=True)
class OrgansResult(Result):
    """The organs of a CT.

    Attributes:
        scan: name of the file or node, without its folder.
        size_ijk, spacing_mm: of the volume as given.
        organs: one for each organ asked for.
        checks: what is wrong with the volume itself.
        sentences: which organs are cut, complete, or not on the scan.
        engine_name: which network outlined them, for people.
        abstained_because: a sentence where nothing was found; "" otherwise.
        seconds: of each stage.
        lesions: candidates in the liver, the largest first; only a user's network finds such.
        tumor_burden: their share of the liver, 0..1; None where they were not asked for or there is no liver.
    """

    scan: str
    size_ijk: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    organs: tuple[OrganFinding, ...]
    checks: tuple[Remark, ...] = ()
    sentences: tuple[str, ...] = ()
    engine_name: str = ""
    abstained_because: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    lesions: tuple[Lesion, ...] = ()
    tumor_burden: float | None = None

    def status(self) -> str:
        """ "done", or "abstained" where nothing was found."""
        return "abstained" if self.abstained_because else "done"

    def found(self) -> tuple[OrganFinding, ...]:
        """Organs that were found."""
        return tuple(organ for organ in self.organs if organ.state != "absent")

    def finding(self, key: str) -> OrganFinding:
        """Of one organ.

        Raises:
            KeyError: it was not asked for.
        """
        for organ in self.organs:
            if organ.key == key:
                return organ
        raise KeyError(key)

    def answer(self) -> str:
        """Volumes in one line."""
        if self.abstained_because:
            return self.abstained_because[0].lower() + self.abstained_because[1:].rstrip(".")
        return "; ".join(f"{organ.name.lower()} {organ.volume_text()}" for organ in self.found())

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Checks of the scan, doubts about organs, and what the scan cuts."""
        doubts = [Remark(text) for organ in self.organs for text in organ.doubts]
        told = [
            Remark(text, Gravity.NOTE if text.startswith("Complete") else Gravity.WARNING) for text in self.sentences
        ]
        return gravest_first([*self.checks, *doubts, *told])

    def measurements(self) -> list[Measurement]:
        """The volumes."""
        return [organ.measurement() for organ in self.organs]

    def tables(self) -> list[Table]:
        """The table of organs."""
        rows: list[tuple[Cell, ...]] = []
        for organ in self.organs:
            volume: tuple[Cell, ...] = (None,) * 8
            if organ.state != "absent" and organ.volume_known:
                whole = (organ.whole_ml, *(organ.whole_interval_ml or (None, None)), organ.whole_coverage)
                volume = (organ.volume_ml, *(organ.interval() or (None, None)), organ.coverage, *whole)
            numbers = (*volume, organ.mean_hu, organ.sd_hu)
            rows.append((organ.name, organ.state, ", ".join(organ.sides), *numbers, organ.parts, organ.sure))
        lesions = tuple((one.number, one.volume_ml, one.diameter_mm, *one.center_ras) for one in self.lesions)
        more = [Table("lesions", "Liver lesions (candidates)", LESION_COLUMNS, lesions)] if lesions else []
        return [Table("organs", "Organs", ORGAN_COLUMNS, tuple(rows)), *more]

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "organs",
            "input": self.scan,
            "status": self.status(),
            "reason": self.abstained_because,
            "size_ijk": list(self.size_ijk),
            "spacing_mm": list(self.spacing_mm),
            "volumes_ml": {organ.key: organ.volume_ml if organ.volume_known else None for organ in self.organs},
            "coverage": {organ.key: organ.state for organ in self.organs},
            "organs": [organ.to_dict() for organ in self.organs],
            "lesions": [one.to_dict() for one in self.lesions],
            "tumor_burden": self.tumor_burden,
            "sentences": list(self.sentences),
            "remarks": [remark.text for remark in self.checks],
            **remarks_to_json(self.remarks),
            "engine": self.engine_name,
            "seconds": dict(self.seconds),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> OrgansResult:
        """Read `to_json`."""
        remarks = {remark.text: remark for remark in remarks_from_json(record)}
        size, spacing = record["size_ijk"], record["spacing_mm"]
        return cls(
            scan=record["input"],
            size_ijk=(size[0], size[1], size[2]),
            spacing_mm=(spacing[0], spacing[1], spacing[2]),
            organs=tuple(OrganFinding.from_dict(organ) for organ in record["organs"]),
            checks=tuple(remarks[text] for text in record["remarks"]),
            sentences=tuple(record["sentences"]),
            engine_name=record["engine"],
            abstained_because=record["reason"],
            seconds=dict(record["seconds"]),
            provenance=dict(record["provenance"]),
            lesions=tuple(Lesion.from_dict(one) for one in record["lesions"]),
            tumor_burden=record["tumor_burden"],
        )


@dataclass(frozen=True)
class SliceResult(Result):
    """The organs of an 8-bit slice picture, whose pixels have no known size.

    Attributes:
        picture: name of the file or node.
        size: columns, rows.
        lies: how the picture lies, in words.
        lies_probability: of that.
        pixels: of each organ asked for.
        unvalidated: keys of those that are shown though the network's outlines of them did not reach their bar.
        left_out: a sentence on organs that are not shown for that reason; "" for none.
    """

    picture: str
    size: tuple[int, int]
    lies: str
    lies_probability: float
    pixels: Mapping[str, int]
    seconds: Mapping[str, float] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    unvalidated: tuple[str, ...] = ()
    left_out: str = ""

    def status(self) -> str:
        """ "abstained" where no organ was found."""
        return "done" if any(self.pixels.values()) else "abstained"

    def answer(self) -> str:
        """The organs in one line."""
        found = [f"{self.name(key).lower()} {count} pixels" for key, count in self.pixels.items() if count]
        return "; ".join(found) if found else "none of the organs is seen"

    def name(self, key: str) -> str:
        """Of an organ, for people; says so where it is not validated."""
        return BY_KEY[key].name + (" (not validated)" if key in self.unvalidated else "")

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """How it lies, and that areas have no unit."""
        told = Remark(f"The picture is read as {self.lies}.", Gravity.NOTE)
        unsure = (
            [] if self.lies_probability >= 0.8 else [Remark("How the picture lies is not certain: check the sides.")]
        )
        scale = Remark("The size of a pixel is not known, so areas are in pixels.", Gravity.NOTE)
        left_out = [Remark(self.left_out, Gravity.NOTE)] if self.left_out else []
        return gravest_first([*unsure, *left_out, told, scale])

    def measurements(self) -> list[Measurement]:
        """Pixels of each organ."""
        return [
            Measurement(f"{key}_px", float(count), "px", label=self.name(key)) for key, count in self.pixels.items()
        ]

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "organs",
            "input": self.picture,
            "status": self.status(),
            "reason": "" if self.status() == "done" else "None of the organs is seen.",
            "size": list(self.size),
            "lies": self.lies,
            "lies_probability": self.lies_probability,
            "pixels": dict(self.pixels),
            "unvalidated": list(self.unvalidated),
            "left_out": self.left_out,
            **remarks_to_json(self.remarks),
            "seconds": dict(self.seconds),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> SliceResult:
        """Read `to_json`."""
        return cls(
            record["input"],
            (record["size"][0], record["size"][1]),
            record["lies"],
            record["lies_probability"],
            dict(record["pixels"]),
            dict(record["seconds"]),
            dict(record["provenance"]),
            tuple(record["unvalidated"]),
            record["left_out"],
        )
