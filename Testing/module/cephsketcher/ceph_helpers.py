"""A landmark network that answers what the test says, and the sample film that all these tests look at."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.sample_film import SampleFilm, sample_film
from DeepMedLib.jobs.task import TaskResult

SEED = 7
FLAGGED = ("Po", "Go")
REASON = "No lateral head film was recognized in the picture."
MODEL = {"model": "landmarks", "version": "9.9.9", "sha256": "0" * 64, "device": "CPU", "engine": "none"}


def sample() -> SampleFilm:
    """The generated film that all tests share; made once."""
    return sample_film(SEED)


def found_points(truth: LandmarkSet) -> LandmarkSet:
    """True points with the uncertainty that a network would give them; two of them flagged."""
    return LandmarkSet(
        tuple(
            replace(
                point,
                covariance=((16.0, 0.0), (0.0, 9.0)),
                confidence=0.4 if point.symbol in FLAGGED else 0.9,
                flagged=point.symbol in FLAGGED,
                source="network",
            )
            for point in truth
        )
    )


class AnsweringCeph:
    """Stands in for CephSketcherLib.landmarks.task: answers with the landmarks that the test gave for a film."""

    def __init__(self) -> None:
        self.answers: list[SampleFilm] = []
        self.error: Exception | None = None
        self.seen = 0
        self.options: dict[str, Any] = {}

    def add(self, truth: SampleFilm) -> None:
        """Answer this film with its own landmarks, also where rounding changed a grey level."""
        self.answers.append(truth)

    def run(self, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Any) -> TaskResult:
        """As landmarks.task.run, noise on standard output included."""
        print("noise of a library")
        self.seen += 1
        self.options = dict(options)
        if self.error is not None:
            raise self.error
        progress(0.5, "Looking")
        film = arrays["film"].astype(float)
        for truth in self.answers:
            pixels = truth.film.pixels
            if pixels.shape == film.shape and np.abs(pixels - film).mean() < 0.5:
                return TaskResult({}, answer(found_points(truth.landmarks), truth.facing))
        return TaskResult({}, answer(LandmarkSet()))


def answer(points: LandmarkSet, facing: str = "right") -> dict[str, Any]:
    """The values of landmarks.task.run; abstained without points."""
    return {
        "landmarks": points.to_dict(),
        "proposal": points.to_dict(),
        "facing": facing,
        "facing_certainty": 0.9,
        "inverted": False,
        "abstained": not points.points,
        "reason": "" if points.points else REASON,
        "notes": [],
        "details": {},
        **MODEL,
    }


def install_ceph(monkeypatch: pytest.MonkeyPatch) -> AnsweringCeph:
    """Puts an answering network in the place of the trained one; torch is not imported."""
    network = AnsweringCeph()
    stub = types.ModuleType("CephSketcherLib.landmarks.task")
    stub.run = network.run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "CephSketcherLib.landmarks.task", stub)
    return network


def values(nodes: Any) -> dict[str, float]:
    """The measures of a tracing by name."""
    return {measure.name: measure.value for measure in nodes.result.measures}


def position(node: Any, index: int) -> np.ndarray:
    """World RAS of a control point."""
    return np.array(node.GetNthControlPointPositionWorld(index))


def trace(module: Any, widget: Any) -> Any:
    """What Apply does with the answer of a perfect network; returns the nodes."""
    if widget._parameterNode.film is None:
        widget.onSample()
    widget._preparation = widget.logic.prepare(widget._parameterNode.film)
    widget._onComputed(module.TaskResult({}, answer(found_points(sample().landmarks))))
    return widget.resultPanel.nodes


def measured(widget: Any) -> dict[str, float]:
    """The measures that the panel shows."""
    return {measure.name: measure.value for measure in widget.resultPanel.nodes.result.measures}


def drag(widget: Any, symbol: str, forward: float) -> None:
    """As a hand does: the point moves, then the hand rests."""
    nodes = widget.resultPanel.nodes
    index = nodes.result.landmarks.symbols.index(symbol)
    x, y, z = nodes.handle.GetNthControlPointPositionWorld(index)
    nodes.handle.SetNthControlPointPositionWorld(index, x - forward, y, z)


def curve_points(curve: Any) -> np.ndarray:
    """World RAS of a curve's control points."""
    import slicer

    return np.array(slicer.util.arrayFromMarkupsControlPoints(curve, world=True))
