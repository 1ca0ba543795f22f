"""Reports of a traced film and of two superimposed ones, put together from their results."""

from __future__ import annotations

import numpy as np

from CephSketcherLib.comparison.comparison import Comparison
from CephSketcherLib.film.lateral_film import HEAD
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.report.change_pages import change_pages
from CephSketcherLib.report.film_pages import film_pages
from CephSketcherLib.report.line_drawing import FIRST, SECOND, Tracing, draw_tracings
from CephSketcherLib.tracing.result import CephResult
from DeepMedLib.picture.scale import FILM
from DeepMedLib.report.model import Report

_SHOWN = ("model", "version", "sha256", "device", "engine", "software", "date")


def ceph_report(result: CephResult, overlay: np.ndarray) -> Report:
    """The report of one film.

    Args:
        overlay: (H, W, 3) uint8, the film with the tracing.
    """
    drawing = None
    if result.landmarks.points:
        drawing = draw_tracings([_tracing(result.points, result, FIRST)], pixel_aspect=result.pixel_aspect)
    return film_pages(
        cropped(overlay, result),
        result.measures,
        [(reading.topic, reading.sentence) for reading in result.readings],
        result.unavailable,
        tracing=drawing,
        subtitle=_subtitle(result),
        date=_date(result),
        subject=_subject(result),
        warnings=result.warnings(),
        notes=_notes(result),
        provenance=_provenance(result),
        pixel_aspect=result.pixel_aspect,
    )


def cropped(overlay: np.ndarray, result: CephResult, margin: float = 0.1) -> np.ndarray:
    """The part of the overlay that holds the tracing, so that it can be read in print; all of it without one."""
    if not result.landmarks.points:
        return overlay
    points = np.vstack([result.points.array(), *(outline.points for outline in result.outlines.values())])
    shrink = overlay.shape[1] / result.width
    room = margin * float(np.ptp(points, axis=0).max())
    low = np.maximum((points.min(0) - room) * shrink, 0).astype(int)
    high = np.minimum((points.max(0) + room) * shrink, (overlay.shape[1], overlay.shape[0])).astype(int)
    return np.ascontiguousarray(overlay[low[1] : high[1], low[0] : high[0]])


def comparison_report(earlier: CephResult, comparison: Comparison) -> Report:
    """The report of a later tracing on an earlier film."""
    first = _tracing(earlier.points, earlier, FIRST)
    second = Tracing(
        {point.symbol: point.xy for point in comparison.points},
        tuple((outline.points, outline.closed) for outline in comparison.outlines.values()),
        SECOND,
        planes=False,
        names=False,
    )
    return change_pages(
        draw_tracings([first, second], pixel_aspect=earlier.pixel_aspect),
        comparison.displacements,
        comparison.changes,
        comparison.laid.method,
        " ".join(comparison.notes()),
        subject=(("Earlier film", comparison.earlier), ("Later film", comparison.later)),
        date=_date(earlier),
        provenance=_provenance(earlier),
    )


def _tracing(points: LandmarkSet, result: CephResult, color: tuple[int, int, int]) -> Tracing:
    outlines = tuple((outline.points, outline.closed) for outline in result.outlines.values())
    return Tracing({point.symbol: point.xy for point in points}, outlines, color)


def _subtitle(result: CephResult) -> str:
    if result.abstained:
        return "Not traced"
    return "Proposal edited by a person" if result.edited else "Automatic proposal, to be checked by a person"


def _date(result: CephResult) -> str:
    return result.provenance.get("date", "").replace("T", " ").split("+")[0]


def _subject(result: CephResult) -> list[tuple[str, str]]:
    options = result.options
    rows = [("Film", result.film), ("Face looks", result.facing)]
    rows.append(("Scale", "not known" if result.scale is None else f"{result.scale.mean:.4f} mm per pixel"))
    if result.scale is not None:
        plane = "film, magnified" if result.scale.plane == FILM else HEAD
        rows += [("of the", plane), ("from", result.scale.source)]
        if result.scale.magnification is not None:
            rows.append(("Magnification", f"{result.scale.magnification:.3f}"))
    norms = options.own_norms["name"] if options.own_norms is not None else options.norms
    rows.append(("Norms", str(norms or "by analysis")))
    if options.age is not None:
        rows.append(("Age", f"{options.age:g} years"))
    if options.sex:
        rows.append(("Sex", options.sex))
    return rows


def _notes(result: CephResult) -> list[str]:
    if result.abstained:
        return []
    notes = [
        "Orange points with a question mark should be checked first; white points were placed by a person.",
        "Uncertainties of measures come from those of the points (Monte Carlo); norms of others may not fit.",
    ]
    if result.edited:
        notes.append("For points placed by a person the usual difference between readers stands in as uncertainty.")
    return notes


def _provenance(result: CephResult) -> dict[str, str]:
    return {key: result.provenance[key] for key in _SHOWN if result.provenance.get(key)}
