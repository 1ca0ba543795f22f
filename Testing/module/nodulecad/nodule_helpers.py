"""A small scan with two marks, without a network."""

from __future__ import annotations

from typing import Any

import numpy as np

from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Task, TaskResult
from NoduleCADLib.mark import NoduleMark
from NoduleCADLib.nodules_result import NodulesResult

GRID = Grid.from_parts(np.array([1.0, 1.0, 2.0]), np.array([-20.0, -15.0, 100.0]), np.eye(3), (24, 30, 40))


def marks() -> tuple[NoduleMark, ...]:
    first = NoduleMark(
        1,
        (-10.0, -5.0, 120.0),
        0.9,
        "solid",
        "left lung, upper third",
        "solid",
        *(9.0, 7.0, 8.0, 0.5, 250.0, 40.0, 4),
        mean_hu=20.0,
        dense_share=0.0,
        opinion=3.4,
        opinion_of_size=3.1,
    )
    return first, NoduleMark(2, (5.0, 5.0, 110.0), 0.4, "subsolid", "right lung, lower third")


def result() -> NodulesResult:
    thresholds = ((0.125, 0.95), (1.0, 0.8), (8.0, 0.3))
    person = {"risk": "high", "age": 63.0, "sex": "female", "family_history": False, "emphysema": False}
    return NodulesResult("scan", GRID.size_ijk, (1.0, 1.0, 2.0), 2.0, marks(), thresholds, 1.0, person, candidates=300)


def scan() -> tuple[np.ndarray, np.ndarray]:
    """Values (k, j, i) HU and labels of the first mark."""
    values = np.full(GRID.shape_kji, -850, np.int16)
    labels = np.zeros(GRID.shape_kji, np.uint8)
    i, j, k = (round(float(value)) for value in GRID.ras_points_to_ijk(np.array(marks()[0].position)))
    values[k - 2 : k + 3, j - 4 : j + 5, i - 4 : i + 5] = 30
    labels[k - 2 : k + 3, j - 4 : j + 5, i - 4 : i + 5] = 1
    return values, labels


def finished(logic: Any) -> Any:
    """The marks in the scene."""
    from DeepMedLib.mrml.inputs.volumes import volumeFromArray
    from DeepMedLib.mrml.logic.moduleLogic import Preparation

    values, labels = scan()
    volume = volumeFromArray(values, GRID, "scan")
    task = Task("NoduleCADLib.nodules_task:run", {}, {})
    return logic.finish(Preparation(volume, task), TaskResult({"labels": labels}, {"result": result().to_json()}))
