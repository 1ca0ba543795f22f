"""A ball with a wave of 0.6 m/s, as every kind of file that EP Mapping reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from EPMappingLib.exports.study import AblationSites, ChamberMap, PointTable, Study
from EPMappingLib.phantom.carto_files import write_carto
from EPMappingLib.phantom.shells import sphere, sphere_distance
from EPMappingLib.surface.projection import poly_data

SPEED = 0.6
_WRITERS = {".vtp": vtk.vtkXMLPolyDataWriter, ".vtk": vtk.vtkPolyDataWriter, ".stl": vtk.vtkSTLWriter}


def ball_study(count: int = 120) -> Study:
    """A map with arrays and points, one without either, and two ablation sites; RAS mm."""
    surface = sphere(3)
    lat = sphere_distance(surface, 0) / SPEED
    voltage = np.where(surface.vertices[:, 2] > 10, 0.2, 2.0)
    at = np.random.default_rng(5).choice(len(lat), count, replace=False)
    names = tuple(f"P{number + 1}" for number in range(count))
    points = PointTable(surface.vertices[at], {"LAT": lat[at], "Bipolar": voltage[at]}, names)
    maps = (ChamberMap("2-Map", surface, {"LAT": lat, "Bipolar": voltage}, points), ChamberMap("1-Map", sphere(2)))
    return Study("Export_Study", maps, AblationSites(surface.vertices[:2], ("Ablation 1", "Ablation 2")))


def write_ball(path: Path) -> None:
    """The ball as a shell with the arrays ``lat``, ``LAT`` in s and ``bi``, or its points as CSV, by the suffix."""
    chamber = ball_study().maps[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        assert chamber.points is not None
        rows = np.column_stack([chamber.points.positions * [-1, -1, 1], *chamber.points.columns.values()])
        lines = ["X,Y,Z,LAT,Bipolar", *(",".join(f"{cell:.5f}" for cell in row) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    data = poly_data(chamber.surface)
    data.GetPoints().SetData(numpy_to_vtk(np.ascontiguousarray(chamber.surface.vertices * [-1, -1, 1]), deep=True))
    arrays = {"lat": chamber.arrays["LAT"], "bi": chamber.arrays["Bipolar"]}
    if path.suffix == ".vtk":
        arrays = {"LAT": chamber.arrays["LAT"] / 1000}
    for name, values in arrays.items():
        array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
        array.SetName(name)
        data.GetPointData().AddArray(array)
    writer = _WRITERS[path.suffix]()
    writer.SetFileName(str(path))
    writer.SetInputData(data)
    writer.Write()


def write_ball_export(path: Path) -> None:
    """The whole study as CARTO exports it."""
    write_carto(ball_study(), path)
