"""Lateral films of any clinic: 19 landmarks in pixels of the given files, scale from films.csv where it is there."""

from __future__ import annotations

from CephSketcherHeadless.evaluate._films import Pixels, evaluate_films
from deepmed_headless.cli.evaluate.scoring import Evaluation, positive, read_table

SCALES = ("mm_per_px", "mm_per_px_ruler")


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, and metrics.json where readers' tables are there.

    Raises:
        BadInput: no such folder, or no picture in it.
        BundleRefused: the shipped model is missing or was changed.
    """
    scales = {}
    for record in read_table(run.folder / "films.csv"):
        found = next((v for v in (positive(record.get(name)) for name in SCALES) if v is not None), None)
        if record.get("film") and found is not None:
            scales[record["film"]] = found
    evaluate_films(run, "ceph_films", lambda film, *size: Pixels((1.0, 1.0), scales.get(film)), lambda films: {})
