"""The femur: the ossified shaft as a line, uncertainty, and when to abstain (numpy and scipy only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.evidence.echo import inside_share
from FetalBiometryLib.planes.findings import Finding, line_of
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.limits import Limits

_LEVEL = 0.35  # of the shaft map; above it a pixel belongs to a candidate shaft
_LEAST = 10.0  # canvas pixels: no shorter shaft is a finding


@dataclass(frozen=True)
class Shaft:
    """A shaft on the canvas.

    Attributes:
        ends: (2, 2) as (x, y), from left to right.
        certainty: mean probability along the line, 0..1.
        rival: mass of the next best candidate over that of this one, 0..1.
    """

    ends: np.ndarray
    certainty: float
    rival: float

    @property
    def length(self) -> float:
        """Canvas pixels."""
        return float(np.linalg.norm(self.ends[1] - self.ends[0]))


def find_shaft(shaft: np.ndarray, end: np.ndarray) -> Shaft | None:
    """The best line in the maps of one look, or of their mean.

    The band of the shaft gives direction and rough ends (where its profile falls to one half); the end map, where it
    is sure, moves each end to its own peak.

    Args:
        shaft, end: (h, w) probabilities.
    """
    labels, count = ndimage.label(shaft > _LEVEL, np.ones((3, 3)))
    if count == 0:
        return None
    mass = ndimage.sum_labels(shaft, labels, np.arange(1, count + 1))
    order = np.argsort(mass)[::-1]
    rows, columns = np.nonzero(labels == order[0] + 1)
    weight = shaft[rows, columns]
    points = np.column_stack((columns, rows)).astype(float)
    centre = weight @ points / weight.sum()
    offset = points - centre
    values, vectors = np.linalg.eigh((offset * weight[:, None]).T @ offset / weight.sum())
    u = vectors[:, 1] if vectors[0, 1] >= 0 else -vectors[:, 1]
    ends = _half_maximum(shaft, centre, u, 2 * float(np.sqrt(12 * max(values[1], 0.1))))
    if ends is None:
        return None
    ends = _to_end_peaks(ends, end)
    if np.linalg.norm(ends[1] - ends[0]) < _LEAST:
        return None
    samples = ends[0] + np.linspace(0.05, 0.95, 40)[:, None] * (ends[1] - ends[0])
    certainty = float(_best_across(shaft, samples, u, 2.0).mean())
    rival = float(mass[order[1]] / mass[order[0]]) if count > 1 else 0.0
    return Shaft(ends, certainty, rival)


def _best_across(image: np.ndarray, points: np.ndarray, u: np.ndarray, half: float) -> np.ndarray:
    """(n,) largest value of an image within ``half`` pixels across the line, at points (n, 2)."""
    v = np.array([-u[1], u[0]])
    samples = points[:, None, :] + np.linspace(-half, half, 2 * round(2 * half) + 1)[None, :, None] * v
    return ndimage.map_coordinates(image, [samples[..., 1], samples[..., 0]], order=1, mode="constant").max(1)


def _half_maximum(shaft: np.ndarray, centre: np.ndarray, u: np.ndarray, reach: float) -> np.ndarray | None:
    """(2, 2) ends where the map along the line falls below half of its level about the centre."""
    t = np.arange(-reach, reach + 0.25, 0.25)
    profile = _best_across(shaft, centre + t[:, None] * u, u, 3.0)
    level = 0.5 * float(np.median(profile[profile > _LEVEL])) if (profile > _LEVEL).any() else 0.0
    if level <= 0:
        return None
    above = profile > level
    # The longest run above the level: a gap ends a bone.
    runs, count = ndimage.label(above)
    if count == 0:
        return None
    best = 1 + int(np.argmax(ndimage.sum_labels(above, runs, np.arange(1, count + 1))))
    inside = np.flatnonzero(runs == best)
    return np.array([centre + t[inside[0]] * u, centre + t[inside[-1]] * u])


def _to_end_peaks(ends: np.ndarray, end: np.ndarray, radius: float = 7.0) -> np.ndarray:
    """Each end moved to the middle of the end map's peak near it, as far as that peak is sure."""
    moved = ends.copy()
    y, x = np.mgrid[: end.shape[0], : end.shape[1]]
    for i, (ex, ey) in enumerate(ends):
        weight = np.where(np.hypot(x - ex, y - ey) < radius, end, 0.0) ** 2
        peak = float(np.sqrt(weight.max()))
        if peak > 0.2:
            spot = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
            moved[i] = ends[i] + min(1.0, peak) * (spot - ends[i])
    return moved


def refine_ends(picture: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Move each end (2, 2), picture pixels, along the shaft to where its echo falls to half between bone and tissue.

    An end moves by at most 6 % of the length, and only where the picture shows one clear fall; else it stays.
    """
    length = float(np.linalg.norm(ends[1] - ends[0]))
    u = (ends[1] - ends[0]) / length
    smooth = ndimage.gaussian_filter(picture.astype(np.float32), 0.008 * length + 0.5)
    t = np.linspace(-0.18, 1.18, 273)
    half = max(2.0, 0.05 * length)
    profile = _best_across(smooth, ends[0] + t[:, None] * length * u, u, half)
    bone = float(np.median(profile[(t > 0.1) & (t < 0.9)]))
    refined = ends.copy()
    for i, side in ((0, -1.0), (1, 1.0)):
        outward = (t if side > 0 else -t + 1)[::1] - 1  # 0 at the end, positive beyond it
        beyond = profile[(outward > 0.06) & (outward < 0.16)]
        local = profile[(outward < -0.04) & (outward > -0.25)]
        tissue, level = float(np.median(beyond)), float(np.median(local))
        if min(level, bone) - tissue < 0.25 * bone:
            continue
        near = np.abs(outward) <= 0.06
        order = np.argsort(outward[near])
        x, y = outward[near][order], profile[near][order]
        below = y < 0.5 * (min(level, bone) + tissue)
        if below.any() and not below.all():
            refined[i] = ends[i] + side * u * float(x[int(np.argmax(below))]) * length
    return refined


def measure_femur(
    picture: np.ndarray,
    mean: np.ndarray,
    each: np.ndarray,
    mean_end: np.ndarray,
    each_end: np.ndarray,
    frame: Frame,
    limits: Limits,
) -> Finding:
    """Judge what the looks saw.

    Args:
        picture: (H, W) uint8.
        mean, each: probability of the shaft on the canvas, mean (h, w) and single looks (n, h, w).
        mean_end, each_end: the same of its end points.
        frame: the canvas frame of the picture.
        limits: uncertainty and abstention.
    """
    best = find_shaft(mean, mean_end)
    if best is None:
        return Finding.nothing("femur", "No femur was found in the picture.")
    found = [find_shaft(one, its_end) for one, its_end in zip(each, each_end, strict=True)]
    alike = [s for s in found if s is not None and _same_bone(s, best)]
    lengths = np.array([s.length for s in alike]) if alike else np.array([best.length])
    spread = float(lengths.std() / lengths.mean())
    ends = refine_ends(picture, frame.to_picture(best.ends))
    moved = float(np.abs(np.linalg.norm(ends[1] - ends[0]) * frame.scale / best.length - 1))
    margin = inside_share(picture, ends + 0.03 * np.array([[-1], [1]]) * (ends[1] - ends[0]))
    details = {
        "looks": float(len(alike)),
        "spread": spread,
        "certainty": best.certainty,
        "rival": best.rival,
        "refined": moved,
        "inside": margin,
        "contrast": contrast(picture, ends),
        "tilt": float(np.rad2deg(np.arctan2(*(ends[1] - ends[0])[::-1]))),
    }
    reason = femur_reason(details, limits)
    return Finding(
        plane="femur",
        ellipses={},
        lines={"FL": line_of(ends)},
        relative_sd={"FL": limits.relative_sd(float(np.hypot(spread, 0.5 * moved)))},
        absolute_sd={},
        quality=sentences(details),
        abstained=bool(reason),
        reason=reason,
        details=details,
    )


def _same_bone(one: Shaft, other: Shaft) -> bool:
    """Are two shafts the same bone, seen alike: middles near each other, alike in direction and length?"""
    if abs(one.length / other.length - 1) > 0.15:
        return False
    shift = np.linalg.norm(one.ends.mean(0) - other.ends.mean(0))
    turn = abs(float((one.ends[1] - one.ends[0]) @ (other.ends[1] - other.ends[0])) / (one.length * other.length))
    return bool(shift < 0.15 * other.length and turn > 0.9)


def contrast(picture: np.ndarray, ends: np.ndarray) -> float:
    """Echo of the shaft over that of both sides, as a share of the shaft's, 0..1."""
    length = float(np.linalg.norm(ends[1] - ends[0]))
    u = (ends[1] - ends[0]) / length
    v = np.array([-u[1], u[0]])
    points = ends[0] + np.linspace(0.1, 0.9, 60)[:, None] * (ends[1] - ends[0])
    smooth = ndimage.gaussian_filter(picture.astype(np.float32), 1.0)
    half = max(2.0, 0.05 * length)
    bone = float(np.median(_best_across(smooth, points, u, half)))
    # The same reading on both sides, so that speckle counts alike.
    sides = [_best_across(smooth, points + k * length * v, u, half) for k in (-0.16, 0.16)]
    return float(1 - np.median(np.concatenate(sides)) / max(bone, 1.0))


def femur_reason(details: dict[str, float], limits: Limits) -> str:
    """Why the line must not be trusted, as a sentence; empty when it may."""
    if details["looks"] < limits.min_looks:
        return "Too few of the repeated looks at the picture agree about the femur."
    if details["spread"] > limits.max_spread:
        return f"Repeated looks disagree by {100 * details['spread']:.1f} % of the length."
    if details["certainty"] < limits.min_certainty:
        return "The network is not sure that this line is a femur."
    if details["inside"] < limits.min_inside:
        return "An end of the femur lies at the border of the insonated picture: it may be cut."
    if details["contrast"] < 0.25:
        return "The line found is hardly brighter than what lies beside it: it may not be bone."
    return ""


def sentences(details: dict[str, float]) -> tuple[str, ...]:
    """What a person should look at, worst news first."""
    good, bad = [], []
    if details["rival"] > 0.5:
        bad.append("A second bone of similar strength is in the picture: check that the right one was measured.")
    tilt = abs((details["tilt"] + 90) % 180 - 90)
    told = f"The shaft is {tilt:.0f}\u00b0 from horizontal"
    if tilt > 45:
        bad.append(f"{told}: a femur along the beam measures short.")
    else:
        good.append(f"{told}.")
    if details["contrast"] < 0.5:
        bad.append("The shaft is little brighter than what lies beside it.")
    else:
        good.append("The shaft stands out from what lies beside it.")
    bad.append("Leave out the cartilage at both ends and a bright spur beyond the shaft.")
    return tuple(bad + good)
