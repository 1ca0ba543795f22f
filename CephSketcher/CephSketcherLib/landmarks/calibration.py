"""Numbers fixed on films not trained on: how widths become uncertainties, and when to flag or to abstain (numpy)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from CephSketcherLib.landmarks.shape_model import ShapeModel


@dataclass(frozen=True)
class Calibration:
    """What goes with the networks of one layout.

    Attributes:
        layout: name of the layout, see `layout.LAYOUTS`.
        shape: the canonical face and how faces differ.
        gain: (L,) factor on each raw covariance; the 95 % ellipse then covers 95 % of the readers' points.
        floor: px^2 of the face, added to each variance.
        typical: (L,) usual standard uncertainty, face pixels; a point is flagged above ``flag`` times that.
        flag: see ``typical``.
        max_surprise: SD from where the other points place it, above which a point is flagged.
        min_score: mean coarse peak below which nothing is vouched for.
        min_lead: how much better the film must look this way round than mirrored or inverted.
        max_distance: shape distance above which nothing is vouched for.
        max_spread: median distance between the fine looks, face pixels, above which nothing is vouched for.
        min_mass: median share of the distributions near their mean, below which nothing is vouched for.
        agreement: face pixels, median distance within which the specialist network's points are averaged in.
    """

    layout: str
    shape: ShapeModel
    gain: np.ndarray
    floor: float
    typical: np.ndarray
    flag: float
    max_surprise: float
    min_score: float
    min_lead: float
    max_distance: float
    max_spread: float
    min_mass: float
    agreement: float

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Calibration:
        """From the bundle's ``configs/calibration.json``."""
        values = {name: record[name] for name in cls.__dataclass_fields__}
        values["shape"] = ShapeModel.from_dict(values["shape"])
        for name in ("gain", "typical"):
            values[name] = np.array(values[name], float)
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        record = {name: getattr(self, name) for name in self.__dataclass_fields__}
        record["shape"] = self.shape.to_dict()
        return record | {name: np.round(record[name], 5).tolist() for name in ("gain", "typical")}

    def covariance(self, raw: np.ndarray, face_scale: float) -> np.ndarray:
        """(L, 2, 2) px^2 of the film, calibrated.

        Args:
            raw: (L, 2, 2) px^2 of the film, of `FineLooks`.
            face_scale: face pixels a film pixel.
        """
        return self.gain[:, None, None] * (raw + self.floor / face_scale**2 * np.eye(2))


def standard_deviation(covariances: np.ndarray) -> np.ndarray:
    """(...,) root of the mean eigenvalue of (..., 2, 2)."""
    return np.sqrt(0.5 * np.trace(covariances, axis1=-2, axis2=-1))
