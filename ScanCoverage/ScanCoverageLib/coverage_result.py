"""One scan's answer to "what is on it": slices, verdicts, sentences; plain data that a scene and result.json keep."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ScanCoverageLib.reading import ABSENT, COMPLETE, CUT, UNSURE, SliceReading, Verdict
from ScanCoverageLib.scan_fit import Turn


@dataclass(frozen=True)
class CoverageResult:
    """What a CT shows.

    Attributes:
        scan: name of the file or node, without its folder.
        size_ijk, spacing_mm: of the volume as given.
        slices: one for every axial slice, from head to feet as stated.
        turn: how the scan lies against its header; None when the recogniser could not read it.
        verdicts: regions, then organs when a segmentation was given.
        remarks: sentences of the checks of the volume itself (gaps, padding, tilt ...).
        sentences: what follows for measurements, in plain words.
        masks: volumes of the lungs and the airway tree in ml, empty when they were not asked for.
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
    remarks: tuple[str, ...] = ()
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

    def headline(self) -> str:
        """One line for a person."""
        organs = [verdict for verdict in self.verdicts if verdict.kind == "organ"]
        counts = [f"{sum(organ.state == state for organ in organs)} {state}" for state in (COMPLETE, CUT, ABSENT)]
        counted = f"; organs: {', '.join(counts)}" if organs else ""
        if self.abstained:
            return f"regions not judged: {self.reason[0].lower()}{self.reason[1:-1]}{counted}"
        return (self.extent() or "no region recognized") + counted

    def all_sentences(self) -> list[str]:
        """Everything a reader must know, the gravest first."""
        wrong = [self.turn.sentence] if self.turn is not None and self.turn.sentence else []
        return wrong + list(self.sentences) + list(self.remarks)

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
            "remarks": list(self.remarks),
            "warnings": self.all_sentences(),
            "masks": dict(self.masks),
            "slices": [asdict(reading) for reading in self.slices],
            "seconds": dict(self.seconds),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> CoverageResult:
        """Read `to_json`."""
        turn = record["turn"]
        return cls(
            scan=record["input"],
            size_ijk=tuple(record["size_ijk"]),
            spacing_mm=tuple(record["spacing_mm"]),
            slices=tuple(SliceReading(**reading) for reading in record["slices"]),
            turn=None if turn is None else Turn(**{k: v for k, v in turn.items() if k != "wrong"}),
            verdicts=tuple(Verdict.from_dict(verdict) for verdict in record["verdicts"]),
            remarks=tuple(record["remarks"]),
            sentences=tuple(record["sentences"]),
            masks=dict(record["masks"]),
            abstained=record["status"] == "abstained",
            reason=record["reason"],
            seconds=dict(record["seconds"]),
            provenance=dict(record["provenance"]),
        )
