"""The phantom as files: the shell as VTP, the points as CSV, both in RAS mm."""

from __future__ import annotations

from pathlib import Path

import vtk

from DeepMedLib.errors import DiskRefused
from DeepMedLib.report.files import write_whole
from DeepMedLib.results.table import csv_text
from EPMappingLib.exports.study import Study
from EPMappingLib.surface.projection import poly_data


def write_study(study: Study, folder: Path, stem: str) -> tuple[Path, Path]:
    """``<stem>.vtp`` and ``<stem>_points.csv`` of the study's first map.

    Raises:
        DiskRefused: they could not be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chamber = study.maps[0]
    data = poly_data(chamber.surface)
    told = vtk.vtkStringArray()
    told.SetName("SPACE")
    told.InsertNextValue("RAS")
    data.GetFieldData().AddArray(told)
    shell, points = folder / f"{stem}.vtp", folder / f"{stem}_points.csv"
    write_surface(data, shell)
    assert chamber.points is not None
    titles = ("name", "X", "Y", "Z", *chamber.points.columns)
    columns = (*chamber.points.positions.T.tolist(), *(each.tolist() for each in chamber.points.columns.values()))
    write_whole(points, csv_text(titles, zip(chamber.points.names, *columns, strict=True)).encode())
    return shell, points


def write_surface(data: vtk.vtkPolyData, path: Path) -> None:
    """A surface as VTP.

    Raises:
        DiskRefused: it could not be written.
    """
    writer = vtk.vtkXMLPolyDataWriter()
    writer.SetFileName(str(path))
    writer.SetInputData(data)
    if not writer.Write():
        raise DiskRefused(f"{path.name} could not be written.", "Check the space on the disk and the permissions.")
