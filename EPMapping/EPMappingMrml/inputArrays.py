"""What the task gets: the shell with activation and voltage of points, or of the shell's own arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from DeepMedLib.remark import Gravity, Remark
from EPMappingLib.exports.study import PointTable
from EPMappingLib.maps.interpolation import LEAST_POINTS
from EPMappingLib.quantities import BIPOLAR, LAT, chosen, in_ms
from EPMappingLib.surface.mesh import Surface
from EPMappingMrml.studyNodes import pointsFromNode, remarksOf, shellFromNode


def taskInput(
    shellNode: slicer.vtkMRMLModelNode, pointsNode: slicer.vtkMRMLTableNode | None, asked: dict[str, Any]
) -> tuple[Surface, dict[str, np.ndarray], dict[str, Any]]:
    """The shell, the arrays of the task, and its options beside those of the module.

    :param asked: the module's options.
    :raises BadInput: an array or column that was named is not there, or several may be meant.
    """
    surface, held = shellFromNode(shellNode)
    points = None if pointsNode is None else pointsFromNode(pointsNode)
    remarks = remarksOf(shellNode)
    if points is not None and held and not _enough(points, asked):
        text = f"{len(points)} points have too few values to interpolate; those at the shell's vertices were taken."
        remarks.append(Remark(text, Gravity.NOTE))
        points = None
    values = held if points is None else points.columns
    lat, bipolar = chosen(values, asked["lat"], LAT), chosen(values, asked["bipolar"], BIPOLAR)
    arrays = {"vertices": surface.vertices, "faces": surface.faces}
    if lat:
        arrays["lat_ms"] = in_ms(values[lat], asked["unit"])
    if bipolar:
        arrays["bipolar_mv"] = values[bipolar]
    if points is not None:
        arrays["positions"] = points.positions
    more = {
        "shell": shellNode.GetName(),
        "lat_name": lat,
        "bipolar_name": bipolar,
        "point_names": [] if points is None else list(points.names),
        "remarks": [remark.to_dict() for remark in remarks],
    }
    return surface, arrays, more


def _enough(points: PointTable, asked: dict[str, Any]) -> bool:
    """Whether enough points have activation or voltage."""
    names = (
        chosen(points.columns, asked[option], quantity) for option, quantity in (("lat", LAT), ("bipolar", BIPOLAR))
    )
    return any(name and np.isfinite(points.columns[name]).sum() >= LEAST_POINTS for name in names)
