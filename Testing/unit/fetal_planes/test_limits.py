"""Every limit of a region holds on both of its sides, and uncertainty grows as its formula says."""

import pytest

from FetalBiometryLib.planes.limits import Limits, first_reason, reason_to_abstain

LIMITS = Limits(
    scale=2.0,
    floor=0.01,
    gain=0.5,
    max_spread=0.05,
    max_residual=0.04,
    min_certainty=0.8,
    min_inside=0.6,
    min_looks=4,
    shape_range=(0.6, 0.99),
)
GOOD = {"looks": 6.0, "spread": 0.01, "residual": 0.01, "certainty": 0.97, "inside": 1.0, "shape": 0.8}


@pytest.mark.parametrize(
    ("cue", "last_good", "first_bad", "word"),
    [
        ("looks", 4.0, 3.0, "too few"),
        ("spread", 0.05, 0.0501, "disagree"),
        ("residual", 0.04, 0.0401, "not an ellipse"),
        ("certainty", 0.8, 0.7999, "not sure"),
        ("inside", 0.6, 0.5999, "inside the insonated"),
        ("shape", 0.6, 0.5999, "shape"),
        ("shape", 0.99, 0.9901, "shape"),
    ],
)
def test_each_limit_on_both_sides(cue, last_good, first_bad, word):
    assert reason_to_abstain("head", GOOD | {cue: last_good}, LIMITS) == ""
    reason = reason_to_abstain("head", GOOD | {cue: first_bad}, LIMITS)
    assert word in reason and "head" in reason


def test_cues_of_one_region_among_several():
    details = {f"heart_{name}": value for name, value in GOOD.items()} | {"thorax_spread": 9.0}
    assert reason_to_abstain("heart", details, LIMITS, "heart_") == ""


def test_uncertainty_is_the_root_of_the_squares():
    assert LIMITS.relative_sd(0.0) == pytest.approx(2 * 0.01)
    assert LIMITS.relative_sd(0.02) == pytest.approx(2 * (0.01**2 + 0.02**2) ** 0.5)
    assert LIMITS.relative_sd(0.02, 0.06) == pytest.approx(2 * (0.01**2 + 0.02**2 + 0.03**2) ** 0.5)


def test_a_length_has_its_own_scale_and_floor():
    record = vars(LIMITS) | {"scale": {"HC": 1.5, "BPD": 3.0}, "floor": {"HC": 0.002, "BPD": 0.004}}
    bpd = Limits.from_dict(record, "BPD")
    assert (bpd.scale, bpd.floor, bpd.gain, bpd.shape_range) == (3.0, 0.004, 0.5, (0.6, 0.99))
    assert Limits.from_dict(vars(LIMITS)) == LIMITS


def test_the_first_reason_is_told():
    assert first_reason(["", "b", "c"]) == "b" and first_reason(["", ""]) == ""
