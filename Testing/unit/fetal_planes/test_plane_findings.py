"""Findings and guesses survive JSON; scores become a guess or an abstention."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import PLANES, Finding, PlaneGuess, bone_is_seen
from FetalBiometryLib.planes.recognition import (
    BONE_CERTAINTY,
    BONE_LOOKS,
    Evidence,
    PlaneClassifier,
    guess_plane,
    probabilities_of,
    reason_against,
    with_evidence,
)

#: Five descriptors, each speaking for one plane.
CLASSIFIER = PlaneClassifier(np.zeros(5), np.ones(5), np.eye(5), np.zeros(5), 1.0, 0.6, 0.6)


def scores(best: str, lead: float, looks: int = 6) -> np.ndarray:
    values = np.zeros((looks, len(PLANES)))
    values[:, PLANES.index(best)] = lead
    return values


def test_finding_survives_json():
    finding = Finding(
        "thorax",
        {"Heart": Ellipse.make(10, 20, 5, 3, 30), "Thorax": Ellipse.make(11, 19, 12, 10, 100)},
        {"Midline": ((0.0, 1.5), (2.0, 3.0))},
        {"HeartArea": 0.05},
        {"CardiacAxis": 7.5},
        ("One.", "Two."),
        True,
        "Too little is seen.",
        {"looks": 6.0},
    )
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding


def test_guess_survives_json_and_refuses_unknown_planes():
    guess = guess_plane(scores("femur", 4.0), CLASSIFIER)
    assert PlaneGuess.from_dict(json.loads(json.dumps(guess.to_dict()))) == guess
    with pytest.raises(ValueError, match="Unknown plane"):
        PlaneGuess.from_dict({**guess.to_dict(), "plane": "knee"})


@pytest.mark.parametrize("plane", PLANES)
def test_clear_scores_are_certain(plane):
    guess = guess_plane(scores(plane, 5.0), CLASSIFIER)
    assert guess.plane == plane and guess.certain and not guess.reason
    assert sum(guess.probabilities.values()) == pytest.approx(1)


def test_close_scores_abstain_and_name_both():
    values = scores("abdomen", 1.0)
    values[:, PLANES.index("thorax")] = 0.9
    guess = guess_plane(values, CLASSIFIER)
    assert not guess.certain
    assert "abdomen" in guess.reason and "thorax" in guess.reason


def test_disagreeing_looks_abstain():
    values = np.concatenate((scores("head", 7.5, 3), scores("other", 1.5, 3)))
    guess = guess_plane(values, CLASSIFIER)
    assert guess.plane == "head" and guess.probabilities["head"] > 0.5
    assert not guess_plane(values, replace(CLASSIFIER, min_probability=0.5)).certain


@given(st.lists(st.floats(-30, 30, width=32, allow_subnormal=False), min_size=30, max_size=30))
def test_probabilities_are_probabilities(values):
    p = probabilities_of(np.array(values).reshape(6, 5), CLASSIFIER)
    assert np.all(p >= 0) and np.allclose(p.sum(1), 1)


def test_a_chosen_plane_is_contradicted_only_by_a_certain_other():
    head = guess_plane(scores("head", 8.0), CLASSIFIER)
    assert "head" in reason_against("abdomen", head)
    assert reason_against("head", head) == ""
    assert reason_against("abdomen", None) == ""
    assert reason_against("abdomen", guess_plane(scores("head", 0.3), CLASSIFIER)) == ""
    assert reason_against("abdomen", guess_plane(scores("thorax", 0.3), CLASSIFIER)) == ""
    assert "an abdomen" in reason_against("femur", guess_plane(scores("abdomen", 8.0), CLASSIFIER))
    assert "none of the four" in reason_against("femur", guess_plane(scores("other", 8.0), CLASSIFIER))


def test_classifier_survives_json():
    rng = np.random.default_rng(3)
    classifier = PlaneClassifier(
        rng.normal(size=7), rng.uniform(0.5, 2, 7), rng.normal(size=(5, 7)), rng.normal(size=5), 1.3, 0.7, 0.6
    )
    again = PlaneClassifier.from_dict(json.loads(json.dumps(classifier.to_dict())))
    x = rng.normal(size=(6, 7))
    assert probabilities_of(x, again) == pytest.approx(probabilities_of(x, classifier), abs=1e-4)
    assert (again.temperature, again.min_probability) == (1.3, 0.7)


def test_a_measured_head_settles_a_doubt():
    doubtful = guess_plane(scores("other", 1.0), CLASSIFIER)
    assert not doubtful.certain
    settled = with_evidence([doubtful], Evidence(head=True, bone=False, thorax=True), CLASSIFIER)
    assert settled.plane == "head" and settled.certain and sum(settled.probabilities.values()) == pytest.approx(1)
    sure = guess_plane(scores("other", 12.0), CLASSIFIER)
    assert not with_evidence([sure], Evidence(head=True, bone=False, thorax=True), CLASSIFIER).certain


def guess_of(**probabilities: float) -> PlaneGuess:
    every = {name: probabilities.get(name, 0.0) for name in PLANES}
    return PlaneGuess(max(every, key=lambda name: every[name]), every, True)


def test_a_bone_names_a_femur_but_is_never_certain():
    views = [guess_of(thorax=0.8, head=0.15, femur=0.05), guess_of(femur=0.3, other=0.7)]
    named = with_evidence(views, Evidence(head=False, bone=True, thorax=False), CLASSIFIER)
    # Both views together, each plane times its factor.
    rest = 0.7 + 0.8 * 0.02 + 0.15 * 0.05
    assert named.plane == "femur" and not named.certain
    assert named.probabilities["femur"] == pytest.approx(0.35 * 7.3 / (0.35 * 7.3 + rest))
    assert "femur" in named.reason and "other" in named.reason
    without = with_evidence(views, Evidence(head=False, bone=False, thorax=False), CLASSIFIER)
    assert without.plane == "other"
    assert without.probabilities["femur"] == pytest.approx(0.35 * 0.08 / (0.35 * 0.08 + rest))


@pytest.mark.parametrize(("abdomen", "named"), [(0.34, "abdomen"), (0.32, "other")])
def test_a_plane_is_named_from_half_the_probability_of_other_on(abdomen, named):
    views = [guess_of(abdomen=abdomen, other=1 - abdomen)]
    assert with_evidence(views, Evidence(head=False, bone=True, thorax=True), CLASSIFIER).plane == named


@pytest.mark.parametrize(("looks", "certainty", "seen"), [(4, 0.70, True), (3, 0.70, False), (4, 0.6999, False)])
def test_what_counts_as_a_bone(looks, certainty, seen):
    finding = Finding.nothing("femur", "", {"looks": looks, "certainty": certainty})
    assert bone_is_seen(finding, BONE_LOOKS, BONE_CERTAINTY) is seen
    assert not bone_is_seen(Finding.nothing("femur", ""), BONE_LOOKS, BONE_CERTAINTY)
