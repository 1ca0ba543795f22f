"""The worker's task: one film in, its landmarks out (torch; imported by the worker only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from CephSketcherLib.film.checks import check_film
from CephSketcherLib.landmarks.calibration import Calibration, standard_deviation
from CephSketcherLib.landmarks.inference import SEEN, CoarseLook, FineLooks, FineNetworks, coarse_looks, place_face
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet, covariance_of
from CephSketcherLib.landmarks.layout import LAYOUTS, Layout
from CephSketcherLib.landmarks.network import film_tensor
from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import Progress, TaskResult
from DeepMedLib.models.loading import LoadedModel, load_model, record_of

COARSE_BUNDLE, FINE_BUNDLE = "landmarks_coarse", "landmarks_fine"
SPECIALIST_BUNDLE = "landmarks_fine_isbi"
FACINGS = ("auto", "right", "left")
NOT_A_FILM = "No lateral head film was recognized in the picture."
FINE_NOISE = 4.0  # px^2 of the face, about the variance of a fine point; for the shape's tests
FEWEST_SEEN = 4  # coarse points, to place the face by


@dataclass(frozen=True)
class Models:
    """The models by name, their networks and what was calibrated for them."""

    loaded: dict[str, LoadedModel]
    coarse: torch.nn.Module
    fine: FineNetworks
    calibration: Calibration


def load(resources: Path, device: str) -> Models:
    """All networks, in the memory order that is fastest for films."""
    names = (COARSE_BUNDLE, FINE_BUNDLE, SPECIALIST_BUNDLE)
    loaded = {name: load_model(resources, name, device) for name in names}
    calibration = Calibration.from_dict(loaded[FINE_BUNDLE].bundle.read_json("configs/calibration.json"))
    coarse, fine, specialist = (loaded[name].network.to(memory_format=torch.channels_last) for name in names)
    return Models(loaded, coarse, FineNetworks((fine,), specialist, calibration.agreement), calibration)


def ways_of(facing: str) -> list[tuple[bool, bool]]:
    """(mirrored, inverted) ways to hold the film, the usual polarity first.

    Raises:
        BadInput: unknown facing.
    """
    if facing not in FACINGS:
        raise BadInput(f"The facing '{facing}' is not known.", f"Choose one of {', '.join(FACINGS)}.")
    mirrored = {"auto": (False, True), "right": (False,), "left": (True,)}[facing]
    return [(m, inverted) for inverted in (False, True) for m in mirrored]


def turned(network: torch.nn.Module, film: torch.Tensor, limit: float, device: str) -> str:
    """How the film must be turned to show a head; empty when no turn helps."""
    told = {1: "90 degrees counter-clockwise", 2: "by 180 degrees", 3: "90 degrees clockwise"}
    found = []
    for quarter in told:
        look = coarse_looks(network, torch.rot90(film, quarter, (2, 3)), ways_of("auto"), device)[0]
        found.append((look.score, quarter))
    score, quarter = max(found)
    return told[quarter] if score >= limit else ""


def reason_to_abstain(calibration: Calibration, details: Mapping[str, float], outside: float) -> str:
    """Why the points must not be trusted, as a sentence; empty when they may.

    Args:
        details: the raw cues, as `run` collects them.
        outside: share of the points that lie outside the film.
    """
    if details["lead"] < calibration.min_lead:
        return "It is not clear which way the head looks, or whether the film is inverted."
    if details["shape_distance"] > calibration.max_distance:
        return "The points found do not form a face as seen from the side."
    if details["looks_spread"] > calibration.max_spread:
        return "Repeated looks at the film disagree."
    if details["mass"] < calibration.min_mass:
        return "The network is not sure of most of the points."
    if outside > 0.5:
        return "Most of the face lies outside the film."
    return ""


def landmark_set(
    fine: FineLooks,
    calibration: Calibration,
    layout: Layout,
    surprise: np.ndarray,
    mirrored: bool,
    size: tuple[int, int],
) -> tuple[LandmarkSet, list[str]]:
    """The points in the given film's pixels, and the symbols of those that lie outside the film and are left out."""
    height, width = size
    scale = fine.to_face.scale
    covariances = calibration.covariance(fine.covariances, scale)
    relative = standard_deviation(covariances) * scale / calibration.typical
    points, outside = [], []
    for k, symbol in enumerate(layout.symbols):
        x, y = fine.points[k]
        if not (-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5):
            outside.append(symbol)
            continue
        confidence = float(np.clip(1.5 - 0.5 * relative[k], 0, 1) * np.clip(fine.mass[k] / 0.3, 0, 1))
        flagged = bool(relative[k] > calibration.flag or surprise[k] > calibration.max_surprise)
        covariance = covariance_of(covariances[k])
        points.append(LandmarkPoint(symbol, float(x), float(y), covariance, confidence, flagged, False, "network"))
    found = LandmarkSet(tuple(points))
    return (found.mirrored(width) if mirrored else found), outside


def run(arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Progress) -> TaskResult:
    """Find the landmarks.

    Args:
        arrays: ``film`` (H, W) of any numbers; bone may be bright or dark, the face may look either way.
        options: ``resources`` folder of the bundles, ``device`` auto/cpu/cuda, ``facing`` auto/right/left.

    Returns:
        values ``landmarks`` (`LandmarkSet.to_dict`, in the given film's pixels; empty when abstained), ``proposal``
        (what was found nevertheless, all points flagged), ``facing`` right/left, ``facing_certainty`` 0..1,
        ``inverted``, ``abstained``, ``reason``, ``notes`` (sentences), ``details`` (the raw cues), ``model``,
        ``version``, ``sha256``, ``device``, ``engine``.

    Raises:
        BadInput: the picture is tiny, blank, noise or no plane of numbers; or an unknown facing.
    """
    film = check_film(arrays["film"])
    progress(0.0, "Loading the landmark models")
    models = load(Path(str(options["resources"])), str(options.get("device", "auto")))
    model, coarse, calibration = models.loaded[FINE_BUNDLE], models.coarse, models.calibration
    device = model.device
    layout = LAYOUTS[calibration.layout]
    progress(0.1, "Looking at the whole film")
    tensor = film_tensor(film)
    looks = coarse_looks(coarse, tensor, ways_of(str(options.get("facing", "auto"))), device.name)
    best = looks[0]
    details: dict[str, float] = {"score": best.score, "lead": best.score - looks[1].score}
    values: dict[str, Any] = {
        "landmarks": LandmarkSet().to_dict(),
        "proposal": LandmarkSet().to_dict(),
        "facing": "left" if best.mirrored else "right",
        "facing_certainty": _certainty(looks),
        "inverted": best.inverted,
        "abstained": True,
        "reason": NOT_A_FILM,
        "notes": [],
        "details": details,
        **record_of(model),
        "all_sha256": {name: each.bundle.sha256 for name, each in models.loaded.items()},
    }
    if best.score < calibration.min_score or (best.peaks > SEEN).sum() < FEWEST_SEEN:
        turn = turned(coarse, tensor, calibration.min_score, device.name)
        if turn:
            values["reason"] = f"The film does not stand upright: turn it {turn} and try again."
        return TaskResult({}, values)
    to_face, _ = place_face(best, calibration.shape)
    upright = 1 - tensor if best.inverted else tensor
    upright = upright.flip(3) if best.mirrored else upright
    seen = models.fine.look(
        upright, to_face, calibration.shape, device.name, lambda f: progress(0.3 + 0.65 * f, "Looking at the face")
    )
    on_face = seen.to_face(seen.points)
    surprise = calibration.shape.surprise(on_face, np.full(len(on_face), FINE_NOISE))
    details |= {
        "shape_distance": calibration.shape.distance(on_face, FINE_NOISE),
        "looks_spread": float(np.median(seen.spread) * seen.to_face.scale),
        "mass": float(np.median(seen.mass)),
        "specialist_gap": seen.gap,
        "degrees": -seen.to_face.degrees,
        "face_scale": seen.to_face.scale,
    }
    found, outside = landmark_set(seen, calibration, layout, surprise, best.mirrored, (film.shape[0], film.shape[1]))
    reason = reason_to_abstain(calibration, details, len(outside) / len(layout))
    if best.inverted:
        values["notes"].append("The grey values of the film are inverted (bone is dark); they were turned for reading.")
    if outside:
        values["notes"].append(f"Outside the film, not given: {', '.join(outside)}.")
    if not reason:
        values["landmarks"] = found.to_dict()
    proposal = LandmarkSet(tuple(_flagged(point) for point in found)) if reason else found
    values |= {"abstained": bool(reason), "reason": reason, "proposal": proposal.to_dict()}
    progress(1.0, "Done")
    return TaskResult({}, values)


def _flagged(point: LandmarkPoint) -> LandmarkPoint:
    return LandmarkPoint(point.symbol, point.x, point.y, point.covariance, 0.0, True, False, point.source)


def _certainty(looks: list[CoarseLook]) -> float:
    """0..1: how far the best way leads over the best one that looks to the other side."""
    other = [look.score for look in looks if look.mirrored != looks[0].mirrored]
    return float(np.clip((looks[0].score - max(other)) / max(looks[0].score, 1e-6), 0, 1)) if other else 1.0
