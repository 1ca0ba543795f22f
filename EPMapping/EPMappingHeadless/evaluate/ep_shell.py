"""Conduction velocity of shells with activation at their vertices, as the mapping system interpolated it."""

from __future__ import annotations

import time
from pathlib import Path

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row

COLUMNS = (
    "case", "lat_total_ms", "cv_median", "cv_q25", "cv_q75", "mapped_cm2", "excluded_share", "seconds", "reason",
)  # fmt: skip


def evaluate(run: Evaluation) -> None:
    """Writes ``<case>.vtp`` with ``CV_m_per_s`` and ``Excluded`` on the cells of the input, and per_case.csv.

    Nothing is smoothed. The array of activation is the one of ``--lat``, else the one whose name says so.

    Raises:
        BadInput: no shell in the folder.
    """
    from DeepMedLib.errors import BadInput
    from EPMappingLib.exports.shells import SUFFIXES

    found = sorted(path for path in run.folder.glob("*") if path.suffix.lower() in SUFFIXES)[: run.limit]
    if not found:
        raise BadInput(f"The folder {run.folder} holds no shell ({', '.join(SUFFIXES)}).", "Check INPUT_DIR.")
    rows = run.rows(found, lambda path: _row(run, path), lambda path, reason: {"case": path.stem, "reason": reason})
    run.write(COLUMNS, rows, None)


def _row(run: Evaluation, path: Path) -> Row:
    import numpy as np
    from vtk.util.numpy_support import numpy_to_vtk

    from DeepMedLib.errors import BadInput
    from EPMappingLib.exports.shells import from_poly_data, read_poly_data
    from EPMappingLib.maps.mapping import given_map
    from EPMappingLib.phantom.files import write_surface
    from EPMappingLib.quantities import LAT, chosen, in_ms
    from EPMappingLib.surface.checks import check_surface
    from EPMappingLib.velocity.conduction import KEPT
    from EPMappingLib.velocity.numbers import map_conduction, map_numbers

    started = time.perf_counter()
    data = read_poly_data(path)
    surface, arrays = from_poly_data(data, path.name)
    check_surface(surface)
    name = chosen(arrays, run.lat, LAT)
    if not name:
        raise BadInput(f"{path.name} has no array of activation times.", "Name it with --lat.")
    found = given_map(surface, in_ms(arrays[name], run.unit), None)
    velocities = map_conduction(found)
    numbers = map_numbers(found, velocities, 0.0)
    seconds = time.perf_counter() - started
    for title, values in (
        ("CV_m_per_s", velocities.speeds),
        ("Excluded", (velocities.reasons != KEPT).astype(np.uint8)),
    ):
        array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
        array.SetName(title)
        data.GetCellData().AddArray(array)
    write_surface(data, run.out / f"{path.stem}.vtp")
    low, middle, high = velocities.quartiles
    return {
        "case": path.stem,
        "lat_total_ms": None if numbers.total_ms is None else numbers.total_ms.value,
        "cv_median": middle,
        "cv_q25": low,
        "cv_q75": high,
        "mapped_cm2": numbers.mapped_cm2,
        "excluded_share": numbers.excluded_share,
        "seconds": seconds,
        "reason": "",
    }
