"""Where an object lies on its X-rays, as plain data that a scene and result.json keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from DeepMedLib.geometry import transform_points
from DeepMedLib.measurement import Measurement
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import ABSTAINED, DONE, Result, remarks_to_json
from DeepMedLib.results.table import Cell, Column, Table
from Registration2D3DLib.geometry.rotations import angle_of

if TYPE_CHECKING:
    from Registration2D3DLib.matching.registering import Registered

SINGLE = (
    "One X-ray hardly tells how far the object is from the source: take its depth as unknown. Take a second X-ray from "
    "another side where the depth matters."
)
MIRRORED = (
    "The picture turned left to right fits far better: the film is mirrored, or its geometry is; flip one of them and "
    "register again."
)
FAILED = (
    "No pose is shown. Bring the start nearer, widen the reach, check that CT, X-ray and geometry belong together, or "
    "take bone only."
)
DARK = "Dense things are dark on the X-ray; it was inverted."
_ROWS = (Column("quantity", "Quantity"), Column("value", "Value"), Column("unit", "Unit"))


@dataclass(frozen=True)
class ViewFit:
    """One X-ray.

    Attributes:
        name: of the file or node.
        source_ras: of its rays, mm.
    """

    name: str
    source_ras: tuple[float, float, float]


@dataclass(frozen=True)
class RegistrationResult(Result):
    """The pose of one object.

    Attributes:
        object: name of the CT or model.
        views: the X-rays.
        matrix: (4, 4) object RAS mm to world RAS mm; None where the registration failed.
        start: (4, 4) where it began.
        center, size_mm: (3,) RAS mm of the object, about which turns are told, and of its box.
        trusted: mTREproj up to 2 mm is to be relied on.
        reason: why it failed or is not trusted; "" for a trusted one.
        similarity, start_similarity: local correlation of DRRs and X-rays, at the pose and at the start; 1 for equal
            pictures.
        expected_mm: of mTREproj.
        depth_sd_mm: standard uncertainty along the line from the first source; None for one view, whose similarity
            curve understates it.
        rival: similarity of the best other pose that was found; None where all restarts agreed.
        agreed: share of the restarts that found the pose.
        dark, mirrored: see `Registered`.
        checks: what is known of the inputs.
        seconds: of the registration, once the object is ready.
        found_by: what brought the pose near enough to be refined: "search", "network" or "network, then search".
    """

    object: str
    views: tuple[ViewFit, ...]
    matrix: tuple[tuple[float, ...], ...] | None
    start: tuple[tuple[float, ...], ...]
    center: tuple[float, float, float]
    size_mm: tuple[float, float, float]
    trusted: bool
    reason: str
    similarity: float
    start_similarity: float
    expected_mm: float
    depth_sd_mm: float | None
    rival: float | None
    agreed: float
    dark: bool = False
    mirrored: bool = False
    checks: tuple[Remark, ...] = ()
    seconds: float = 0.0
    provenance: dict[str, str] = field(default_factory=dict)
    found_by: str = "search"

    @classmethod
    def of(
        cls,
        found: Registered,
        name: str,
        views: tuple[ViewFit, ...],
        start: np.ndarray,
        center: np.ndarray,
        size_mm: np.ndarray,
        seconds: float,
        remarks: Sequence[dict[str, Any]],
    ) -> RegistrationResult:
        """From what `matching.registering.register` found."""
        verdict = found.verdict
        return cls(
            name, views, None if verdict.failed else _rows_of(found.pose), _rows_of(start),
            _three(center), _three(size_mm), verdict.trusted and not found.mirrored,
            verdict.reason, found.similarity, found.start_similarity, verdict.expected_mm,
            verdict.depth_sd_mm if len(views) > 1 else None, verdict.rival, verdict.agreed, found.dark, found.mirrored,
            tuple(Remark.from_dict(remark) for remark in remarks), seconds,
            found_by=found.found_by,
        )  # fmt: skip

    def status(self) -> str:
        """Abstained where no pose is shown."""
        return ABSTAINED if self.matrix is None else DONE

    def motion(self) -> tuple[float, float] | None:
        """Turn in degrees, and shift of the object's center in mm, from the start; None where it failed."""
        if self.matrix is None:
            return None
        found, start = np.array(self.matrix), np.array(self.start)
        turn = angle_of(found[:3, :3] @ start[:3, :3].T)
        shift = transform_points(found, np.array(self.center)) - transform_points(start, np.array(self.center))
        return float(np.degrees(turn)), float(np.linalg.norm(shift))

    def answer(self) -> str:
        """Whether it is trusted, and how exact it is expected to be."""
        if self.matrix is None:
            return f"registration failed: {self.reason[:1].lower()}{self.reason[1:].rstrip('.')}"
        word = "trusted" if self.trusted else "not trusted"
        return (
            f"{self.object} registered, {word}: expected error {self.expected_mm:.1f} mm across the beam, correlation "
            f"{self.similarity:.2f}"
        )

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Failure, mirrored film, why it is not trusted, and what one view cannot tell."""
        found = list(self.checks)
        if self.mirrored:
            found.append(Remark(MIRRORED, Gravity.GRAVE))
        if self.matrix is None:
            found.append(Remark(FAILED, Gravity.GRAVE))
        elif self.reason:
            found.append(
                Remark(f"Not trusted. {self.reason} Look at the overlay before you use the pose.", Gravity.GRAVE)
            )
        if self.dark:
            found.append(Remark(DARK, Gravity.NOTE))
        if len(self.views) == 1 and self.matrix is not None:
            found.append(Remark(SINGLE, Gravity.NOTE))
        return gravest_first(found)

    def measurements(self) -> list[Measurement]:
        """Expected error, uncertainty of the depth where several views tell it, and how far the object was moved."""
        moved = self.motion()
        if moved is None:
            return []
        source = f"{len(self.views)} X-ray{'s' * (len(self.views) > 1)}, correlation {self.similarity:.2f}"
        expected, depth = "Expected error across the beam", "Standard uncertainty of the depth"
        found = [Measurement("expected_mTREproj", self.expected_mm, "mm", None, None, source, expected)]
        if self.depth_sd_mm is not None:
            found.append(Measurement("depth_sd", self.depth_sd_mm, "mm", None, None, source, depth))
        return [
            *found,
            Measurement("turn", moved[0], "deg", None, None, "from the start pose", "Turned by"),
            Measurement("shift", moved[1], "mm", None, None, "from the start pose", "Moved by"),
        ]

    def tables(self) -> list[Table]:
        """What is known of the pose, and the pose itself."""
        rows: list[tuple[Cell, ...]] = [
            ("Verdict", "failed" if self.matrix is None else "trusted" if self.trusted else "not trusted", ""),
            ("Correlation", f"{self.similarity:.3f}", ""),
            ("Brought near by", self.found_by, ""),
            ("Correlation at the start", f"{self.start_similarity:.3f}", ""),
            ("Restarts that agreed", f"{100 * self.agreed:.0f}", "%"),
        ]
        rows += [(item.label, f"{item.value:.2f}", item.unit) for item in self.measurements() if item.value is not None]
        tables = [Table("registration", "Registration", _ROWS, tuple(rows), in_file=False)]
        if self.matrix is not None:
            columns = tuple(Column(name, digits=4) for name in ("x", "y", "z", "shift_mm"))
            tables.append(Table("pose", "Pose (object RAS to world RAS, mm)", columns, tuple(self.matrix[:3])))
        return tables

    def summary(self) -> dict[str, Cell]:
        """Trusted or not, correlation, expected error and uncertainty of the depth."""
        failed = self.matrix is None
        return {
            "trusted": self.trusted,
            "similarity": self.similarity,
            "expected_mTREproj_mm": None if failed else self.expected_mm,
            "depth_sd_mm": None if failed else self.depth_sd_mm,
        }

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "register",
            "input": self.views[0].name,
            "status": self.status(),
            "reason": self.reason,
            "object": self.object,
            "views": [asdict(view) for view in self.views],
            "matrix_ras": None if self.matrix is None else [list(row) for row in self.matrix],
            "start_ras": [list(row) for row in self.start],
            "center_ras": list(self.center),
            "size_mm": list(self.size_mm),
            "trusted": self.trusted,
            "similarity": self.similarity,
            "start_similarity": self.start_similarity,
            "expected_mTREproj_mm": self.expected_mm,
            "depth_sd_mm": self.depth_sd_mm,
            "rival_similarity": self.rival,
            "restarts_agreed": self.agreed,
            "dark": self.dark,
            "mirrored": self.mirrored,
            "checks": [check.to_dict() for check in self.checks],
            "measurements": [item.to_dict() for item in self.measurements()],
            **remarks_to_json(self.remarks),
            "found_by": self.found_by,
            "seconds": self.seconds,
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> RegistrationResult:
        """Read `to_json`."""
        views = tuple(ViewFit(view["name"], tuple(view["source_ras"])) for view in record["views"])
        matrix = record["matrix_ras"]
        return cls(
            record["object"], views, None if matrix is None else _rows_of(matrix), _rows_of(record["start_ras"]),
            _three(record["center_ras"]), _three(record["size_mm"]), record["trusted"], record["reason"],
            record["similarity"],
            record["start_similarity"], record["expected_mTREproj_mm"], record["depth_sd_mm"],
            record["rival_similarity"], record["restarts_agreed"], record["dark"], record["mirrored"],
            tuple(Remark.from_dict(check) for check in record["checks"]), record["seconds"],
            dict(record["provenance"]), record.get("found_by", "search"),
        )  # fmt: skip


def _three(values: Any) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _rows_of(matrix: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)
