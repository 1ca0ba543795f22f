"""What was found in a chest CT: plain data that a scene, result.json and a report keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from DeepMedLib.measurement import Measurement
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import Result, remarks_from_json, remarks_to_json
from DeepMedLib.results.table import Cell, Column, Table

from .advice import brock_of, counted, fleischner_of, lung_rads_of, lung_rads_of_scan
from .mark import REJECTED, NoduleMark

MARK_COLUMNS = (
    Column("nodule", "No."),
    Column("score", "Score", 2),
    Column("decision", "Decision"),
    Column("location", "Location"),
    Column("type", "Type"),
    Column("long_mm", "Long (mm)", 1),
    Column("short_mm", "Short (mm)", 1),
    Column("mean_mm", "Mean (mm)", 1),
    Column("mean_from_mm", "from", 1),
    Column("mean_to_mm", "to", 1),
    Column("volume_mm3", "Volume (mm3)", 0),
    Column("volume_from_mm3", "from", 0),
    Column("volume_to_mm3", "to", 0),
    Column("solid_mm", "Solid part (mm)", 1),
    Column("mean_hu", "Mean (HU)", 0),
    Column("calcified", "Dense"),
    Column("readers_opinion", "Readers' opinion (1-5)", 1),
    Column("opinion_of_size", "of size alone (1-5)", 1),
    Column("lung_rads", "Lung-RADS v2022"),
    Column("fleischner", "Fleischner 2017"),
    Column("x_mm", "R (mm)", 1),
    Column("y_mm", "A (mm)", 1),
    Column("z_mm", "S (mm)", 1),
)
OPINION = (
    "Readers' opinion is the mean score of suspicion that LIDC's radiologists would give, by a network; it is no "
    "pathology and no probability of cancer. Of size alone: what the diameter by itself would say."
)
_THICK_MM, _SMALL_MM = 1.25, 6.0


@dataclass(frozen=True)
class NodulesResult(Result):
    """The marks of a chest CT.

    Attributes:
        scan: name of the file or node, without its folder.
        size_ijk, spacing_mm: of the volume as given.
        slice_mm: distance of axial slices.
        marks: all that were kept, by falling score.
        thresholds: pairs of false marks per scan and the score from which on a mark is shown.
        fp_per_scan: the operating point.
        person: what the user said of the person: risk, age, sex, family_history, emphysema.
        checks: what is wrong with the volume, and with the lungs.
        candidates: how many places the network judged.
        reason: a sentence where no marks could be made; "" otherwise.
        seconds: of each stage.
    """

    scan: str
    size_ijk: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    slice_mm: float
    marks: tuple[NoduleMark, ...]
    thresholds: tuple[tuple[float, float], ...]
    fp_per_scan: float
    person: Mapping[str, Any] = field(default_factory=dict)
    checks: tuple[Remark, ...] = ()
    candidates: int = 0
    reason: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)

    def status(self) -> str:
        """ "abstained" where no marks could be made."""
        return "abstained" if self.reason else "done"

    def threshold(self) -> float:
        """The score from which on marks are shown, at the operating point; linear between the measured ones."""
        return threshold_at(self.thresholds, self.fp_per_scan)

    def shown(self) -> tuple[NoduleMark, ...]:
        """Marks at the operating point, and those that the user accepted."""
        least = self.threshold()
        return tuple(mark for mark in self.marks if mark.score >= least or mark.decision == "accepted")

    def at(self, fp_per_scan: float) -> NodulesResult:
        """The result at another operating point."""
        return replace(self, fp_per_scan=fp_per_scan)

    def with_decision(self, number: int, decision: str) -> NodulesResult:
        """The result with the user's decision on a mark.

        Raises:
            KeyError: there is no such mark.
        """
        if number not in {mark.number for mark in self.marks}:
            raise KeyError(number)
        marks = tuple(mark.judged(decision) if mark.number == number else mark for mark in self.marks)
        return replace(self, marks=marks)

    def answer(self) -> str:
        """How many marks, and the category of the most suspicious one."""
        if self.reason:
            return self.reason[0].lower() + self.reason[1:].rstrip(".")
        shown = self.shown()
        kept = [mark for mark in shown if mark.decision != REJECTED]
        if not kept:
            return f"no mark at {self.fp_per_scan:g} false marks per scan; that is no proof that there is no nodule"
        count = "1 mark" if len(kept) == 1 else f"{len(kept)} marks"
        category = lung_rads_of_scan(kept)
        rads = "" if category is None else f"; if these are nodules: Lung-RADS v2022 category {category.name}"
        return f"{count} at {self.fp_per_scan:g} false marks per scan{rads}"

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Checks, and what limits the numbers."""
        found = list(self.checks)
        measured = counted(self.shown())
        if measured:
            found.append(Remark(OPINION, Gravity.NOTE))
            if self.slice_mm > _THICK_MM:
                found.append(
                    Remark(f"Slices are {self.slice_mm:.2g} mm apart: volumes are uncertain, see their intervals.")
                )
            small = [str(mark.number) for mark in measured if (mark.mean_mm or 0) <= _SMALL_MM]
            if small:
                found.append(Remark(f"At 6 mm and below volumes are poorly known (marks {', '.join(small)})."))
        return gravest_first(found)

    def measurements(self) -> list[Measurement]:
        """Diameters and volumes of the marks shown."""
        return [item for mark in self.shown() for item in mark.measurements()]

    def tables(self) -> list[Table]:
        """The marks shown."""
        shown = self.shown()
        return [Table("nodules", "Nodule marks", MARK_COLUMNS, tuple(self._row(mark, shown) for mark in shown))]

    def _row(self, mark: NoduleMark, shown: tuple[NoduleMark, ...]) -> tuple[Cell, ...]:
        diameter, volume = ((None, None), (None, None))
        if mark.outlined:
            diameter, volume = (item.interval() or (None, None) for item in mark.measurements())  # type: ignore[assignment]
        rads = lung_rads_of(mark).name if mark.outlined else None
        advice = fleischner_of(mark, shown, self.person).advice if mark.outlined else None
        return (
            mark.number,
            mark.score,
            mark.decision,
            mark.location,
            mark.kind,
            mark.long_mm,
            mark.short_mm,
            mark.mean_mm,
            *diameter,
            mark.volume_mm3,
            *volume,
            mark.solid_mm,
            mark.mean_hu,
            mark.calcified if mark.outlined else None,
            mark.opinion,
            mark.opinion_of_size,
            rads,
            advice,
            *mark.position,
        )

    @staticmethod
    def _nodule(mark: NoduleMark) -> dict[str, Any]:
        return {
            "mark": mark.number,
            "position": list(mark.position),
            "diameters_mm": [mark.long_mm, mark.short_mm],
            "volume_mm3": mark.volume_mm3,
            "type": mark.kind,
            "malignancy": mark.opinion,
            "category": lung_rads_of(mark).name if mark.outlined else "",
        }

    def brock(self, mark: NoduleMark) -> str:
        """Brock's probability of a mark in words; "" where age or sex were not given."""
        return brock_of(mark, self.shown(), self.person)

    def summary(self) -> dict[str, Cell]:
        """Marks, and the largest of them."""
        kept = [mark for mark in self.shown() if mark.decision != REJECTED]
        largest = max((mark.mean_mm for mark in kept if mark.mean_mm is not None), default=None)
        category = lung_rads_of_scan(kept)
        return {"marks": len(kept), "largest_mm": largest, "lung_rads": "" if category is None else category.name}

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "nodules",
            "input": self.scan,
            "status": self.status(),
            "reason": self.reason,
            "size_ijk": list(self.size_ijk),
            "spacing_mm": list(self.spacing_mm),
            "slice_mm": self.slice_mm,
            "marks": [mark.to_dict() for mark in self.marks],
            "shown": [mark.number for mark in self.shown()],
            "nodules": [self._nodule(mark) for mark in self.shown()],
            "thresholds": [list(pair) for pair in self.thresholds],
            "fp_per_scan": self.fp_per_scan,
            "person": dict(self.person),
            "candidates": self.candidates,
            "remarks": [remark.text for remark in self.checks],
            **remarks_to_json(self.remarks),
            "seconds": dict(self.seconds),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> NodulesResult:
        """Read `to_json`."""
        remarks = {remark.text: remark for remark in remarks_from_json(record)}
        size, spacing = record["size_ijk"], record["spacing_mm"]
        return cls(
            scan=record["input"],
            size_ijk=(size[0], size[1], size[2]),
            spacing_mm=(spacing[0], spacing[1], spacing[2]),
            slice_mm=record["slice_mm"],
            marks=tuple(NoduleMark.from_dict(mark) for mark in record["marks"]),
            thresholds=tuple((rate, score) for rate, score in record["thresholds"]),
            fp_per_scan=record["fp_per_scan"],
            person=dict(record["person"]),
            checks=tuple(remarks[text] for text in record["remarks"]),
            candidates=record["candidates"],
            reason=record["reason"],
            seconds=dict(record["seconds"]),
            provenance=dict(record["provenance"]),
        )


def threshold_at(thresholds: tuple[tuple[float, float], ...], fp_per_scan: float) -> float:
    """The score at a rate of false marks, linear between the given pairs (ascending rates); 1 without pairs."""
    if not thresholds:
        return 1.0
    rates, scores = zip(*thresholds, strict=True)
    below = [n for n, rate in enumerate(rates) if rate <= fp_per_scan]
    if not below:
        return float(scores[0])
    n = below[-1]
    if n + 1 == len(rates):
        return float(scores[n])
    share = (fp_per_scan - rates[n]) / (rates[n + 1] - rates[n])
    return float(scores[n] + share * (scores[n + 1] - scores[n]))
