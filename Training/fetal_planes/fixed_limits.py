"""Floors, gains and limits of abstention: few abdomens and femurs with known truth are too few to fit them."""

from __future__ import annotations

from typing import Any

#: Fixed before any figure was measured.
LIMITS: dict[str, dict[str, Any]] = {
    "abdomen": {
        "floor": 0.02,
        "gain": 0.5,
        "max_spread": 0.10,
        "max_residual": 0.09,
        "min_certainty": 0.55,
        "min_inside": 0.55,
        "min_looks": 4,
        "shape_range": (0.72, 1.0),
    },
    "femur": {
        "floor": 0.03,
        "gain": 0.0,
        "max_spread": 0.10,
        "max_residual": 1.0,
        "min_certainty": 0.40,
        "min_inside": 1.0,
        "min_looks": 4,
        "shape_range": (0.0, 1.0),
    },
    "heart": {
        "floor": 0.02,
        "gain": 0.5,
        "max_spread": 0.15,
        "max_residual": 0.12,
        "min_certainty": 0.45,
        "min_inside": 0.80,
        "min_looks": 4,
        "shape_range": (0.40, 1.0),
    },
    "thorax": {
        "floor": 0.02,
        "gain": 0.5,
        "max_spread": 0.10,
        "max_residual": 0.12,
        "min_certainty": 0.45,
        "min_inside": 0.50,
        "min_looks": 4,
        "shape_range": (0.60, 1.0),
    },
}
