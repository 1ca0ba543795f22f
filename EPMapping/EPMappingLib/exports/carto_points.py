"""CARTO's points: `_car.txt`, and the XML of each point where that file is not there."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.study import PointTable, known

_POINT, _XYZ, _UNIPOLAR, _BIPOLAR, _LAT = 2, slice(4, 7), 10, 11, 12
"""Columns of a line of `_car.txt`, the letter P being column 0."""


def read_car(content: bytes, name: str) -> PointTable:
    """The points of a `_car.txt`, in the file's own axes.

    Raises:
        BadInput: it is no such file, or a line is cut off.
    """
    lines = content.decode("latin-1").splitlines()
    if not lines or not lines[0].startswith("VERSION"):
        raise BadInput(f"{name} is no CARTO list of points.", "Give a file that CARTO exported.")
    rows = [words for line in lines[1:] if (words := line.split("\t")) and words[0].strip() == "P"]
    if any(len(words) <= _LAT for words in rows):
        raise BadInput(f"A line of {name} is cut off.", "Export the map again.")
    positions = np.array([[_number(word) for word in words[_XYZ]] for words in rows], float).reshape(-1, 3)
    columns = {
        title: known(np.array([_number(words[at]) for words in rows], float))
        for title, at in (("LAT", _LAT), ("Bipolar", _BIPOLAR), ("Unipolar", _UNIPOLAR))
    }
    return PointTable(positions, columns, tuple(f"P{words[_POINT].strip()}" for words in rows))


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")


def read_point_xml(index: bytes, open_file: Callable[[str], bytes | None], name: str) -> PointTable:
    """The points that `_Points_Export.xml` lists, from their own files, in the file's own axes.

    The activation time is the map annotation less the reference annotation, in ms; an annotation outside of the
    window of interest is none.

    Args:
        open_file: the content of a file of the export by its name; None where it is not there.

    Raises:
        BadInput: the XML cannot be read.
    """
    rows: list[list[float]] = []
    names: list[str] = []
    for point in _root(index, name).iter("Point"):
        content = open_file(point.get("File_Name", ""))
        if content is None:
            continue
        found = _root(content, name)
        voltages, annotations = found.find("Voltages"), found.find("Annotations")
        unipolar, bipolar = (
            _number("" if voltages is None else voltages.get(key, "")) for key in ("Unipolar", "Bipolar")
        )
        lat = float("nan") if annotations is None else _lat(annotations, found.find("WOI"))
        rows.append([*_position(found, open_file), lat, bipolar, unipolar])
        names.append(f"P{point.get('ID', len(names) + 1)}")
    values = np.array(rows, float).reshape(-1, 6)
    columns = {title: known(values[:, 3 + at]) for at, title in enumerate(("LAT", "Bipolar", "Unipolar"))}
    return PointTable(values[:, :3], columns, tuple(names))


def _lat(annotations: ElementTree.Element, window: ElementTree.Element | None) -> float:
    lat = _number(annotations.get("Map_Annotation", "")) - _number(annotations.get("Reference_Annotation", ""))
    if window is None:
        return lat
    inside = _number(window.get("From", "-inf")) <= lat <= _number(window.get("To", "inf"))
    return lat if inside else float("nan")


def _position(point: ElementTree.Element, open_file: Callable[[str], bytes | None]) -> list[float]:
    """Of the tip's electrode when the point was annotated; NaN where the export does not hold it."""
    for connector in point.iter("Connector"):
        for file_name in connector.attrib.values():
            if not re.search(r"Ele\w*trode_Positions_OnAnnotation", file_name):
                continue
            lines = (open_file(file_name) or b"").decode("latin-1").splitlines()
            for words in (line.split() for line in lines[2:]):
                if len(words) >= 5:
                    return [_number(word) for word in words[2:5]]
    return [float("nan")] * 3


def _root(content: bytes, name: str) -> ElementTree.Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadInput(f"{name} declares entities of its own.", "Give a file that CARTO exported.")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise BadInput(f"{name} cannot be read: {error}.", "Export the map again.") from error
