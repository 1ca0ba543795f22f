"""Marks in the form of LUNA16's submissions: seriesuid, coordX, coordY, coordZ (LPS mm), probability."""

from __future__ import annotations

from collections.abc import Sequence

from DeepMedLib.results.table import csv_text
from NoduleCADLib.mark import NoduleMark

HEADER = ("seriesuid", "coordX", "coordY", "coordZ", "probability")


def luna_csv(series: str, marks: Sequence[NoduleMark]) -> str:
    """All marks of a scan; ``series`` is its SeriesInstanceUID, or its name where it has none."""
    rows = [(series, -mark.position[0], -mark.position[1], mark.position[2], mark.score) for mark in marks]
    return csv_text(HEADER, rows)
