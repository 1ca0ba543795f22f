"""CARTO's `.mesh` files: "TriangulatedMeshVersion2.0", sections of lines ``number = values``."""

from __future__ import annotations

import re

import numpy as np

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.study import known
from EPMappingLib.surface.mesh import Surface

_FIRST_LINE = "#TriangulatedMeshVersion"
_NO_GROUP = -1000000  # triangles that the system took out of the chamber


def read_mesh(content: bytes, name: str) -> tuple[Surface, dict[str, np.ndarray]]:
    """The shell in the file's own axes, and the colors at its vertices by name ("LAT", "Bipolar" ...).

    Raises:
        BadInput: it is no such file, or one that was cut off.
    """
    text = content.decode("latin-1")
    if not text.startswith(_FIRST_LINE):
        raise BadInput(f"{name} is no CARTO mesh.", "Give a file that CARTO exported.")
    sections = _sections(text)
    vertices = _numbers(sections.get("VerticesSection", []))
    triangles = _numbers(sections.get("TrianglesSection", []))
    wrong = vertices.shape[1] < 3 or triangles.shape[1] < 3
    if wrong or not len(vertices) or not len(triangles):
        raise BadInput(f"{name} holds no vertices or no triangles.", "Export the map again.")
    told = _told_counts(sections.get("GeneralAttributes", []))
    if told and told != (len(vertices), len(triangles)):
        raise BadInput(
            f"{name} says {told[0]} vertices and {told[1]} triangles and holds {len(vertices)} and {len(triangles)}.",
            "Export the map again.",
        )
    faces = triangles[:, :3].astype(int)
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise BadInput(f"{name} has triangles with vertices that are not there.", "Export the map again.")
    if triangles.shape[1] > 6:
        faces = faces[triangles[:, 6] != _NO_GROUP]
    return Surface(vertices[:, :3], faces), _colors(sections, len(vertices))


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        title = re.match(r"\s*\[(\w+)\]", line)
        if title:
            lines = found.setdefault(title[1], [])
        elif "=" in line and not line.lstrip().startswith(";"):
            lines.append(line)
    return found


def _numbers(lines: list[str]) -> np.ndarray:
    """(N, K) what stands right of the equal signs; lines of another length than the first are left out."""
    rows = [line.split("=", 1)[1].split() for line in lines]
    width = len(rows[0]) if rows else 0
    try:
        return np.array([row for row in rows if len(row) == width], float).reshape(-1, width)
    except ValueError:
        return np.zeros((0, 0))


def _told_counts(lines: list[str]) -> tuple[int, int] | None:
    told = {key.strip(): value.strip() for key, value in (line.split("=", 1) for line in lines)}
    try:
        return int(told["NumVertex"]), int(told["NumTriangle"])
    except (KeyError, ValueError):
        return None


def _colors(sections: dict[str, list[str]], count: int) -> dict[str, np.ndarray]:
    attributes = {key.strip(): value for key, value in (s.split("=", 1) for s in sections.get("GeneralAttributes", []))}
    names = attributes.get("ColorsNames", "").split()
    values = _numbers(sections.get("VerticesColorsSection", []))
    if len(values) != count:
        return {}
    return {name: known(values[:, index]) for index, name in enumerate(names[: values.shape[1]])}
