"""A CARTO 3 export: its maps with their points, and the ablation sites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from EPMappingLib.exports.archive import Files, files_of_folder, files_of_zip
from EPMappingLib.exports.axes import to_ras
from EPMappingLib.exports.carto_mesh import read_mesh
from EPMappingLib.exports.carto_points import read_car, read_point_xml
from EPMappingLib.exports.carto_sites import read_sites
from EPMappingLib.exports.study import AblationSites, ChamberMap, PointTable, Study
from EPMappingLib.surface.mesh import Surface

_SITES = "Sites.txt"


def read_export(path: Path, axes: str) -> Study:
    """Every map of an export.

    Args:
        path: a folder, a zip file, or one `.mesh` with its files beside it.
        axes: how its coordinates lie, see `exports.axes`.

    Raises:
        BadInput: there is no map, or a file is damaged.
    """
    if path.suffix.lower() == ".mesh":
        files, wanted = files_of_folder(path.parent) if path.parent.is_dir() else {}, path.name
    else:
        files, wanted = files_of_folder(path) if path.is_dir() else files_of_zip(path), ""
    meshes = [each for each in files if each.suffix.lower() == ".mesh" and wanted in ("", each.name)]
    if not meshes:
        raise BadInput(
            f"{path.name} holds no CARTO map (.mesh).", "Give the folder or zip file that CARTO's export wrote."
        )
    maps = tuple(_map(files, mesh, axes) for mesh in meshes)
    return Study(path.stem, maps, _sites(files, axes), _remarks(maps, axes))


def _map(files: Files, mesh: PurePosixPath, axes: str) -> ChamberMap:
    surface, arrays = read_mesh(files[mesh](), mesh.name)
    points = _points(files, mesh)
    if points is not None:
        points = replace(points, positions=to_ras(points.positions, axes))
    return ChamberMap(mesh.stem, Surface(to_ras(surface.vertices, axes), surface.faces), arrays, points)


def _points(files: Files, mesh: PurePosixPath) -> PointTable | None:
    car = mesh.with_name(f"{mesh.stem}_car.txt")
    listed = mesh.with_name(f"{mesh.stem}_Points_Export.xml")
    points = read_car(files[car](), car.name) if car in files else None
    if points is None and listed in files:

        def open_file(name: str) -> bytes | None:
            place = mesh.with_name(name or "-")
            return files[place]() if place in files else None

        points = read_point_xml(files[listed](), open_file, listed.name)
    return points if points is not None and len(points) else None


def _sites(files: Files, axes: str) -> AblationSites | None:
    for path in files:
        if path.name == _SITES and "VisiTag" in path.parent.name:
            sites = read_sites(files[path](), path.name)
            return replace(sites, positions=to_ras(sites.positions, axes)) if len(sites.names) else None
    return None


def _remarks(maps: tuple[ChamberMap, ...], axes: str) -> tuple[Remark, ...]:
    found = []
    if len(maps) > 1:
        listed = ", ".join(f"{each.name} ({len(each.points or ())} points)" for each in maps)
        found.append(Remark(f"The study holds {len(maps)} maps: {listed}.", Gravity.NOTE))
    if axes == "CARTO":
        text = "CARTO's axes (x, y, z) were taken as RAS (-x, z, y), which its maker does not document: confirm by eye."
        found.append(Remark(text, Gravity.NOTE))
    return tuple(found)
