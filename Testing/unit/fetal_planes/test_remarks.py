"""What makes a number doubtful is said first, on both sides of each limit; what says nothing is no number."""

import pytest

from DeepMedLib.measurement import Measurement
from DeepMedLib.picture.scale import Scale
from DeepMedLib.remark import Gravity
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.lines import lines_of
from FetalBiometryLib.planes.numbers import is_useful
from FetalBiometryLib.planes.options import MeasureOptions
from FetalBiometryLib.planes.remarks import grave_sentences
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.planes.thorax import contradiction

SD = {"HC": 0.01, "BPD": 0.012, "OFD": 0.014}
SCALE = Scale(0.2, 0.2, "typed", True)


def head(**details: float) -> Finding:
    return Finding("head", {"HC": Ellipse.make(400, 270, 250, 200, 12)}, {}, SD, {}, (), False, "", details)


def result_of(finding: Finding, lines: dict) -> PictureResult:
    made = {"scale": SCALE, "options": MeasureOptions(), "provenance": {"model": "m"}}
    return PictureResult(finding.plane, "p.png", 0, 1, 800, 540, finding, lines, **made)


@pytest.mark.parametrize(
    ("details", "grave"),
    [({"skull": 0.5}, 0), ({"skull": 0.4999}, 1), ({"inside": 0.85}, 0), ({"inside": 0.8499}, 1), ({}, 0)],
)
def test_grave_cues(details, grave):
    assert len(grave_sentences(head(**details))) == grave


def test_the_printed_line_leads_with_the_gravest():
    finding = head(skull=0.26, inside=1.0)
    result = result_of(finding, lines_of(finding, [0.2, 0.2]))
    assert result.remarks[0].gravity is Gravity.GRAVE
    assert result.headline().startswith("Only 26 % of the skull is seen. HC 283.6 \u00b1 2.8 mm, BPD 80.0")


@pytest.mark.parametrize(
    ("unit", "value", "sd", "useful"),
    [
        ("", 0.15, 0.15 * 0.5 / 1.96, True),
        ("", 0.15, 0.15 * 0.501 / 1.96, False),
        ("deg", 45.0, 30.0 / 1.96, True),
        ("deg", 45.0, 30.1 / 1.96, False),
        ("mm", 100.0, None, True),
        ("mm", None, 5.0, True),
    ],
)
def test_what_interval_a_result_may_have(unit, value, sd, useful):
    assert is_useful(Measurement("X", value, unit, sd)) is useful


def test_a_number_with_a_useless_interval_is_told_not_given():
    lines = {"FL": ((100.0, 100.0), (300.0, 100.0))}
    finding = Finding("femur", {}, lines, {"FL": 0.3}, {}, (), False, "", {})
    result = result_of(finding, lines_of(finding, [0.2, 0.2]))
    assert result.lengths() == []
    assert any("is not given" in sentence and "24 mm about 40 mm" in sentence for sentence in result.warnings())


@pytest.mark.parametrize(
    ("heart", "spine", "word"), [(0.75, 1.0, ""), (0.7499, 1.0, "outline lies inside"), (1.0, 0.0, "No spine")]
)
def test_anatomical_contradictions(heart, spine, word):
    said = contradiction({"heart_in_thorax": heart, "spine": spine})
    assert word in said and bool(said) == bool(word)
