"""A record as a table node: a column of times, then one column a channel."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import slicer
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.remark import Remark
from EEGWaveformsLib.records.record import Record
from EEGWaveformsLib.records.times import from_times

TIME = "time_s"
UNITS, REMARKS, RATE = "DeepMed.EEG.Units", "DeepMed.EEG.Remarks", "DeepMed.EEG.Rate"
_SAVED = 5.001e-6  # of a time: a saved scene keeps six digits of a table's numbers
_TIME_NAMES = re.compile(r"(time|times|t|seconds|sec)([ _]?[\[(]?(s|ms)[\])]?)?", re.IGNORECASE)


def nodeFromRecord(record: Record) -> slicer.vtkMRMLTableNode:
    """A new table node with the record; units and remarks travel as attributes."""
    with sceneTransaction():
        name = slicer.mrmlScene.GenerateUniqueName(Path(record.name).stem)
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
        times = np.arange(record.values.shape[1]) / record.rate_hz
        with slicer.util.NodeModify(node):
            node.SetLocked(True)
            node.SetUseColumnTitleAsColumnHeader(True)
            for title, values in ((TIME, times), *zip(record.labels, record.values, strict=True)):
                column = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
                column.SetName(title)
                node.AddColumn(column)
            node.SetAttribute(UNITS, json.dumps(dict(zip(record.labels, record.units, strict=True))))
            node.SetAttribute(RATE, repr(record.rate_hz))
            node.SetAttribute(REMARKS, json.dumps([remark.to_dict() for remark in record.remarks]))
    return node


def recordFromNode(node: slicer.vtkMRMLTableNode) -> Record:
    """The record that a table node holds, ours or any with a column of times in s or ms.

    :raises BadInput: it has no such column, no channel, or times that are no even grid.
    """
    table, name = node.GetTable(), node.GetName()
    columns = [table.GetColumn(index) for index in range(table.GetNumberOfColumns())]
    timed = [column for column in columns if _TIME_NAMES.fullmatch(column.GetName() or "")]
    if not timed:
        raise BadInput(f"The table {name} has no column of times.", "Name the column with the seconds time_s.")
    numbers = [column for column in columns if column is not timed[0] and column.IsA("vtkDataArray")]
    if not numbers:
        raise BadInput(f"The table {name} has no channel beside its times.", "Give a column of numbers a channel.")
    if not timed[0].IsA("vtkDataArray"):
        raise BadInput(f"The times of the table {name} are words, not numbers.", "Load it with numbers.")
    times = np.array(vtk_to_numpy(timed[0]), float) / (1000 if "ms" in timed[0].GetName().lower() else 1)
    times = _timesBeforeSaving(node, times)
    values = np.stack([np.array(vtk_to_numpy(column)) for column in numbers])
    units = json.loads(node.GetAttribute(UNITS) or "{}")
    known = tuple(Remark.from_dict(each) for each in json.loads(node.GetAttribute(REMARKS) or "[]"))
    even, rate, gaps = from_times(times, values if values.dtype.kind == "f" else values.astype(float), name)
    labels = tuple(column.GetName() or f"Channel {number}" for number, column in enumerate(numbers, 1))
    return Record(name, labels, even, rate, tuple(units.get(label, "") for label in labels), (*known, *gaps))


def _timesBeforeSaving(node: slicer.vtkMRMLTableNode, times: np.ndarray) -> np.ndarray:
    """(n,) s: the times that we wrote, where a saved scene has only rounded them; else as they are."""
    rate = float(node.GetAttribute(RATE) or 0)
    if rate <= 0:
        return times
    written = np.arange(len(times)) / rate
    return written if np.allclose(times, written, rtol=_SAVED, atol=0) else times


def channelNames(node: slicer.vtkMRMLTableNode | None) -> list[str]:
    """The channels of a record's table, without its times."""
    if node is None:
        return []
    table = node.GetTable()
    found = [table.GetColumn(index) for index in range(table.GetNumberOfColumns())]
    numbers = [column.GetName() or "" for column in found if column.IsA("vtkDataArray")]
    return [name for name in numbers if not _TIME_NAMES.fullmatch(name)]


def channelValues(node: slicer.vtkMRMLTableNode, label: str) -> np.ndarray | None:
    """(n,) the samples of a channel; None when the table has lost it. What was not recorded is NaN."""
    column = node.GetTable().GetColumnByName(label)
    return None if column is None or not column.IsA("vtkDataArray") else np.array(vtk_to_numpy(column), float)
