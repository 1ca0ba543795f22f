"""What a label volume says of each organ: volume with interval, complete or cut, parts, and what looks odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.special import ndtri

from DeepMedLib.ct.coverage import organ_coverage
from DeepMedLib.ct.padding import Padding
from DeepMedLib.ct.volumes import surfaces_mm2
from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import Grid
from DeepMedLib.measurement import Measurement
from PancreasSegLib.calibration import Calibration, Edge
from PancreasSegLib.organs import BY_KEY, ORGANS
from PancreasSegLib.whole_volume import Shapes, reversed_shapes, whole_volume

_GOOD_DICE = 0.85  # of an organ on scans never seen; below, its outline is doubted
_PART = 0.05  # share of an organ from which a further part is counted
_MOST_LABEL = max(organ.label for organ in ORGANS)


@dataclass(frozen=True)
class OrganFinding:
    """One organ.

    Attributes:
        key: of `ORGANS`.
        state: "complete", "cut" or "absent".
        sides: of the scan at which it is cut.
        volume_ml: of its voxels; a lower bound where it is cut.
        half_ml: half the width of the interval; None where the network was never measured.
        coverage: chance that such an interval holds the truth, e.g. 0.94; None likewise.
        parts: pieces of a twentieth of it or more.
        mean_hu, sd_hu: of its voxels; None where the values were not given.
        center_ras: mm; None where it is absent.
        sure: mean probability of its voxels, 0..1; None where the network tells none.
        doubts: sentences.
        whole_ml: of a cut organ, its whole volume as far as shapes of complete ones tell; None where they do not.
        whole_interval_ml, whole_coverage: its interval, and the chance that such an interval holds the truth.
        ellipsoid_mm: of the bladder, its extents along left-right, back-front and feet-head; None of other organs.
        validated: whether the shipped network's outlines of this organ reached their bar; True of a user's network.
    """

    key: str
    state: str
    sides: tuple[str, ...]
    volume_ml: float
    half_ml: float | None
    coverage: float | None
    parts: int
    mean_hu: float | None = None
    sd_hu: float | None = None
    center_ras: tuple[float, float, float] | None = None
    sure: float | None = None
    doubts: tuple[str, ...] = ()
    validated: bool = True
    whole_ml: float | None = None
    whole_interval_ml: tuple[float, float] | None = None
    whole_coverage: float | None = None
    ellipsoid_mm: tuple[float, float, float] | None = None

    @property
    def ellipsoid_ml(self) -> float | None:
        """Volume of an ellipsoid with those extents, as bedside ultrasound has it; None of other organs."""
        return None if self.ellipsoid_mm is None else round(float(np.prod(self.ellipsoid_mm)) * np.pi / 6000, 3)

    @property
    def name(self) -> str:
        """For people; says so where the organ is not validated."""
        return BY_KEY[self.key].name + ("" if self.validated else " (not validated)")

    @property
    def label(self) -> int:
        """Id in label volumes."""
        return BY_KEY[self.key].label

    @property
    def lower_bound(self) -> bool:
        """Whether the whole organ is larger than its volume says."""
        return self.state == "cut"

    @property
    def volume_known(self) -> bool:
        """Whether the volume says anything: its interval is narrower than the volume itself, or not known at all."""
        return self.half_ml is None or self.half_ml < self.volume_ml

    def interval(self) -> tuple[float, float] | None:
        """ml from, to; of the part on the scan. None where it is not known."""
        if self.half_ml is None:
            return None
        return max(0.0, self.volume_ml - self.half_ml), self.volume_ml + self.half_ml

    def volume_text(self) -> str:
        """E.g. "75.3 ml (75 % 61.0 to 89.6)", "not found"; of a cut organ "at least 75.3 ml (...); whole ...".

        The whole is "about 95.0 ml (66 % 80.0 to 121.0, from shapes of complete organs)", or "cannot be told".
        """
        if self.state == "absent":
            return "not found"
        if not self.volume_known:
            return f"outlined; its volume is not given, for it is known to +- {self.half_ml:.0f} ml only"
        digits = 1 if self.volume_ml < 200 else 0
        least = "at least " if self.lower_bound else ""
        volume = f"{least}{self.volume_ml:.{digits}f} ml ({self._interval_text(digits)})"
        return volume + self._whole_text(digits) + self._ellipsoid_text()

    def _interval_text(self, digits: int) -> str:
        interval = self.interval()
        if interval is None:
            return "interval not known"
        span = f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"
        if self.coverage is None:  # a network of the user's: the chance was never measured
            return f"{span} by repeated runs"
        return f"{100 * self.coverage:.0f} % {span}" + (" of the part on the scan" if self.lower_bound else "")

    def _whole_text(self, digits: int) -> str:
        if not self.lower_bound:
            return ""
        if self.whole_ml is None or self.whole_interval_ml is None or self.whole_coverage is None:
            return "; the whole cannot be told"
        low, high = self.whole_interval_ml
        span = f"{100 * self.whole_coverage:.0f} % {low:.{digits}f} to {high:.{digits}f}"
        return f"; whole about {self.whole_ml:.{digits}f} ml ({span}, from shapes of complete organs)"

    def _ellipsoid_text(self) -> str:
        if self.ellipsoid_mm is None:
            return ""
        sides = " x ".join(f"{side:.0f}" for side in self.ellipsoid_mm)
        return f"; as an ellipsoid of {sides} mm {self.ellipsoid_ml:.1f} ml"

    def measurement(self) -> Measurement:
        """The volume; its standard uncertainty is that of a normal distribution with the same interval and chance."""
        sd = None
        if self.half_ml is not None and self.coverage is not None:
            sd = float(self.half_ml / ndtri((1 + self.coverage) / 2))
        if self.state == "absent" or not self.volume_known:
            return Measurement(f"{self.key}_ml", None, "ml", label=f"{self.name} volume")
        source = "voxels; lower bound, the scan cuts the organ" if self.lower_bound else "voxels"
        return Measurement(f"{self.key}_ml", self.volume_ml, "ml", sd, source=source, label=f"{self.name} volume")

    def to_dict(self) -> dict[str, Any]:
        """JSON form, with the name, the label and the interval; `from_dict` reads it back."""
        interval = self.interval()
        told = None if interval is None else list(interval)
        return asdict(self) | {
            "name": self.name,
            "label": self.label,
            "interval_ml": told,
            "ellipsoid_ml": self.ellipsoid_ml,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> OrganFinding:
        """Read `to_dict`."""
        fields = {key: record[key] for key in cls.__dataclass_fields__}
        for name in ("sides", "doubts"):
            fields[name] = tuple(fields[name])
        for name in ("center_ras", "whole_interval_ml", "ellipsoid_mm"):
            fields[name] = None if fields[name] is None else tuple(fields[name])
        return cls(**fields)


def organ_findings(
    labels: np.ndarray,
    grid: Grid,
    organs: Sequence[str],
    calibration: Calibration,
    padding: Padding | None = None,
    values: np.ndarray | None = None,
    sure: Mapping[str, float] | None = None,
) -> tuple[OrganFinding, ...]:
    """A finding for each organ that was asked for.

    Args:
        labels: (k, j, i) whole numbers with the ids of `ORGANS`.
        grid: where they lie.
        organs: keys.
        calibration: of the network that made the labels.
        padding: constant border slices of the CT.
        values: (k, j, i) HU, for the organs' density.
        sure: mean probability of each organ's voxels.
    """
    names = {BY_KEY[key].label: BY_KEY[key].name.lower() for key in organs}
    verdicts = {verdict.id: verdict for verdict in organ_coverage(labels, grid, padding, names)}
    surfaces = surfaces_mm2(labels, grid, _MOST_LABEL)
    boxes = ndimage.find_objects(labels.astype(np.uint8, copy=False), _MOST_LABEL)
    found = []
    for key in organs:
        organ = BY_KEY[key]
        verdict, box = verdicts[organ.label], boxes[organ.label - 1]
        if box is None:
            found.append(OrganFinding(key, "absent", (), 0.0, None, None, 0, validated=calibration.validated(key)))
            continue
        mask = labels[box] == organ.label
        edge = calibration.edge_of(key)
        half = None if edge is None else round(float(surfaces[organ.label]) * edge.mm / 1000, 3)
        start = np.array([part.start for part in box])
        middle = np.array(ndimage.center_of_mass(mask)) + start
        inside = None if values is None else values[box][mask]
        probability = None if sure is None else sure.get(key)
        parts = _parts(mask)
        doubts = (
            *_doubts(key, verdict.volume_ml, verdict.state, parts, probability, calibration.least_sure),
            *_weakness(key, calibration),
        )
        found.append(
            OrganFinding(
                key,
                verdict.state,
                verdict.sides,
                round(verdict.volume_ml, 3),
                half,
                None if edge is None else round(edge.coverage, 4),
                parts,
                None if inside is None else round(float(inside.mean()), 1),
                None if inside is None else round(float(inside.std()), 1),
                _point(grid, middle),
                None if probability is None else round(float(probability), 4),
                doubts,
                calibration.validated(key),
                ellipsoid_mm=_extents(mask, box, grid) if key == "bladder" and verdict.state == "complete" else None,
                **_whole(mask, box, grid, verdict.sides, calibration.shapes_of(key), half, edge),
            )
        )
    return tuple(_placed(found))


def _whole(
    mask: np.ndarray,
    box: tuple[slice, slice, slice],
    grid: Grid,
    sides: Sequence[str],
    shapes: Shapes | None,
    half_ml: float | None,
    edge: Edge | None,
) -> dict[str, Any]:
    """The fields of `OrganFinding` on the whole of an organ that is cut at its upper or its lower end, and there only.

    The outline's own interval is added to that of the shapes; the chances of missing add up.
    """
    if shapes is None or len(sides) != 1 or sides[0] not in ("superior", "inferior"):
        return {}
    start, stop = ((part.start for part in box), (part.stop for part in box))
    change = grid.cropped(tuple(start), tuple(stop)).canonical()  # type: ignore[arg-type]
    step = float(change.target.spacing[2])
    areas = canonical_view(mask, change).sum((1, 2)) * grid.voxel_volume / step
    told = (
        whole_volume(areas, step, shapes)
        if sides[0] == "superior"
        else whole_volume(areas[::-1], step, reversed_shapes(shapes))
    )
    if told is None:
        return {}
    low, high = told.interval()
    more = half_ml or 0.0
    chance = told.coverage if edge is None else told.coverage + edge.coverage - 1
    return {
        "whole_ml": round(told.ml, 3),
        "whole_interval_ml": (round(max(0.0, low - more), 3), round(high + more, 3)),
        "whole_coverage": round(chance, 4),
    }


def _extents(mask: np.ndarray, box: tuple[slice, slice, slice], grid: Grid) -> tuple[float, float, float]:
    change = grid.cropped(tuple(part.start for part in box), tuple(part.stop for part in box)).canonical()  # type: ignore[arg-type]
    depth, rows, columns = canonical_view(mask, change).shape
    x, y, z = (round(float(side), 1) for side in change.target.spacing * (columns, rows, depth))
    return x, y, z


def _point(grid: Grid, kji: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 2) for value in grid.ijk_points_to_ras(kji[::-1]))
    return x, y, z


def _parts(mask: np.ndarray) -> int:
    parts, _ = ndimage.label(mask, np.ones((3, 3, 3)))
    sizes = np.bincount(parts.ravel())[1:]
    return int((sizes >= _PART * sizes.sum()).sum())


def _doubts(
    key: str, volume_ml: float, state: str, parts: int, sure: float | None, least_sure: float
) -> tuple[str, ...]:
    organ = BY_KEY[key]
    told = []
    if organ.usual_ml is not None:
        low, high = organ.usual_ml
        if volume_ml > high or (volume_ml < low and state != "cut"):
            told.append(f"{organ.name}: {volume_ml:.0f} ml lie outside of {low:g} to {high:g} ml; look at the outline.")
    if parts > 1 and key not in ("liver_lesion",):
        told.append(f"{organ.name}: it lies in {parts} parts.")
    if sure is not None and sure < least_sure:
        told.append(f"{organ.name}: the network is unsure of it (mean probability {sure:.2f}).")
    return tuple(told)


def _weakness(key: str, calibration: Calibration) -> tuple[str, ...]:
    """That the network outlines an organ poorly, where it was measured to."""
    dice = calibration.dice.get(key, 1.0)
    if dice >= _GOOD_DICE:
        return ()
    name = BY_KEY[key].name
    return (
        f"{name}: on scans never seen the outline agrees with the truth by Dice {dice:.2f} only; correct it by hand.",
    )


def _placed(found: list[OrganFinding]) -> list[OrganFinding]:
    """With doubts where organs do not lie to each other as they do in nearly everybody."""
    centers = {item.key: item.center_ras for item in found if item.center_ras is not None}
    pairs = (("left_kidney", "right_kidney"), ("spleen", "liver"), ("pancreas", "liver"), ("left_kidney", "liver"))
    odd: dict[str, str] = {}
    for left, right in pairs:
        if left in centers and right in centers and centers[left][0] >= centers[right][0]:  # x grows to the right
            names = BY_KEY[left].name, BY_KEY[right].name.lower()
            odd.setdefault(left, f"{names[0]}: it lies to the right of the {names[1]}; the sides may be exchanged.")
    if "pancreas" in centers and "liver" in centers:
        apart = float(np.linalg.norm(np.subtract(centers["pancreas"], centers["liver"])))
        if apart > 220:
            odd.setdefault("pancreas", f"Pancreas: it lies {apart:.0f} mm from the middle of the liver.")
    return [
        item if item.key not in odd else OrganFinding(**{**vars(item), "doubts": (*item.doubts, odd[item.key])})
        for item in found
    ]
