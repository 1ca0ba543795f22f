"""A study as a CARTO 3 export, zipped: meshes with colors, lists of points, ablation sites."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from EPMappingLib.exports.axes import AXES
from EPMappingLib.exports.study import MISSING, ChamberMap, PointTable, Study

_QUANTITIES = ("Unipolar", "Bipolar", "LAT")
_TITLES = ("Session", "ChannelID", "SiteIndex", "X", "Y", "Z")


def write_carto(study: Study, path: Path) -> Path:
    """Write the maps of a study, each with what it has of LAT, Bipolar and Unipolar.

    Raises:
        OSError: the file cannot be written.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in study.maps:
            archive.writestr(f"{study.name}/{each.name}.mesh", mesh_text(each))
            points = each.points or PointTable(np.zeros((0, 3)), {}, ())
            archive.writestr(f"{study.name}/{each.name}_car.txt", car_text(each.name, points))
        if study.sites is not None:
            places = _own_axes(study.sites.positions)
            rows = [_TITLES, *((7, 0, number, *place) for number, place in enumerate(places.tolist(), 1))]
            text = "\r\n".join("".join(f"{cell:>20}" for cell in row) for row in rows)
            archive.writestr(f"{study.name}/VisiTagExport/Sites.txt", text)
    return path


def _own_axes(points: np.ndarray) -> np.ndarray:
    return np.asarray(points @ AXES["CARTO"])  # the inverse of a rotation is its transpose


def mesh_text(chamber: ChamberMap) -> str:
    """The content of a `.mesh`."""
    vertices, faces = _own_axes(chamber.surface.vertices), chamber.surface.faces
    lines = [
        "#TriangulatedMeshVersion2.0",
        "",
        "[GeneralAttributes]",
        f"NumVertex              = {len(vertices)}",
        f"NumTriangle            = {len(faces)}",
        f"NumVertexColors        = {len(chamber.arrays)}",
        f"ColorsNames            = {'  '.join(chamber.arrays)}",
        "",
        "[VerticesSection]",
        ";                   X             Y             Z        NormalX   NormalY   NormalZ  GroupID",
        "",
    ]
    lines += [f"{n:8d} = {x:13.3f} {y:13.3f} {z:13.3f}  0.0 0.0 1.0 0" for n, (x, y, z) in enumerate(vertices.tolist())]
    lines += ["", "[TrianglesSection]", ""]
    lines += [f"{n:8d} = {a:8d} {b:8d} {c:8d}  0.0 0.0 1.0 0" for n, (a, b, c) in enumerate(faces.tolist())]
    if chamber.arrays:
        values = np.nan_to_num(np.stack(list(chamber.arrays.values()), axis=1), nan=MISSING)
        lines += ["", "[VerticesColorsSection]", ""]
        lines += [f"{n:8d} = " + " ".join(f"{x:13.5f}" for x in row) for n, row in enumerate(values.tolist())]
    return "\r\n".join(lines) + "\r\n"


def car_text(name: str, points: PointTable) -> str:
    """The content of a `_car.txt`."""
    count = len(points)
    unknown = np.full(count, MISSING)
    columns = [np.nan_to_num(points.columns.get(title, unknown), nan=MISSING) for title in _QUANTITIES]
    lines = [f"VERSION_5_0 {name}"]
    for n, place in enumerate(_own_axes(points.positions).tolist()):
        cells = ["P", "0", n + 1, 0, *(f"{x:.4f}" for x in place), 0, 0, 0, *(f"{column[n]:.4f}" for column in columns)]
        lines.append("\t".join(map(str, cells)) + "\t")
    return "\r\n".join(lines) + "\r\n"
