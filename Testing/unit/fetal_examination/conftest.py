"""Measured pictures made for the tests: exact values on an exact scale, no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from DeepMedLib.measurement import Measurement
from DeepMedLib.picture.scale import Scale
from DeepMedLib.remark import Remark
from FetalBiometryLib.codes import MEASURES
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult


@dataclass(frozen=True)
class Measured:
    """One measured picture: name -> (value, sd, unit)."""

    plane: str
    picture: str
    values: dict[str, tuple[float, float | None, str]]
    frame: int = 0
    quality_score: float = 0.8
    vouched: bool = True
    scale: Scale | None = field(default_factory=lambda: Scale(0.2, 0.2, "DICOM ultrasound region", True))
    provenance: dict[str, str] = field(default_factory=lambda: {"model": "phantom", "date": "2026-01-05T10:00:00"})
    edited: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    said: tuple[Remark, ...] = ()

    def lengths(self) -> list[Measurement]:
        if not self.vouched:
            return []
        return [
            Measurement(n, value, unit, sd, MEASURES.get(n), "phantom 1.0", self.labels.get(n, n))
            for n, (value, sd, unit) in self.values.items()
        ]

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return self.said if self.vouched else (Remark("No measurement is given: nothing was found."),)

    def warnings(self) -> list[str]:
        return [remark.text for remark in self.remarks]

    def to_json(self) -> dict[str, Any]:
        return {"plane": self.plane, "input": self.picture, "measurements": [m.to_dict() for m in self.lengths()]}


def mm(**lengths: float | tuple[float, float]) -> dict[str, tuple[float, float | None, str]]:
    """Lengths in mm, alone or with their uncertainty."""
    pairs = {n: v if isinstance(v, tuple) else (v, None) for n, v in lengths.items()}
    return {n: (float(v), sd, "mm") for n, (v, sd) in pairs.items()}


@pytest.fixture
def of() -> Callable[..., ExaminationResult]:
    """Combines pictures given as (plane, name, values) or as `Measured`."""

    def make(*pictures: Any, skipped: tuple[tuple[str, str], ...] = (), **options: Any) -> ExaminationResult:
        results = [p if isinstance(p, Measured) else Measured(*p) for p in pictures]
        return ExaminationResult.of(results, ExaminationOptions(**options), "Study 7", skipped)

    return make


@pytest.fixture
def measured() -> Callable[..., Measured]:
    """Makes one picture from lengths in mm: ``measured("head", "a.png", HC=(260, 3))``."""

    def make(plane: str, picture: str, **rest: Any) -> Measured:
        known = set(Measured.__dataclass_fields__)
        more = {k: v for k, v in rest.items() if k in known}
        return Measured(plane, picture, mm(**{k: v for k, v in rest.items() if k not in known}), **more)

    return make


@pytest.fixture
def fetus(measured: Callable[..., Measured]) -> list[Measured]:
    """Head, abdomen and femur of the worked example: B 71, H 260, A 240, F 53 mm (BPD outer-inner)."""
    head = measured("head", "head.png", BPD=(71, 0.7), OFD=(92, 0.9), HC=(260, 2.6), labels={"BPD": "BPD outer-inner"})
    abdomen = measured("abdomen", "abdomen.png", AC=(240, 4.8))
    femur = measured("femur", "femur.png", FL=(53, 0.8))
    return [head, abdomen, femur]


@pytest.fixture
def overlay() -> np.ndarray:
    """(60, 80, 3) uint8."""
    return np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
