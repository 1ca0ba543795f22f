"""One scan's answer to "what is on it": slices, verdicts, sentences; plain data that a scene and result.json keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from DeepMedLib.ct.coverage import OrganVerdict
from DeepMedLib.ct.regions.scan_fit import Turn
from DeepMedLib.ct.regions.verdicts import ABSENT, COMPLETE, CUT, OWN, UNSURE, SliceReading, Verdict
from DeepMedLib.ct.sentences import coverage_sentences
from DeepMedLib.measurement import Code, Measurement, decimals
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import Result, remarks_from_json, remarks_to_json
from DeepMedLib.results.table import Cell, Column, Table

VOLUME = Code("118565006", "SCT", "Volume")
MASKS = {"lung_right": "Right lung", "lung_left": "Left lung", "airways": "Airways"}
"""What a result's masks hold, and what people call it."""
VERDICT_COLUMNS = (
    Column("name", "Region or organ"),
    Column("state", "State"),
    Column("cut_at", "Cut at"),
    Column("volume", "Volume"),
    Column("interval", "95 % (ml)"),
    Column("source", "Source"),
)
SLICE_COLUMNS = (
    Column("slice", "Slice"),
    Column("z_mm", "z (mm)", 1),
    Column("position", "Position", 1),
    Column("position_sd", "SD", 1),
    Column("region", "Region"),
    Column("probability", "Probability", 2),
)


@dataclass(frozen=True)
class CoverageResult(Result):
    """What a CT shows.

    Attributes:
        scan: name of the file or node, without its folder.
        size_ijk, spacing_mm: of the volume as given.
        slices: one for every axial slice, from head to feet as stated.
        turn: how the scan lies against its header; None when the recogniser could not read it.
        verdicts: regions, then organs when a segmentation was given.
        checks: what is wrong with the volume itself (gaps, padding, tilt ...).
        sentences: what follows for measurements, in plain words.
        masks: of each of `MASKS` its volume (``_ml``), the standard uncertainty of that (``_sd_ml``) and whether it is
            cut by the scan's end (``_lower_bound``); ``airways``: how far they were followed. Empty when not asked for.
        abstained: True when the module does not say which regions the scan shows; ``reason`` says why in a sentence.
            Organs of a segmentation, lungs and airways are judged all the same.
        seconds: of each stage.
    """

    scan: str
    size_ijk: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    slices: tuple[SliceReading, ...]
    turn: Turn | None
    verdicts: tuple[Verdict, ...]
    checks: tuple[Remark, ...] = ()
    sentences: tuple[str, ...] = ()
    masks: dict[str, Any] = field(default_factory=dict)
    abstained: bool = False
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)

    def status(self) -> str:
        """ "done" or "abstained"."""
        return "abstained" if self.abstained else "done"

    def seen(self) -> list[SliceReading]:
        """Slices that show a body."""
        return [reading for reading in self.slices if reading.position is not None]

    def extent(self) -> str:
        """The regions on the scan in words, e.g. "chest (cut: superior), abdomen, perhaps pelvis"."""
        parts = []
        shown = {reading.region for reading in self.slices}
        for verdict in self.verdicts:
            if verdict.kind != "region" or verdict.state == "absent":
                continue
            if verdict.state == UNSURE and verdict.name not in shown:
                parts.append(f"perhaps {verdict.name}")
                continue
            note = f" (cut: {', '.join(verdict.sides)})" if verdict.state == CUT else ""
            note = " (extent not certain)" if verdict.state == UNSURE else note
            parts.append(verdict.name + note)
        return ", ".join(parts)

    def answer(self) -> str:
        """The regions on the scan, and how many organs are complete."""
        organs = [verdict for verdict in self.verdicts if verdict.kind == "organ"]
        counts = [f"{sum(organ.state == state for organ in organs)} {state}" for state in (COMPLETE, CUT, ABSENT)]
        counted = f"; organs: {', '.join(counts)}" if organs else ""
        if self.abstained:
            return f"regions not judged: {self.reason[0].lower()}{self.reason[1:-1]}{counted}"
        return (self.extent() or "no region recognized") + counted

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """A scan that lies otherwise than its header states, what follows for measurements, and the checks."""
        wrong = [Remark(self.turn.sentence, Gravity.GRAVE)] if self.turn is not None and self.turn.sentence else []
        return gravest_first([*wrong, *(Remark(sentence) for sentence in self.sentences), *self.checks])

    def with_organs(self, organs: Sequence[OrganVerdict], source: str) -> CoverageResult:
        """The reading with verdicts on the organs of a segmentation.

        Args:
            source: name of the segmentation.
        """
        verdicts = tuple(Verdict(organ.name, "organ", organ.state, organ.sides, source) for organ in organs)
        sentences = (*self.sentences, *coverage_sentences(organs))
        return replace(self, verdicts=(*self.verdicts, *verdicts), sentences=sentences)

    def measurements(self) -> list[Measurement]:
        """Volumes of lungs and airways, where they were asked for."""
        return [
            Measurement(
                f"{key}_ml",
                self.masks[f"{key}_ml"],
                "ml",
                self.masks[f"{key}_sd_ml"],
                code=VOLUME,
                source="airway growth" if key == "airways" else "threshold and closing",
                label=title,
            )
            for key, title in MASKS.items()
            if f"{key}_ml" in self.masks
        ]

    def volume_cells(self, name: str) -> tuple[str, str]:
        """The volume of one of `MASKS` by its title and its interval, e.g. "1371 ml, lower bound", "1302 to 1440".

        The interval is that of the part on the scan; both are "" for anything else.
        """
        for item in self.measurements():
            key = item.name.removesuffix("_ml")
            if MASKS[key].lower() != name.lower():
                continue
            if not item.value:
                return "none found", ""
            digits = 1 if key == "airways" else 0
            low, high = item.interval() or (item.value, item.value)
            bound = ", lower bound" if self.masks[f"{key}_lower_bound"] else ""
            return (
                f"{decimals(item.value, digits)} ml{bound}",
                f"{decimals(low, digits)} to {decimals(high, digits)}",
            )
        return "", ""

    def tables(self) -> list[Table]:
        """Verdicts and slices."""
        verdicts = [
            (v.name, v.state, ", ".join(v.sides), *(self.volume_cells(v.name) if v.kind == OWN else ("", "")), v.source)
            for v in self.verdicts
        ]
        slices = [(s.index, s.z_mm, s.position, s.sd, s.region, s.probability) for s in self.slices]
        return [
            Table("verdicts", "Regions and organs", VERDICT_COLUMNS, tuple(verdicts), in_file=False),
            Table("slices", "Slices", SLICE_COLUMNS, tuple(slices)),
        ]

    def summary(self) -> dict[str, Cell]:
        """Extent, how the scan lies, and each region's state."""
        turned = self.turn is not None and self.turn.wrong
        row: dict[str, Cell] = {"extent": self.extent(), "turned": self.turn.sentence if turned and self.turn else ""}
        for verdict in self.verdicts:
            if verdict.kind == "region":
                row[verdict.name] = verdict.state + (f" ({', '.join(verdict.sides)})" if verdict.sides else "")
        return row

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "coverage",
            "input": self.scan,
            "status": self.status(),
            "reason": self.reason,
            "size_ijk": list(self.size_ijk),
            "spacing_mm": list(self.spacing_mm),
            "extent": self.extent(),
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "turn": None if self.turn is None else asdict(self.turn) | {"wrong": self.turn.wrong},
            "sentences": list(self.sentences),
            "remarks": [remark.text for remark in self.checks],
            **remarks_to_json(self.remarks),
            "masks": dict(self.masks),
            "slices": [asdict(reading) for reading in self.slices],
            "seconds": dict(self.seconds),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> CoverageResult:
        """Read `to_json`."""
        turn, remarks = record["turn"], {remark.text: remark for remark in remarks_from_json(record)}
        return cls(
            scan=record["input"],
            size_ijk=tuple(record["size_ijk"]),
            spacing_mm=tuple(record["spacing_mm"]),
            slices=tuple(SliceReading(**reading) for reading in record["slices"]),
            turn=None if turn is None else Turn(**{k: v for k, v in turn.items() if k != "wrong"}),
            verdicts=tuple(Verdict.from_dict(verdict) for verdict in record["verdicts"]),
            checks=tuple(remarks[text] for text in record["remarks"]),
            sentences=tuple(record["sentences"]),
            masks=dict(record["masks"]),
            abstained=record["status"] == "abstained",
            reason=record["reason"],
            seconds=dict(record["seconds"]),
            provenance=dict(record["provenance"]),
        )
