"""Landmarks and measures of a tracing as tables for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from DeepMedLib.results.table import Column, Table, measurement_table

_LANDMARK_COLUMNS = tuple(
    Column(key) for key in ("name", "x_px", "y_px", "sd_mm", "sd_px", "confidence", "check_first", "edited", "source")
)
_MORE_COLUMNS = tuple(
    Column(key)
    for key in (
        *("analysis", "norm_mean", "norm_sd", "norm_low", "norm_high", "deviation_sd", "norm_set", "norm_source"),
        *("from_outlines", "uses", "note"),
    )
)


def landmarks_table(points: LandmarkSet, sd_mm: Mapping[str, float | None]) -> Table:
    """A row a point, in the film's own pixels; nobody's confidence is known in a point that a person placed."""
    rows = tuple(
        (
            *(p.symbol, p.x, p.y, sd_mm[p.symbol], p.sd, None if p.edited else p.confidence),
            *(p.flagged, p.edited, p.source),
        )
        for p in points
    )
    return Table("landmarks", "Landmarks", _LANDMARK_COLUMNS, rows)


def measures_table(measures: Sequence[CephMeasure]) -> Table:
    """The suite's table of measurements, with norm, analysis and convention behind it."""
    common = measurement_table([measure.measurement() for measure in measures])
    rows = tuple(
        (
            *row,
            *(m.analysis, m.norm_mean, m.norm_sd, *(m.norm_range or (None, None)), m.deviation_sd),
            *(m.norm_set, m.norm_source, m.from_outlines, " ".join(m.uses), m.note),
        )
        for row, m in zip(common.rows, measures, strict=True)
    )
    return Table(common.name, common.title, (*common.columns, *_MORE_COLUMNS), rows)
