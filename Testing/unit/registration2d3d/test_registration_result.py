"""What a result states of the depth."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from Registration2D3DLib.matching.verdict import judge
from Registration2D3DLib.registration_result import SINGLE, RegistrationResult, ViewFit


def result_of(views: int) -> RegistrationResult:
    found: Any = SimpleNamespace(
        pose=np.eye(4), verdict=judge(0.9, None, 1.0, 0.2, 0.7), similarity=0.9, start_similarity=0.4, dark=False,
        mirrored=False, found_by="network",
    )  # fmt: skip
    fits = tuple(ViewFit(f"x{n}", (0.0, -500.0, 0.0)) for n in range(views))
    return RegistrationResult.of(found, "bone", fits, np.eye(4), np.zeros(3), np.full(3, 80.0), 1.0, [])


def test_one_view_states_no_uncertainty_of_the_depth() -> None:
    result = result_of(1)
    assert result.summary()["depth_sd_mm"] is None
    assert "depth_sd" not in [item.name for item in result.measurements()]
    assert SINGLE in [str(remark.text) for remark in result.remarks]
    assert RegistrationResult.from_json(result.to_json()) == result


def test_several_views_state_it() -> None:
    result = result_of(2)
    assert result.summary()["depth_sd_mm"] == pytest.approx(0.7)
    assert "depth_sd" in [item.name for item in result.measurements()]
    assert RegistrationResult.from_json(result.to_json()) == result
