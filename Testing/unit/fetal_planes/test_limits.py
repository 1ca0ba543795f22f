"""The limits of trust: exactly at each one a region still passes, a hair beyond it does not."""

from __future__ import annotations

import dataclasses

import pytest

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.planes.limits import Limits, reason_to_abstain
from FetalBiometryLib.planes.numbers import cephalic_index, is_useful
from FetalBiometryLib.planes.thorax import contradiction, sentences

VALUES = {
    **{"scale": 1.0, "floor": 0.01, "gain": 1.0, "min_looks": 0.5, "max_spread": 0.04, "max_residual": 0.05},
    **{"min_certainty": 0.6, "min_inside": 0.9, "shape_range": (0.6, 0.9)},
}
LIMITS = Limits(**{field.name: VALUES[field.name] for field in dataclasses.fields(Limits)})
AT = {"looks": 0.5, "spread": 0.04, "residual": 0.05, "certainty": 0.6, "inside": 0.9, "shape": 0.6}


def test_exactly_at_every_limit_a_region_passes() -> None:
    assert reason_to_abstain("head", AT, LIMITS) == ""
    assert reason_to_abstain("head", {**AT, "shape": 0.9}, LIMITS) == ""


@pytest.mark.parametrize(
    ("cue", "beyond", "words"),
    [
        ("looks", 0.499, "too few"),
        ("spread", 0.0401, "disagree"),
        ("residual", 0.0501, "not an ellipse"),
        ("certainty", 0.599, "not sure"),
        ("inside", 0.899, "inside the insonated"),
        ("shape", 0.599, "shape"),
        ("shape", 0.901, "shape"),
    ],
)
def test_a_hair_beyond_it_does_not(cue: str, beyond: float, words: str) -> None:
    assert words in reason_to_abstain("head", {**AT, cue: beyond}, LIMITS)


def test_three_quarters_of_the_heart_lie_inside_the_thorax() -> None:
    assert contradiction({"heart_in_thorax": 0.75, "spine": 1.0}) == ""
    assert "inside the thorax" in contradiction({"heart_in_thorax": 0.749, "spine": 1.0})


def test_a_thorax_is_whole_from_98_5_percent_on() -> None:
    assert "The whole thorax lies inside the picture." in sentences({"thorax_inside": 0.985, "spine": 1.0})
    assert "outside the insonated picture" in sentences({"thorax_inside": 0.984, "spine": 1.0})[0]


def test_a_number_is_useful_while_its_interval_is_half_of_it() -> None:
    assert is_useful(Measurement("HC", 196.0, "mm", 50.0)) and not is_useful(Measurement("HC", 196.0, "mm", 50.1))
    axis = [is_useful(Measurement("CardiacAxis", 45.0, "deg", sd)) for sd in (15.3, 15.4)]
    assert axis == [True, False]


def test_the_cephalic_index_is_the_short_over_the_long_axis() -> None:
    bpd, ofd = (Measurement(name, value, "mm", 1.0) for name, value in (("BPD", 60.0), ("OFD", 80.0)))
    assert cephalic_index(bpd, ofd, None).value == pytest.approx(75.0)
