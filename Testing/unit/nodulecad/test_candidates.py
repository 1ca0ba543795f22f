"""Detectors on spheres in drawn lung, their order, and the lung box that they look into."""

from __future__ import annotations

import numpy as np
import pytest

from NoduleCADLib.candidates.blobs import Candidate, merged
from NoduleCADLib.candidates.detectors import DETECTORS, large, solid, subsolid
from NoduleCADLib.candidates.field import Field
from NoduleCADLib.measure.location import location


def field_of(*spheres: tuple[tuple[float, float, float], float, float]) -> Field:
    """Lung of 1 mm with spheres (center, diameter, HU) and a straight vessel of 4 mm."""
    random = np.random.default_rng(5)
    hu = np.full((90, 80, 70), -860.0, np.float32)
    x, y, z = np.meshgrid(*[np.arange(count) for count in hu.shape], indexing="ij")
    hu[np.hypot(x - 15, z - 15) < 2.0] = 30
    for center, diameter, value in spheres:
        share = np.clip(
            diameter / 2 - np.sqrt(sum((a - b) ** 2 for a, b in zip((x, y, z), center, strict=True))) + 0.5, 0, 1
        )
        hu = (hu * (1 - share) + value * share).astype(np.float32)
    hu += random.normal(0, 12, hu.shape).astype(np.float32)
    return Field(hu, np.ones(hu.shape, bool), np.ones(3), np.zeros(3), np.ones(3))


@pytest.mark.parametrize(
    ("detector", "diameter", "hu"),
    [(solid, 4.0, 40.0), (solid, 8.0, 40.0), (subsolid, 10.0, -620.0), (subsolid, 16.0, -650.0), (large, 24.0, 30.0)],
)
def test_the_strongest_spot_is_the_sphere(detector: object, diameter: float, hu: float) -> None:
    center = (50.0, 40.0, 35.0)
    found = merged(detector(field_of((center, diameter, hu))), np.ones(3), 50)  # type: ignore[operator]
    assert np.linalg.norm(np.array(found[0].xyz) - center) <= max(1.0, diameter / 8)


def test_a_vessel_is_weaker_than_a_nodule() -> None:
    found = solid(field_of(((50.0, 40.0, 35.0), 5.0, 40.0)))
    nodule = max(each.strength for each in found if np.linalg.norm(np.array(each.xyz) - (50, 40, 35)) < 3)
    vessel = [each.strength for each in found if np.hypot(each.xyz[0] - 15, each.xyz[2] - 15) < 3]
    assert not vessel or max(vessel) < 0.5 * nodule


def test_near_candidates_become_one() -> None:
    found = [
        Candidate((0, 0, 0), 4.0, 5.0, "a"),
        Candidate((2.9, 0, 0), 4.0, 9.0, "b"),
        Candidate((9, 0, 0), 4.0, 1.0, "a"),
    ]
    kept = merged(found, np.ones(3), 10)
    assert [each.strength for each in kept] == [9.0, 1.0]
    assert len(merged(found, np.array([2.0, 1, 1]), 10)) == 3
    assert len(merged(found, np.ones(3), 1)) == 1


def test_three_detectors_run_side_by_side() -> None:
    assert list(DETECTORS) == ["solid", "subsolid", "large"]


def test_location_in_words() -> None:
    lungs = np.zeros((40, 20, 30), np.uint8)
    lungs[:15, :, 3:27], lungs[25:, :, 3:27] = 2, 1
    spacing = np.array([4.0, 4.0, 5.0])
    assert location(lungs, np.array([5.0, 10, 25]), spacing) == "left lung, upper third"
    assert location(lungs, np.array([30.0, 10, 4]), spacing) == "right lung, lower third"
    assert location(lungs, np.array([30.0, 10, 14]), spacing) == "right lung, middle third"
    assert location(np.zeros_like(lungs), np.array([30.0, 10, 4]), spacing) == "outside of the lungs"
