"""Runs `deepmed` inside the test process, with a network that answers what the test says."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from deepmed_headless.cli.app import app
from DeepMedLib.jobs.task import TaskResult
from FetalBiometryLib.phantom.head import HeadPhantom, head_phantom
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding

SD = {"HC": 0.01, "BPD": 0.012, "OFD": 0.014}
REASON = "The network is not sure that this is a fetal head."
MODEL = {"model": "head", "version": "9.9.9", "sha256": "0" * 64, "device": "CPU", "engine": "none"}


class AnsweringNetwork:
    """Stands in for FetalBiometryLib.inference.task: answers with the ellipse that the test gave for a picture."""

    def __init__(self) -> None:
        self.ellipses: dict[bytes, Ellipse] = {}
        self.abstains = False
        self.error: Exception | None = None
        self.seen = 0

    def add(self, phantom: HeadPhantom, ellipse: Ellipse | None = None) -> None:
        """Answer this phantom's picture with an ellipse, its true one by default."""
        self.ellipses[phantom.picture.tobytes()] = ellipse or phantom.skull

    def ellipse_of(self, path: Path) -> Ellipse:
        """The answer for a picture file."""
        return self.ellipses[np.asarray(Image.open(path)).tobytes()]

    def run(self, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Any) -> TaskResult:
        """As task.run with every picture a head, noise on standard output included."""
        print("noise of a library")
        self.seen += 1
        if self.error is not None:
            raise self.error
        picture = arrays["picture"]
        ellipse = self.ellipses.get(picture.tobytes())
        progress(0.5, "Look 1 of 1")
        if ellipse is None:
            finding = Finding.nothing("head", "No fetal head was found in the picture.", {"looks": 0.0})
            labels = np.zeros(picture.shape, np.uint8)
        else:
            reason = REASON if self.abstains else ""
            words = ("Cavum septi pellucidi seen.",)
            finding = Finding("head", {"HC": ellipse}, {}, SD, {}, words, self.abstains, reason, {"quality_score": 0.9})
            labels = (ellipse.mask(*picture.shape) > 0).astype(np.uint8)
        asked = options.get("plane") == "head"
        guess = None if asked else {"plane": "head", "probabilities": {"head": 1.0}, "certain": True, "reason": ""}
        told = {"plane": "head", "guess": guess, "abstained": finding.abstained, "reason": finding.reason}
        return TaskResult({"labels": labels}, {**told, "finding": finding.to_dict(), **MODEL})

    def run_many(self, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any], progress: Any) -> TaskResult:
        """As task.run_many with every picture a head."""
        found = [self.run({"picture": arrays[f"picture_{n}"]}, options, progress) for n in range(len(arrays))]
        labels = {f"labels_{n}": result.arrays["labels"] for n, result in enumerate(found)}
        return TaskResult(labels, {"results": [dict(result.values) for result in found]})


def install_network(monkeypatch: pytest.MonkeyPatch) -> AnsweringNetwork:
    """Puts an answering network in the place of the trained ones; torch is not imported.

    The task that recognises planes takes every picture for a head.
    """
    network = AnsweringNetwork()
    stub = types.ModuleType("FetalBiometryLib.inference.task")
    stub.run, stub.run_many = network.run, network.run_many  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "FetalBiometryLib.inference.task", stub)
    return network


def save_phantom(path: Path, seed: int = 7, hc_mm: float = 180.0, ruler: bool = False) -> HeadPhantom:
    """Writes a small phantom as a picture file."""
    phantom = head_phantom(seed, height=270, width=400, hc_mm=hc_mm, ruler=ruler)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(phantom.picture).save(path)
    return phantom


def deepmed(*arguments: object) -> Any:
    """Runs a command; the result has exit_code, stdout and stderr."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="deepmed")


def files_of(folder: Path) -> set[str]:
    """Names in a folder, hidden ones included."""
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def true_lengths(phantom: HeadPhantom) -> dict[str, float]:
    """HC, BPD and OFD of a phantom in mm."""
    mm = phantom.skull.scaled(phantom.spacing_mm)
    return {"HC": mm.perimeter, "BPD": 2 * mm.b, "OFD": 2 * mm.a}
